"""A lost network or a restarted server loses no message."""

from collections.abc import Callable

from playwright.async_api import WebSocketRoute, expect

from support.password import PASSWORD
from support.servers import Server
from support.wire import texts
from support.world import CAST, World
from tests.browser.conftest import Elsewhere, EnterRoom


async def test_an_offline_member_misses_nothing(world: World, enter: EnterRoom, elsewhere: Elsewhere) -> None:
    world.seed("room", "away", owner="alice", members=["bob"], said=3)
    alice, bob = await elsewhere("alice"), await enter("bob", "away", alone=True)
    await bob.context.set_offline(True)
    await expect(bob.offline).to_be_visible()
    # Offline, the page cannot know who is online, so it does not show it.
    await expect(bob.member_list).to_contain_text("who is here is not known")
    await expect(bob.member_list.get_by_role("heading", level=3)).to_have_count(0)
    await expect(bob.member_list.get_by_test_id("presence")).to_have_count(0)
    await alice.say("away", "Bob cannot hear this")
    await alice.do("edit_message", room="away", seq=3, message="line three")
    await bob.context.set_offline(False)
    await bob.sees("Bob cannot hear this")
    await bob.sees("line three")
    await expect(bob.member_list.get_by_role("heading", level=3).first).to_have_text("Online, 2")
    assert await bob.texts() == ["line 1", "line 2", "line three (edited)", "Bob cannot hear this"]


async def test_a_killed_server_costs_no_message(
    world: World, start_server: Callable[..., Server], enter: EnterRoom
) -> None:
    first = start_server()
    own = World(world.browser, first)
    own.seed("people", CAST)
    own.seed("room", "crash", owner="alice", members=["bob"], said=2)
    alice, bob = await enter("alice", "crash", among=own), await enter("bob", "crash", among=own)
    await own.close()
    first.kill()
    for number in range(1, 4):
        await alice.say(f"Written while away {number}")
    await expect(alice.delivery_of("Written while away 1")).to_have_text("Waiting for connection")
    await expect(alice.offline).to_contain_text("3 messages will send")
    with start_server(env={"PORT": str(first.port)}, data_dir=first.data_dir):
        await alice.page.get_by_role("button", name="Try now").click()
        # By now the retry delay can be up to half a minute, but the page tries at once when the network is back.
        await bob.page.evaluate("dispatchEvent(new Event('online'))")
        await expect(alice.reconnected).to_have_text("Reconnected. 3 messages sent.")
        for number in range(1, 4):
            await alice.has_sent(f"Written while away {number}")
            await bob.sees(f"Written while away {number}")
        assert await bob.texts() == ["line 1", "line 2", *(f"Written while away {number}" for number in range(1, 4))]
        assert await alice.texts() == await bob.texts()


async def test_a_reload_keeps_the_draft_and_the_unsent_message(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("room", "keep", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "keep"), await elsewhere("bob")

    # The page loads but the socket cannot connect: the message stays unsent across the reload.
    async def refuse(socket: WebSocketRoute) -> None:
        await socket.close(code=1011)

    await alice.page.route_web_socket("**/ws/chat/", refuse)
    await alice.page.reload()
    await alice.say("Unsent")
    await alice.composer.press_sequentially("Half a thou")
    await alice.page.reload()
    await expect(alice.composer).to_have_value("Half a thou")
    await alice.sees("Unsent")
    again = await alice.context.new_page()
    await alice.page.close()
    await again.goto(f"{world.server.url}/rooms/keep/")
    alice.page = again
    await again.evaluate("window.refusedByPolicy = []")
    await alice.has_sent("Unsent")
    await bob.hears("message", room="keep", message="Unsent")
    await expect(alice.composer).to_have_value("Half a thou")


async def test_a_lost_ack_does_not_duplicate_the_message(world: World, enter: EnterRoom, elsewhere: Elsewhere) -> None:
    world.seed("room", "twice", owner="alice", members=["bob"])
    bob = await elsewhere("bob")
    lost: list[str] = []

    def swallow_first_answer(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        async def from_server(frame: str | bytes) -> None:
            if not lost and '"ack"' in str(frame):
                lost.append(str(frame))
                await socket.close(code=1011)
            elif lost or '"Said once"' not in str(frame):
                socket.send(frame)

        server.on_message(from_server)
        socket.on_message(server.send)

    alice = await enter(
        "alice", "twice", prepare=lambda page: page.route_web_socket("**/ws/chat/", swallow_first_answer)
    )
    await alice.say("Said once")
    await alice.has_sent("Said once")
    assert lost
    await bob.say("twice", "I read it once")
    await alice.sees("I read it once")
    await bob.rest()
    assert texts([event for event in bob.heard if event.get("room") == "twice"]) == ["Said once", "I read it once"]
    assert await alice.texts() == ["Said once", "I read it once"]


async def test_a_refused_message_stays_with_its_reason(world: World, enter: EnterRoom, elsewhere: Elsewhere) -> None:
    world.seed("room", "hush", owner="alice", members=["bob"])
    alice = await elsewhere("alice")
    late = True

    # He writes before his page hears of the mute.
    def hold_the_mute(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda frame: None if late and '"muted_until"' in str(frame) else socket.send(frame))

    bob = await enter("bob", "hush", prepare=lambda page: page.route_web_socket("**/ws/chat/", hold_the_mute))
    await alice.do("command", command="mute", room="hush", username="bob", minutes=10)
    await bob.say("But I have something to say")
    failed = bob.row("But I have something to say")
    await expect(failed.get_by_test_id("delivery")).to_contain_text("Not sent")
    late = False
    await bob.page.reload()
    await expect(bob.dock).to_contain_text("A moderator muted you here until")
    await expect(failed.get_by_test_id("delivery")).to_contain_text("Not sent")
    await alice.do("command", command="unmute", room="hush", username="bob")
    await expect(bob.composer).to_be_visible()
    await failed.get_by_role("button", name="Delete").click()
    await expect(failed).to_have_count(0)


async def test_a_mute_while_writing_keeps_the_draft(world: World, enter: EnterRoom, elsewhere: Elsewhere) -> None:
    world.seed("room", "mid-word", owner="alice", members=["bob"])
    alice, bob = await elsewhere("alice"), await enter("bob", "mid-word")
    await bob.composer.fill("Half a thought")
    await alice.do("command", command="mute", room="mid-word", username="bob", minutes=10)
    bar = bob.dock
    await expect(bar).to_contain_text("A moderator muted you here until")
    await expect(bar).to_contain_text("What you wrote is kept.")
    await expect(bob.composer).to_have_count(0)
    await alice.do("command", command="unmute", room="mid-word", username="bob")
    await expect(bob.composer).to_have_value("Half a thought")


async def test_a_sign_out_elsewhere_is_shown_and_keeps_the_draft(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"ivy": "Ivy Iris"})
    world.seed("room", "exit", owner="ivy")
    ivy = await enter("ivy", "exit")
    await ivy.composer.press_sequentially("Not finished")
    token = next(cookie for cookie in await ivy.context.cookies() if cookie.get("name") == "csrftoken")
    answer = await ivy.context.request.post(
        f"{world.server.url}/accounts/logout/",
        headers={"X-CSRFToken": str(token.get("value")), "Referer": world.server.url},
    )
    assert answer.ok
    ended = ivy.session_ended
    await expect(ended).to_contain_text("Your session ended. Drafts are saved on this device.")
    await ended.get_by_role("link", name="Sign in").click()
    await ivy.page.get_by_label("Username").fill("ivy")
    await ivy.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await ivy.page.get_by_role("button", name="Sign in").click()
    await ivy.page.wait_for_url("**/rooms/exit/")
    await expect(ivy.composer).to_have_value("Not finished")


async def test_an_unsent_message_is_not_sent_as_the_next_person(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"jan": "Jan Juniper", "kim": "Kim Kelp"})
    world.seed("room", "shared", owner="jan", members=["kim"])
    jan = await enter("jan", "shared", alone=True)
    await jan.goes_offline()
    await expect(jan.offline).to_be_visible()
    await jan.say("Only Jan says this")
    # Kim signs in on Jan's computer, in another tab.
    await jan.context.clear_cookies()
    state = world.signed_in("kim")
    await jan.context.add_cookies(state["cookies"])
    await jan.context.set_offline(False)
    await expect(jan.account).to_contain_text("Kim Kelp")
    await jan.is_connected()
    await jan.sees("Only Jan says this", times=0)
    await jan.say("Kim here")
    await jan.has_sent("Kim here")
    assert await jan.texts() == ["Kim here"]
