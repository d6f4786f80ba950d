"""What a screen reader announces: the content of two hidden live regions, and nothing else."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

from playwright.async_api import Page, WebSocketRoute, expect

from support.world import Window, World
from tests.browser.conftest import Elsewhere, EnterRoom

# Records the texts of the two regions in order, in an attribute that a test can wait for. Typing is counted separately,
# because it may come at any time.
_LISTEN = """
const spoken = [];
addEventListener("DOMContentLoaded", () => {
  for (const [id, how] of [["announcer", "politely"], ["alerter", "now"]]) {
    const region = document.getElementById(id);
    if (!region) continue;
    const hear = () => {
      const { dataset } = document.documentElement;
      const typing = region.textContent.match(/[^.]* is typing[.]/g) ?? [];
      const words = region.textContent.replace(/[^.]* is typing[.]/g, "").trim();
      dataset.typing = Number(dataset.typing ?? 0) + typing.length;
      if (words) spoken.push(`${how}: ${words}`);
      dataset.spoken = spoken.join(" | ");
    };
    new MutationObserver(hear).observe(region, { childList: true, characterData: true, subtree: true });
  }
});
"""


async def _listen(page: Page) -> None:
    """Prepare a window with the recorder."""
    await page.add_init_script(_LISTEN)


async def _focus(window: Window) -> None:
    # The announcer loads with the second half of the page, as the member list does.
    await expect(window.member_list).to_be_visible()
    await window.composer.focus()


async def _hears(window: Window, *said: str) -> None:
    """Check everything announced since the page loaded."""
    await expect(window.page.locator("html")).to_have_attribute("data-spoken", " | ".join(said))


async def test_only_the_two_live_regions_speak(world: World, enter: EnterRoom) -> None:
    world.seed("room", "voices", owner="alice", members=["bob"], said=120)
    alice = await enter("alice", "voices")
    await alice.say("/mute nobody 10")
    await expect(alice.problem).to_be_visible()
    await alice.say("/broadcast Listen all of you")
    await expect(alice.toasts).to_be_visible()
    live = await _live_parts(alice)
    assert sorted(live) == [("alert", "assertive"), ("status", "polite")]
    assert await alice.page.locator("[aria-live]").evaluate_all("(parts) => parts.map((part) => part.role)") == ["log"]
    assert await alice.timeline.evaluate("(log) => log.ariaLive") == "off"


async def test_the_two_speak_in_an_open_dialog_as_well(world: World, enter: EnterRoom, elsewhere: Elsewhere) -> None:
    world.seed("room", "dialogue", owner="alice", members=["bob"])
    alice, bob = await elsewhere("alice"), await enter("bob", "dialogue", prepare=_listen)
    await _focus(bob)
    both = [("alert", "assertive"), ("status", "polite")]
    await bob.page.keyboard.press("Control+k")
    await expect(bob.page.get_by_role("combobox", name="Room or person")).to_be_focused()
    assert sorted(await _live_parts(bob)) == both
    await alice.say("dialogue", "Hello")
    await _hears(bob, "politely: Alice Arden: Hello.")
    await bob.page.keyboard.press("Escape")
    await expect(bob.composer).to_be_focused()
    assert sorted(await _live_parts(bob)) == both


async def test_new_messages_of_others_are_spoken(world: World, enter: EnterRoom, elsewhere: Elsewhere) -> None:
    world.seed("room", "heard", owner="alice", members=["bob"], said=120)
    world.seed("room", "heard-elsewhere", owner="alice", members=["bob"], said=3)
    alice, bob = await elsewhere("alice"), await enter("bob", "heard", prepare=_listen)
    await _focus(bob)
    await bob.say("My own words")
    await bob.has_sent("My own words")
    await bob.page.evaluate("document.querySelector('[role=log]').scrollTop = 0")
    await bob.sees("line 60")
    await alice.do("react", room="heard", seq=121, emoji="👍", on=True)
    await expect(bob.reactions_of("My own words").first).to_be_visible()
    await bob.room_link("heard-elsewhere").click()
    await bob.sees("line 3")
    await alice.say("heard", "Not where he is")
    await expect(bob.unread("heard")).to_have_text("1")
    await bob.room_link("heard").click()
    await bob.sees("Not where he is")
    await alice.say("heard", "Can you hear me?")
    await _hears(bob, "politely: Alice Arden: Can you hear me?")


async def test_a_burst_is_spoken_as_a_number(world: World, enter: EnterRoom, elsewhere: Elsewhere) -> None:
    world.seed("room", "burst", owner="alice", members=["bob"])

    async def with_a_clock(page: Page) -> None:
        await page.clock.install()
        await _listen(page)

    alice, bob = await elsewhere("alice"), await enter("bob", "burst", prepare=with_a_clock)
    bob.idle = None  # or the next window of this context would have the fake clock
    await _focus(bob)
    # His clock stands still meanwhile.
    await bob.page.clock.pause_at(datetime.now() + timedelta(hours=1))
    for number in range(1, 6):
        await alice.say("burst", f"word {number}")
        await bob.sees(f"word {number}")
    await bob.page.clock.run_for(5_000)
    await _hears(bob, "politely: Alice Arden: word 1.", "politely: 5 new messages.")


async def test_missed_messages_are_counted_after_the_reconnect(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("room", "return", owner="alice", members=["bob"], said=3)
    alice, bob = await elsewhere("alice"), await enter("bob", "return", alone=True, prepare=_listen)
    await _focus(bob)
    await bob.goes_offline()
    await expect(bob.offline).to_be_visible()
    for number in (1, 2):
        await alice.say("return", f"missed {number}")
    await _hears(bob, "politely: You are offline.")
    await bob.context.set_offline(False)
    await bob.sees("missed 2")
    # In one announcement or two, in any order.
    both = re.compile(r"^politely: You are offline\. \| (?=.*Reconnected\.)(?=.*2 new messages\.)((?!missed).)*$")
    await expect(bob.page.locator("html")).to_have_attribute("data-spoken", both)


async def test_a_failed_send_is_spoken_at_once_and_its_retry_too(world: World, enter: EnterRoom) -> None:
    world.seed("room", "repair", owner="alice")
    refusing = True

    def door(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def hear(frame: str | bytes) -> None:
            command = json.loads(frame)
            if refusing and command["type"] == "chat_message":
                refusal = {"type": "error", "code": "forbidden", "message": "Not here."}
                socket.send(json.dumps(refusal | {"client_id": command["client_id"]}))
            else:
                server.send(frame)

        socket.on_message(hear)

    async def with_a_door(page: Page) -> None:
        await page.route_web_socket("**/ws/chat/", door)
        await _listen(page)

    alice = await enter("alice", "repair", prepare=with_a_door)
    await _focus(alice)
    await alice.say("Hello")
    await _hears(alice, "now: Not sent: Not here.")
    refusing = False
    await alice.row("Hello").get_by_role("button", name="Retry").click()
    await alice.has_sent("Hello")
    await _hears(alice, "now: Not sent: Not here.", "politely: Sent.")


async def test_a_mute_and_a_removal_are_spoken_at_once(world: World, enter: EnterRoom, elsewhere: Elsewhere) -> None:
    world.seed("room", "gavel", owner="alice", members=["bob"])
    alice, bob = await elsewhere("alice"), await enter("bob", "gavel", prepare=_listen)
    await _focus(bob)
    await alice.do("command", command="mute", room="gavel", username="bob", minutes=10)
    muted = "now: A moderator muted you here for now."
    await _hears(bob, muted)
    await alice.do("command", command="kick", room="gavel", username="bob")
    await _hears(bob, muted, "now: You were removed from #gavel.")


async def test_typing_is_spoken_once(world: World, enter: EnterRoom, elsewhere: Elsewhere) -> None:
    world.seed("room", "tapping", owner="alice", members=["bob"])
    alice, bob = await elsewhere("alice"), await enter("bob", "tapping", prepare=_listen)
    await _focus(bob)
    for _ in range(2):
        await alice.send("typing", room="tapping", is_typing=True)
        await expect(bob.typing).to_have_text("Alice Arden is typing")
        await alice.send("typing", room="tapping", is_typing=False)
        await expect(bob.typing).to_have_text("")
    await alice.say("tapping", "Now")
    await _hears(bob, "politely: Alice Arden: Now.")
    await expect(bob.page.locator("html")).to_have_attribute("data-typing", "1")


async def _live_parts(window: Window) -> list[tuple[str, str]]:
    """Role and politeness of every live region in the accessibility tree; its descendants inherit both."""
    session = await window.context.new_cdp_session(window.page)
    tree: dict[str, Any] = await session.send("Accessibility.getFullAXTree")
    found = []
    for node in tree["nodes"]:
        facts = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
        root = facts.get("root") in (None, node.get("backendDOMNodeId"))
        if facts.get("live") in ("polite", "assertive") and root and not node.get("ignored"):
            found.append((node["role"]["value"], facts["live"]))
    await session.detach()
    return found
