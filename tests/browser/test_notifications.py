"""Desktop notifications: which messages notify, which window does, and how the page asks for permission."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from support.world import Window, World
from tests.browser.conftest import Elsewhere, EnterRoom
from tests.browser.test_files import attach
from tests.browser.test_files import text as text_file

# Headless Chromium shows no notifications: this records those that it would have shown.
RECORD = """
window.shown = [];
window.Notification = class extends EventTarget {
  static permission = "%s";
  static requestPermission = async () => (window.Notification.permission = "granted");
  constructor(title, options) {
    super();
    window.shown.push({ title, body: options.body, silent: options.silent });
    document.documentElement.dataset.shown = window.shown.length;
  }
  close() {
    const page = document.documentElement;
    page.dataset.closed = Number(page.dataset.closed ?? 0) + 1;
  }
};
"""
_NONE_WAITS = """async () => {
  const { held, pending } = await navigator.locks.query();
  const ours = ({ name }) => name.startsWith("notifies:");
  return held.some(ours) && !pending.some(ours);
}"""
LOOK_AWAY = "document.hasFocus = () => false"


@pytest.fixture(autouse=True)
def _defaults_again(world: World) -> Any:
    yield
    world.seed("forget_preferences")


async def away(enter: EnterRoom, room: str, permission: str) -> Window:
    """Alice's window, without the focus."""

    async def record(page: Page) -> None:
        await page.add_init_script(RECORD % permission)

    window = await enter("alice", room, prepare=record)
    await window.page.evaluate(LOOK_AWAY)
    return window


async def was_notified(window: Window, *, times: int) -> None:
    await expect(window.page.locator("html")).to_have_attribute("data-shown", str(times))


async def test_a_mention_notifies_while_the_window_has_no_focus(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("room", "call", owner="alice", members=["bob"])
    alice, bob = await away(enter, "call", "granted"), await elsewhere("bob")
    await bob.say("call", "nothing for anybody")
    await bob.say("call", "@alice have a look")
    await alice.sees("have a look")
    await was_notified(alice, times=1)
    assert await alice.page.evaluate("shown") == [
        {"title": "Bob Birch in #call", "body": "@alice have a look", "silent": False}
    ]
    await alice.page.evaluate("document.hasFocus = () => true")
    await bob.say("call", "@alice again")
    await alice.sees("again")
    assert await alice.page.evaluate("shown.length") == 1


async def test_what_an_import_brings_into_an_open_room_notifies_no_one(
    world: World, enter: EnterRoom, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    world.seed("room", "attic-talk", owner="alice", members=["bob"])
    alice, bob = await away(enter, "attic-talk", "granted"), await elsewhere("bob")
    said = [{"type": "message", "user": "U1", "ts": f"170411040{n}.000100", "text": f"<@U2> {n}"} for n in range(3)]
    people = [{"id": "U1", "name": "old"}, {"id": "U2", "name": "alice"}]
    channels = [{"id": "C7", "name": "tea"}]
    files = {"users.json": people, "channels.json": channels, "tea/2024-01-01.json": said}
    for name, value in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(value))
    (tmp_path / "rooms").write_text("C7,attic-talk\n")
    (tmp_path / "people").write_text("U2,alice\n")
    choices = ("--rooms", str(tmp_path / "rooms"), "--people", str(tmp_path / "people"))
    await asyncio.to_thread(world.server.manage, "import", "slack", str(tmp_path), *choices)
    await alice.sees("@alice 2")
    await bob.say("attic-talk", "@alice news")
    await alice.sees("news")
    await was_notified(alice, times=1)
    assert await alice.page.evaluate("shown[0].body") == "@alice news"


async def test_the_quieter_of_room_and_personal_level_applies(world: World, enter: EnterRoom) -> None:
    world.seed("room", "levels", owner="alice", members=["bob"])
    world.seed("prefer", "alice", notify="all", sound=False)
    alice, bob = await away(enter, "levels", "granted"), await enter("bob", "levels")
    await bob.say("everything")
    await was_notified(alice, times=1)
    assert await alice.page.evaluate("shown[0].silent")
    await attach(bob, text_file("tides.txt"))
    await bob.composer.press("Enter")
    await was_notified(alice, times=2)
    assert await alice.page.evaluate("shown[1].body") == "tides.txt"
    await alice.page.get_by_role("button", name="Notifications", exact=True).click()
    await alice.page.get_by_role("menuitem", name="Mute until I unmute").click()
    await expect(alice.page.get_by_role("button", name="Notifications, muted")).to_be_visible()
    await bob.say("not this")
    await bob.say("@alice but this")
    await was_notified(alice, times=3)
    assert await alice.page.evaluate("shown[2].body") == "@alice but this"


async def test_a_reaction_notifies_its_author_who_asked_for_it_without_a_sound(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("room", "applause", owner="alice", members=["bob"], said=1)
    world.seed("attend", "alice", reactions=True, silent=0b10000)
    alice, bob = await away(enter, "applause", "granted"), await elsewhere("bob")
    await bob.say("applause", "@alice well done")
    await was_notified(alice, times=1)
    await bob.do("react", room="applause", seq=1, emoji="🎉", on=True)
    await was_notified(alice, times=2)
    assert await alice.page.evaluate("shown[1]") == {
        "title": "Bob Birch reacted with 🎉",
        "body": "line 1",
        "silent": True,
    }
    assert await alice.page.evaluate("shown[0].silent") is False


async def test_an_edit_that_adds_a_mention_notifies_and_one_that_removes_it_closes_the_notification(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("room", "edited", owner="alice", members=["bob"])
    alice, bob = await away(enter, "edited", "granted"), await elsewhere("bob")
    await bob.say("edited", "hello")
    await alice.sees("hello")
    for text, shown, closed in (("@alice hello", 1, 0), ("hello again", 1, 1), ("hello, @alice", 2, 1)):
        await bob.do("edit_message", room="edited", seq=1, message=text)
        await alice.sees(text)
        await was_notified(alice, times=shown)
        if closed:
            # The row updates before the notification.
            await expect(alice.page.locator("html")).to_have_attribute("data-closed", str(closed))
    await bob.do("delete_message", room="edited", seq=1)
    await expect(alice.page.locator("html")).to_have_attribute("data-closed", "2")
    await expect(alice.room_link("edited")).to_have_attribute("data-calls", "0")


async def test_notifications_are_offered_only_after_a_missed_mention(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("room", "ask", owner="alice", members=["bob"])
    alice, bob = await away(enter, "ask", "default"), await elsewhere("bob")
    await bob.say("ask", "just talk")
    await alice.sees("just talk")
    offer = alice.page.get_by_role("region", name="Notifications")
    await expect(offer).to_have_count(0)
    await bob.say("ask", "@alice hello")
    await expect(offer).to_contain_text("Bob Birch mentioned you while you were away.")
    await offer.get_by_role("button", name="Turn on").click()
    await expect(offer).to_have_count(0)
    await bob.say("ask", "@alice once more")
    await was_notified(alice, times=1)


async def test_a_declined_offer_is_not_repeated(world: World, enter: EnterRoom, elsewhere: Elsewhere) -> None:
    world.seed("room", "decline", owner="alice", members=["bob"])
    alice, bob = await away(enter, "decline", "default"), await elsewhere("bob")
    await bob.say("decline", "@alice hello")
    offer = alice.page.get_by_role("region", name="Notifications")
    await offer.get_by_role("button", name="Not now").click()
    await bob.say("decline", "@alice still there?")
    await alice.sees("still there?")
    await expect(offer).to_have_count(0)


async def test_of_two_windows_the_last_focused_one_notifies(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("room", "two-windows", owner="alice", members=["bob"])
    first, bob = await away(enter, "two-windows", "granted"), await elsewhere("bob")
    second = Window(world, "alice", first.context, await first.context.new_page())
    await second.page.add_init_script(RECORD % "granted")
    await second.open("two-windows")
    await second.page.evaluate(LOOK_AWAY)
    await bob.say("two-windows", "@alice which?")
    await was_notified(second, times=1)
    await first.sees("which?")
    assert await first.page.evaluate("shown.length") == 0
    await second.page.close()
    # The lock of the closed page passes to the other one.
    await first.page.wait_for_function(_NONE_WAITS)
    await bob.say("two-windows", "@alice and now?")
    await was_notified(first, times=1)


async def test_a_browser_that_denies_notifications_is_explained(enter: EnterRoom) -> None:
    denied = RECORD % "denied"
    page = (await enter("alice", "/settings/", prepare=lambda page: page.add_init_script(denied))).page
    await expect(page.locator("[data-permission]")).to_contain_text("Allow them in the site settings")
    await expect(page.locator("[data-permission-ask]")).to_be_hidden()
