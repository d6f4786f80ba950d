"""Connections break and servers restart: no message sent is lost, no event missed or passed on twice."""

import asyncio
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from chatclient import (
    Ack,
    ChatClient,
    Connected,
    ConnectionLost,
    Disconnected,
    Event,
    History,
    JoinedRoom,
    Message,
    NoSuchRoom,
    NotSignedIn,
    Reloaded,
    RemovedFromRoom,
    SignedOut,
    TooManySockets,
)
from chatclient.errors import AnswerLost, ConnectionEnded
from tests.chatclient.clients import client_of
from tests.chatclient.fakes import QUICK, FakeChat


async def texts(client: ChatClient, until: str) -> list[str]:
    """The messages received, up to the one with this text."""
    seen = []
    async for event in client:
        if isinstance(event, Message):
            seen.append(event.text)
            if event.text == until:
                return seen
    raise AssertionError("The events ended.")


async def events(client: ChatClient, *, until: type[Event]) -> list[Event]:
    seen = []
    async for event in client:
        seen.append(event)
        if isinstance(event, until):
            return seen
    raise AssertionError("The events ended.")


async def test_alice_sends_and_hears_herself() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        ack = await alice.send("hello")

        assert isinstance(ack, Ack)
        assert (ack.room, ack.seq, ack.duplicate) == ("lobby", 1, False)
        assert await texts(alice, until="hello") == ["hello"]


async def test_the_first_events_say_who_and_where_one_is() -> None:
    async with FakeChat() as server:
        await server.post("before")
        async with client_of(server) as alice:
            first = [await anext(alice) for _ in range(4)]

    assert [event.type for event in first] == ["authenticated", "joined_room", "connected", "history"]
    assert isinstance(first[1], JoinedRoom)
    assert first[1].rev == 1
    assert first[2] == Connected(again=False)
    assert isinstance(first[3], History)
    assert [message.text for message in first[3].messages] == ["before"]


async def test_messages_of_a_restart_arrive_once_and_in_order() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        await server.post("one")
        await texts(alice, until="one")
        await server.stop()
        await server.post("two")
        await server.post("three")
        await server.start()
        await events(alice, until=Connected)
        await server.post("four")

        assert await texts(alice, until="four") == ["two", "three", "four"]


async def test_the_page_of_a_reconnect_is_not_news() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        await server.post("one")
        await texts(alice, until="one")
        server.abort_all()
        seen = await events(alice, until=Connected)
        await server.post("two")
        seen += await events(alice, until=Message)

    assert [event.type for event in seen] == ["disconnected", "joined_room", "connected", "message"]


async def test_a_live_event_that_overtakes_the_resume_waits_for_it() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        await server.post("one")
        await texts(alice, until="one")

        async def post_first(socket: ServerConnection, command: dict[str, Any]) -> bool:
            if command["type"] == "resume":
                await server.post("three")
            return False

        server.on_command = post_first
        server.abort_all()
        while server.sockets:
            await asyncio.sleep(0)
        await server.post("two")

        assert await texts(alice, until="three") == ["two", "three"]


async def test_a_message_that_changed_twice_while_away_arrives_once() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        await server.post("one")
        await texts(alice, until="one")
        await server.stop()
        await server.edit(1, "one, mended")
        await server.edit(1, "one, mended again")
        await server.start()
        await server.post("end")

        assert await texts(alice, until="end") == ["one, mended again", "end"]


async def test_too_much_to_resume_is_read_from_the_pages() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        server.changes_at_most = 50
        await server.post("message 0")
        await texts(alice, until="message 0")
        await server.stop()
        for number in range(1, 251):
            await server.post(f"message {number}")
        await server.edit(1, "changed unseen")
        await server.start()

        assert (await events(alice, until=Reloaded))[-1] == Reloaded(room="lobby", since_seq=1)
        assert await texts(alice, until="message 250") == [f"message {number}" for number in range(1, 251)]
        await server.edit(7, "live again")
        assert await texts(alice, until="live again") == ["live again"]


async def test_a_restored_backup_is_reported_and_read_anew() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        for text in ("one", "two"):
            await server.post(text)
        await texts(alice, until="two")
        await server.stop()
        server.epoch, server.rev = "two", 1
        del server.messages[1:]
        await server.start()

        assert (await events(alice, until=Reloaded))[-1] == Reloaded(room="lobby", since_seq=0)
        page = (await events(alice, until=History))[-1]
        assert isinstance(page, History)
        assert [message.text for message in page.messages] == ["one"]
        await server.post("another two")
        assert await texts(alice, until="another two") == ["another two"]


async def test_a_message_whose_acknowledgement_was_lost_arrives_once() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        lost = 0

        async def lose_the_first_acks(socket: ServerConnection, command: dict[str, Any]) -> bool:
            nonlocal lost
            if command["type"] != "chat_message" or lost == 3:
                return False
            lost += 1
            if lost == 1:
                await server.post(command["message"], client_id=command["client_id"])
            socket.transport.abort()
            return True

        server.on_command = lose_the_first_acks
        ack = await alice.send("only once")

        assert ack.duplicate
        assert server.texts == ["only once"]


async def test_messages_submitted_together_arrive_in_order_through_breaks() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        breaks = 0

        async def break_every_seventh(socket: ServerConnection, command: dict[str, Any]) -> bool:
            nonlocal breaks
            if command["type"] == "chat_message" and len(server.messages) % 7 == 3 and breaks < 5:
                breaks += 1
                if breaks % 2:
                    await server.post(command["message"], client_id=command["client_id"])
                socket.transport.abort()
                return True
            return False

        server.on_command = break_every_seventh
        await asyncio.gather(*(alice.submit(f"message {number}") for number in range(40)))

        assert breaks == 5
        assert server.texts == [f"message {number}" for number in range(40)]


async def test_a_message_submitted_without_a_connection_is_sent_with_the_next() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        await server.stop()
        acknowledged = alice.submit("patience")
        await events(alice, until=Disconnected)
        assert alice.pending == 1
        await server.start()

        await acknowledged
        assert server.texts == ["patience"]
        assert alice.pending == 0


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (4001, NotSignedIn),
        (4003, RemovedFromRoom),
        (4004, NoSuchRoom),
        (4009, TooManySockets),
        (4010, SignedOut),
    ],
)
async def test_some_close_codes_end_everything_with_a_clear_word(code: int, kind: type[ConnectionEnded]) -> None:
    async with FakeChat() as server, client_of(server) as alice:

        async def end(socket: ServerConnection, command: dict[str, Any]) -> bool:
            await socket.close(code)
            return True

        server.on_command = end
        with pytest.raises(kind) as waiting:
            await alice.send("hello")
        with pytest.raises(kind):
            await texts(alice, until="never")
        with pytest.raises(kind):
            alice.submit("too late")

    assert waiting.value.code == code
    assert server.connects == 1


async def test_a_server_that_closes_in_order_ends_the_events_in_order() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        await server.close_all(1000)

        assert [event.type async for event in alice] == ["authenticated", "joined_room", "connected", "history"]
        with pytest.raises(ConnectionEnded):
            await alice.send("hello")


@pytest.mark.parametrize("code", [1011, 1012, 4008, 4029, 4999])
async def test_other_close_codes_are_followed_by_a_reconnect(code: int) -> None:
    async with FakeChat() as server, client_of(server) as alice:
        await server.close_all(code)
        gone = (await events(alice, until=Disconnected))[-1]
        back = (await events(alice, until=Connected))[-1]

    assert isinstance(gone, Disconnected)
    assert gone.code == code
    assert back == Connected(again=True)


async def test_a_kill_is_followed_by_a_reconnect() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        server.abort_all()
        await events(alice, until=Disconnected)

        assert (await events(alice, until=Connected))[-1] == Connected(again=True)


async def test_a_server_that_goes_silent_is_left_for_a_new_connection() -> None:
    timing = type(QUICK)(open=2.0, idle=0.05, silence=0.05, first_delay=0.01, close=0.1)
    async with FakeChat() as server, client_of(server, timing=timing) as alice:

        async def say_nothing(socket: ServerConnection, command: dict[str, Any]) -> bool:
            return server.connects == 1

        server.on_command = say_nothing
        gone = (await events(alice, until=Disconnected))[-1]
        await events(alice, until=Connected)

    assert isinstance(gone, Disconnected)
    assert gone.reason == "The server went silent."
    assert server.commands[0] == {"type": "ping"}


async def test_a_server_that_drops_acknowledgements_is_asked_again_on_another_connection() -> None:
    timing = type(QUICK)(open=2.0, answer=0.05, first_delay=0.01, close=0.1)
    async with FakeChat() as server, client_of(server, timing=timing) as alice:

        async def swallow(socket: ServerConnection, command: dict[str, Any]) -> bool:
            return server.connects == 1

        server.on_command = swallow

        assert (await alice.send("hello?")).seq == 1
        assert server.connects >= 2


@pytest.mark.parametrize("garbage", ["no JSON", "[1]", '{"no": "type"}', '{"type": "message"}', b"\x00"])
async def test_garbage_on_a_working_connection_costs_the_connection_only(garbage: str | bytes) -> None:
    async with FakeChat() as server, client_of(server) as alice:
        await next(iter(server.sockets)).send(garbage)
        gone = (await events(alice, until=Disconnected))[-1]
        await events(alice, until=Connected)

    assert isinstance(gone, Disconnected)
    assert gone.reason.startswith("The server sent")


async def test_a_command_whose_answer_was_lost_says_so_and_a_question_is_asked_again() -> None:
    async with FakeChat() as server, client_of(server) as alice:

        async def break_once(socket: ServerConnection, command: dict[str, Any]) -> bool:
            if server.connects == 1:
                socket.transport.abort()
            return server.connects == 1

        server.on_command = break_once
        editing = asyncio.create_task(alice.edit(1, "mended"))
        page = await alice.history()

        assert page.messages == ()
        with pytest.raises(AnswerLost):
            await editing


async def test_a_client_gives_up_after_the_time_it_was_given() -> None:
    async with FakeChat() as server, client_of(server, give_up_after=0.1) as alice:
        await server.stop()
        with pytest.raises(ConnectionLost, match=r"No connection for 0\.1 s"):
            await alice.send("hello")
        with pytest.raises(ConnectionLost):
            await texts(alice, until="never")


async def test_a_slow_reader_misses_nothing_and_holds_nothing_up() -> None:
    async with FakeChat() as server, client_of(server, event_buffer=10) as alice:
        for number in range(200):
            await server.post(f"message {number}")
        await alice.send("end")

        assert await texts(alice, until="end") == [*(f"message {number}" for number in range(200)), "end"]


async def test_sending_goes_on_without_a_reader() -> None:
    async with FakeChat() as server, client_of(server, event_buffer=5) as alice:
        for number in range(50):
            await alice.send(f"message {number}")

    assert len(server.messages) == 50
