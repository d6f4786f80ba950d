"""The figures stand on the load: it must count what arrives, all of it and nothing else."""

import asyncio
import json
import os
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from bench import load
from bench.load import Crowd, Round
from bench.machine import cpu_seconds
from tests.support.servers import PYTHON, ROOT

Answer = Callable[[set[ServerConnection], ServerConnection, str], Awaitable[None]]


async def speak(answer: Answer, *, messages: int, outstanding: int = 4, rounds: int = 1) -> list[tuple[int, int]]:
    """Deliveries and losses of each round, of five sockets at a server that does as `answer` says."""
    connected: set[ServerConnection] = set()

    async def handler(client: ServerConnection) -> None:
        connected.add(client)
        await client.send("welcome")
        async for message in client:
            await answer(connected, client, str(message))

    def run(port: int) -> list[Round]:
        def command(text: str, _: int) -> object:
            return {"message": text}

        with Crowd(port, "/", 5, {}) as crowd:
            crowd.settle()
            return [crowd.speak(command, messages=messages, outstanding=outstanding, size=100) for _ in range(rounds)]

    async with serve(handler, "127.0.0.1", 0, compression=None) as server:
        done = await asyncio.to_thread(run, next(iter(server.sockets)).getsockname()[1])
    return [(round_.deliveries, round_.lost) for round_ in done]


async def test_every_delivery_is_counted() -> None:
    async def to_all(connected: set[ServerConnection], _: ServerConnection, message: str) -> None:
        for client in connected:
            await client.send(message)

    assert await speak(to_all, messages=300) == [(1500, 0)]


async def test_several_messages_in_one_frame_and_frames_of_other_kinds_are_told_apart() -> None:
    gathered: list[object] = []

    async def in_batches(connected: set[ServerConnection], _: ServerConnection, message: str) -> None:
        gathered.append(json.loads(message))
        for client in connected:
            await client.send('{"type": "presence", "users": {}}')
            if len(gathered) % 4 == 0:
                await client.send(json.dumps(gathered[-4:]))

    assert await speak(in_batches, messages=100) == [(500, 0)]


async def test_what_comes_again_as_history_is_not_counted() -> None:
    history: list[str] = []

    async def with_history(connected: set[ServerConnection], _: ServerConnection, message: str) -> None:
        for client in connected:
            await client.send(json.dumps(history))
            await client.send(message)
        history.append(message)

    assert await speak(with_history, messages=1, rounds=3) == [(5, 0)] * 3


async def test_what_does_not_arrive_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "PATIENCE_SECONDS", 0.2)

    async def to_the_sender(_: set[ServerConnection], client: ServerConnection, message: str) -> None:
        await client.send(message)

    assert await speak(to_the_sender, messages=20) == [(20, 80)]


async def test_never_more_is_outstanding_than_agreed() -> None:
    waiting = 0
    most = 0

    async def late(connected: set[ServerConnection], _: ServerConnection, message: str) -> None:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        await asyncio.sleep(0)
        waiting -= 1
        for client in connected:
            await client.send(message)

    await speak(late, messages=50, outstanding=1)
    assert most == 1


def test_the_clock_of_another_process_is_read() -> None:
    before = cpu_seconds(os.getpid())
    sum(range(300_000))
    assert cpu_seconds(os.getpid()) > before


def test_one_command_measures_ours_beside_the_textbook(tmp_path: Path) -> None:
    servers, size = ["--only", "textbook-pubsub", "sqlite"], ["--sockets", "4", "--messages", "10", "--rounds", "1"]
    done = subprocess.run(
        [PYTHON, "-m", "bench", "fanout", *servers, *size, "--json", tmp_path / "figures.json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("| Backchannel: ") == 1
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["machine"]["python"]
    assert [result["name"] for result in figures["results"]] == ["textbook-pubsub", "sqlite"]
    for result in figures["results"]:
        assert result["median"] > 0
        assert [round_["deliveries"] for round_ in result["rounds"]] == [40]
        assert [round_["lost"] for round_ in result["rounds"]] == [0]
