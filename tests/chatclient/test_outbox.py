"""Pending messages: refused temporarily or permanently, and too many."""

import asyncio
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from chatclient import Conflict, Forbidden, Invalid, OutboxFull, SendFailed, ServerFailed
from chatclient.errors import ClientClosed, TooLarge
from tests.chatclient.clients import client_of, first_of, refuse
from tests.chatclient.fakes import FakeChat, say


@pytest.mark.parametrize("code", ["rate_limited", "unavailable"])
async def test_messages_refused_for_now_go_again_and_keep_their_order(code: str) -> None:
    async with FakeChat() as server, client_of(server) as alice:
        server.on_command = refuse(3, code, retry_after=0.02)
        await asyncio.gather(*(alice.submit(f"message {number}") for number in range(5)))

    assert server.texts == [f"message {number}" for number in range(5)]


async def test_a_limit_without_a_time_is_waited_out_by_the_back_off() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        server.on_command = refuse(4, "rate_limited")

        assert (await alice.send("patience")).seq == 1


async def test_a_question_refused_for_now_is_asked_again() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        refusals = 2

        async def refuse_history(socket: ServerConnection, command: dict[str, Any]) -> bool:
            nonlocal refusals
            refusals -= 1
            if refusals >= 0:
                error = {"type": "error", "code": "rate_limited", "message": "Wait.", "retry_after": 0.01}
                await say(socket, {**error, "request_id": command["request_id"]})
            return refusals >= 0

        server.on_command = refuse_history

        assert (await alice.history()).messages == ()


async def test_frames_refused_before_they_were_read_go_again() -> None:
    """The server cannot identify them in its refusal."""
    async with FakeChat() as server, client_of(server) as alice:
        refusals = 5

        async def refuse_unread(socket: ServerConnection, command: dict[str, Any]) -> bool:
            nonlocal refusals
            refusals -= 1
            if refusals >= 0:
                await say(socket, {"type": "error", "code": "rate_limited", "message": "Wait.", "retry_after": 0.01})
            return refusals >= 0

        server.on_command = refuse_unread
        asked = asyncio.create_task(alice.history())
        await asyncio.gather(*(alice.submit(f"message {number}") for number in range(5)))
        await asked

    assert server.texts == [f"message {number}" for number in range(5)]


async def test_a_server_that_fails_again_and_again_is_not_asked_for_ever() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        server.on_command = refuse(5, "server_error")
        with pytest.raises(ServerFailed):
            await alice.send("poison")
        await alice.send("sound")

    assert server.texts == ["sound"]


async def test_a_permanently_refused_message_makes_room_for_the_next() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        server.on_command = refuse(1, "forbidden", fields={"message": "has a bad word"})
        first, second = alice.submit("bad word"), alice.submit("good word")
        with pytest.raises(Forbidden, match="has a bad word") as refused:
            await first
        await second

    assert refused.value.fields == {"message": "has a bad word"}
    assert server.texts == ["good word"]


async def test_a_refusal_without_a_waiting_call_is_an_event() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        server.on_command = refuse(1, "muted")
        alice.submit("hello", client_id="mine").cancel()
        failed = await first_of(alice, SendFailed)

    assert (failed.client_id, failed.error.code) == ("mine", "muted")


async def test_a_message_that_no_frame_can_hold_is_refused_here() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        with pytest.raises(TooLarge):
            await alice.send("x" * 70_000)
        with pytest.raises(Invalid):
            alice.submit("half a pair: \ud83d")
        await alice.send("fits")

    assert server.texts == ["fits"]


async def test_an_outbox_holds_its_size_and_no_more() -> None:
    async with FakeChat() as server, client_of(server, outbox_size=3) as alice:
        await server.stop()
        waiting = [alice.submit(f"message {number}") for number in range(3)]
        with pytest.raises(OutboxFull):
            alice.submit("one too many")
        patient = asyncio.create_task(alice.send("waits for a place"))
        await asyncio.sleep(0)
        assert alice.pending == 3
        await server.start()
        await asyncio.gather(*waiting, patient)

    assert server.texts == ["message 0", "message 1", "message 2", "waits for a place"]


async def test_the_same_client_id_is_one_message_and_another_text_a_conflict() -> None:
    async with FakeChat() as server, client_of(server) as alice:
        first = alice.submit("hello", client_id="mine")
        assert alice.submit("hello", client_id="mine") is first
        with pytest.raises(Conflict):
            alice.submit("something else", client_id="mine")
        await first

    assert server.texts == ["hello"]


async def test_a_call_that_waits_when_the_client_is_closed_fails() -> None:
    async with FakeChat() as server:
        async with client_of(server) as alice:
            await server.stop()
            waiting = alice.submit("hello")
        with pytest.raises(ClientClosed):
            await waiting
