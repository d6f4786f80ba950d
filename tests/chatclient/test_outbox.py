"""Messages that wait: refused for now or for good, too many, and on disk through kills and torn lines."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, TypeVar

import pytest
from websockets.asyncio.server import ServerConnection

from chatclient import (
    ChatClient,
    Conflict,
    Event,
    Forbidden,
    Invalid,
    OutboxFileError,
    OutboxFull,
    SendFailed,
    ServerFailed,
)
from chatclient.errors import ClientClosed, TooLarge
from chatclient.outbox_file import Journal
from tests.chatclient.fakes import QUICK, FakeChat, say

Kind = TypeVar("Kind", bound=Event)


def client_of(server: FakeChat, **options: Any) -> ChatClient:
    return ChatClient(server.url, room="lobby", timing=QUICK, **options)


def refuse(times: int, code: str, **more: Any) -> Any:
    """Refuse the first so many messages, then be good."""
    left = Counter(refusals=times)

    async def on_command(socket: ServerConnection, command: dict[str, Any]) -> bool:
        if command["type"] == "chat_message" and left["refusals"] > 0:
            left["refusals"] -= 1
            error = {"type": "error", "code": code, "message": "No.", "client_id": command["client_id"], **more}
            await say(socket, error)
            return True
        return False

    return on_command


@pytest.mark.parametrize("code", ["rate_limited", "unavailable"])
async def test_messages_refused_for_now_go_again_and_keep_their_order(code: str) -> None:
    async with FakeChat() as server, client_of(server) as ada:
        server.on_command = refuse(3, code, retry_after=0.02)
        await asyncio.gather(*(ada.submit(f"message {number}") for number in range(5)))

    assert server.texts == [f"message {number}" for number in range(5)]


async def test_a_limit_without_a_time_is_waited_out_by_the_back_off() -> None:
    async with FakeChat() as server, client_of(server) as ada:
        server.on_command = refuse(4, "rate_limited")

        assert (await ada.send("patience")).seq == 1


async def test_a_question_refused_for_now_is_asked_again() -> None:
    async with FakeChat() as server, client_of(server) as ada:
        refusals = 2

        async def refuse_history(socket: ServerConnection, command: dict[str, Any]) -> bool:
            nonlocal refusals
            refusals -= 1
            if refusals >= 0:
                error = {"type": "error", "code": "rate_limited", "message": "Wait.", "retry_after": 0.01}
                await say(socket, {**error, "request_id": command["request_id"]})
            return refusals >= 0

        server.on_command = refuse_history

        assert (await ada.history()).messages == ()


async def test_frames_refused_before_they_were_read_go_again() -> None:
    """The server cannot say which they were."""
    async with FakeChat() as server, client_of(server) as ada:
        refusals = 5

        async def refuse_unread(socket: ServerConnection, command: dict[str, Any]) -> bool:
            nonlocal refusals
            refusals -= 1
            if refusals >= 0:
                await say(socket, {"type": "error", "code": "rate_limited", "message": "Wait.", "retry_after": 0.01})
            return refusals >= 0

        server.on_command = refuse_unread
        asked = asyncio.create_task(ada.history())
        await asyncio.gather(*(ada.submit(f"message {number}") for number in range(5)))
        await asked

    assert server.texts == [f"message {number}" for number in range(5)]


async def test_a_server_that_fails_again_and_again_is_not_asked_for_ever() -> None:
    async with FakeChat() as server, client_of(server) as ada:
        server.on_command = refuse(5, "server_error")
        with pytest.raises(ServerFailed):
            await ada.send("poison")
        await ada.send("sound")

    assert server.texts == ["sound"]


async def test_a_message_refused_for_good_makes_room_for_the_next() -> None:
    async with FakeChat() as server, client_of(server) as ada:
        server.on_command = refuse(1, "forbidden", fields={"message": "has a bad word"})
        first, second = ada.submit("bad word"), ada.submit("good word")
        with pytest.raises(Forbidden, match="has a bad word") as refused:
            await first
        await second

    assert refused.value.fields == {"message": "has a bad word"}
    assert server.texts == ["good word"]


async def test_a_refusal_nobody_waits_for_comes_as_an_event() -> None:
    async with FakeChat() as server, client_of(server) as ada:
        server.on_command = refuse(1, "muted")
        ada.submit("hello", client_id="mine").cancel()
        failed = await first_of(ada, SendFailed)

    assert (failed.client_id, failed.error.code) == ("mine", "muted")


async def test_a_message_that_no_frame_can_hold_is_refused_here() -> None:
    async with FakeChat() as server, client_of(server) as ada:
        with pytest.raises(TooLarge):
            await ada.send("x" * 70_000)
        with pytest.raises(Invalid):
            ada.submit("half a pair: \ud83d")
        await ada.send("fits")

    assert server.texts == ["fits"]


async def test_an_outbox_takes_so_many_and_no_more() -> None:
    async with FakeChat() as server, client_of(server, outbox_size=3) as ada:
        await server.stop()
        waiting = [ada.submit(f"message {number}") for number in range(3)]
        with pytest.raises(OutboxFull):
            ada.submit("one too many")
        patient = asyncio.create_task(ada.send("waits for a place"))
        await asyncio.sleep(0)
        assert ada.pending == 3
        await server.start()
        await asyncio.gather(*waiting, patient)

    assert server.texts == ["message 0", "message 1", "message 2", "waits for a place"]


async def test_the_same_client_id_is_one_message_and_another_text_a_conflict() -> None:
    async with FakeChat() as server, client_of(server) as ada:
        first = ada.submit("hello", client_id="mine")
        assert ada.submit("hello", client_id="mine") is first
        with pytest.raises(Conflict):
            ada.submit("something else", client_id="mine")
        await first

    assert server.texts == ["hello"]


async def test_who_waits_when_the_client_is_closed_is_told() -> None:
    async with FakeChat() as server:
        async with client_of(server) as ada:
            await server.stop()
            waiting = ada.submit("hello")
        with pytest.raises(ClientClosed):
            await waiting


async def test_what_a_closed_client_left_in_its_file_is_sent_by_the_next(tmp_path: Path) -> None:
    file = tmp_path / "outbox"
    async with FakeChat() as server:
        async with client_of(server, outbox_file=file) as ada:
            await ada.send("before")
            await server.stop()
            for number in range(3):
                ada.submit(f"message {number}")
        await server.start()
        async with client_of(server, outbox_file=file) as ada:
            assert ada.pending == 3
            await ada.send("after")
            await ada.drain()

    assert server.texts == ["before", "message 0", "message 1", "message 2", "after"]
    assert file.read_bytes() == b""
    assert file.stat().st_mode & 0o077 == 0


async def test_a_refusal_of_what_was_left_comes_as_an_event(tmp_path: Path) -> None:
    file = tmp_path / "outbox"
    left_behind(file, "left")
    async with FakeChat() as server:
        server.on_command = refuse(1, "banned")
        async with client_of(server, outbox_file=file) as ada:
            failed = await first_of(ada, SendFailed)
            assert ada.pending == 0

    assert failed.error.code == "banned"


WRITER = """
import sys
from chatclient.outbox_file import Journal
journal = Journal(sys.argv[1])
number = len(journal.open())
while True:
    journal.add({"type": "chat_message", "room": "lobby", "message": "x", "client_id": f"id {number}"})
    print(number, flush=True)
    number += 1
"""


def test_a_killed_process_leaves_every_message_it_took_on(tmp_path: Path) -> None:
    file = tmp_path / "outbox"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    taken = [int(process.stdout.readline()) for _ in range(50)]
    os.kill(process.pid, signal.SIGKILL)
    taken += [int(line) for line in process.stdout.read().split()]
    process.stdout.close()
    process.wait()

    journal = Journal(file)
    kept = [command["client_id"] for command in journal.open()]
    journal.close()
    assert kept[: len(taken)] == [f"id {number}" for number in taken]


def left_behind(file: Path, *texts: str) -> None:
    journal = Journal(file)
    journal.open()
    for text in texts:
        journal.add({"type": "chat_message", "room": "lobby", "message": text, "client_id": f"id of {text}"})
    journal.close()


def taken_up(file: Path) -> list[str]:
    journal = Journal(file)
    texts = [command["message"] for command in journal.open()]
    journal.close()
    return texts


@pytest.mark.parametrize("cut", [1, 5, 30, 60])
def test_a_line_that_a_power_cut_tore_is_passed_over(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "outbox"
    left_behind(file, "whole", "torn")
    file.write_bytes(file.read_bytes()[:-cut])

    assert taken_up(file) == ["whole"]
    left_behind(file, "next")
    assert taken_up(file) == ["whole", "next"]


def test_an_outbox_file_serves_one_process_at_a_time(tmp_path: Path) -> None:
    first = Journal(tmp_path / "outbox")
    first.open()
    with pytest.raises(OutboxFileError, match="in use"):
        Journal(tmp_path / "outbox").open()
    first.close()

    assert taken_up(tmp_path / "outbox") == []


@pytest.mark.parametrize(
    "content", ["dear diary\n", "5\n", '["send"]\n', '{"send": 5}\n', '{"other": "file"}\n', "\x00\n"]
)
def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path, content: str) -> None:
    file = tmp_path / "diary"
    file.write_text(content)
    with pytest.raises(OutboxFileError, match="not an outbox file"):
        Journal(file).open()

    assert file.read_text() == content


@pytest.mark.parametrize("place", ["", "missing/outbox"])
async def test_a_file_that_cannot_be_used_is_said_before_anything_is_sent(tmp_path: Path, place: str) -> None:
    async with FakeChat() as server:
        with pytest.raises(OutboxFileError):
            async with client_of(server, outbox_file=tmp_path / place):
                pass

        assert server.connects == 0


def test_settled_messages_are_swept_out(tmp_path: Path) -> None:
    file = tmp_path / "outbox"
    journal = Journal(file)
    journal.open()
    journal.add({"client_id": "stays", "message": "stays"})
    for number in range(300):
        journal.add({"client_id": f"id {number}", "message": "x" * 10_000})
        journal.settle(f"id {number}")
    journal.close()

    assert file.stat().st_size < 2_000_000
    assert taken_up(file) == ["stays"]


def test_a_full_disk_refuses_the_message_and_spoils_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "outbox"
    journal = Journal(file)
    journal.open()
    journal.add({"client_id": "1", "message": "one"})
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:9]))
        with pytest.raises(OutboxFileError):
            journal.add({"client_id": "2", "message": "two"})
    journal.add({"client_id": "3", "message": "three"})
    journal.close()

    assert taken_up(file) == ["one", "three"]
    assert [json.loads(line) for line in file.read_text().splitlines()] == [
        {"send": {"client_id": "1", "message": "one"}},
        {"send": {"client_id": "3", "message": "three"}},
    ]


async def first_of(client: ChatClient, kind: type[Kind]) -> Kind:
    async for event in client:
        if isinstance(event, kind):
            return event
    raise AssertionError("The events ended.")
