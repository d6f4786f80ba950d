"""The figures depend on the load generator: it must count every arrival, and nothing else."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from bench import load
from bench.client import Address
from bench.load import Crowd

Answer = Callable[[set[ServerConnection], ServerConnection, str], Awaitable[None]]


def say(text: str, client_id: str) -> bytes:
    return json.dumps({"message": text, "client_id": client_id}).encode()


async def use(answer: Answer, doing: Callable[[Crowd], object], *, hello: tuple[bytes, ...] = ()) -> object:
    """The result of `doing` with five sockets on a server that answers each message by `answer`."""
    connected: set[ServerConnection] = set()

    async def handler(client: ServerConnection) -> None:
        connected.add(client)
        await client.send("welcome")
        async for message in client:
            await answer(connected, client, str(message))

    def run(port: int) -> object:
        with Crowd([Address(port, "/", hello=hello)] * 5) as crowd:
            crowd.settle()
            return doing(crowd)

    async with serve(handler, "127.0.0.1", 0, compression=None) as server:
        return await asyncio.to_thread(run, next(iter(server.sockets)).getsockname()[1])


async def speak(answer: Answer, *, messages: int, outstanding: int = 4, rounds: int = 1) -> list[tuple[int, int]]:
    """The deliveries and losses of each round."""

    def several(crowd: Crowd) -> list[tuple[int, int]]:
        done = [crowd.speak(say, messages=messages, outstanding=outstanding) for _ in range(rounds)]
        return [(one.deliveries, one.lost) for one in done]

    counted = await use(answer, several)
    assert isinstance(counted, list)
    return counted


async def test_every_delivery_is_counted() -> None:
    async def to_all(connected: set[ServerConnection], _: ServerConnection, message: str) -> None:
        for client in connected:
            await client.send(message)

    assert await speak(to_all, messages=300) == [(1500, 0)]


async def test_several_messages_in_one_frame_and_frames_of_other_kinds_are_distinguished() -> None:
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


async def test_each_speaker_has_its_own_messages_outstanding_and_acknowledged() -> None:
    async def acknowledge(_: set[ServerConnection], client: ServerConnection, message: str) -> None:
        await client.send(json.dumps({"type": "ack", "client_id": json.loads(message)["client_id"]}))
        await client.send(message)

    def all_speak(crowd: Crowd) -> tuple[int, int, int]:
        done = crowd.speak(say, messages=50, outstanding=2, speakers=5, acks=True)
        return done.deliveries, done.lost, done.acknowledged

    assert await use(acknowledge, all_speak) == (50, 0, 50)


async def test_who_speak_in_turn_speak_equally_often() -> None:
    spoken: dict[ServerConnection, int] = {}

    async def echo(_: set[ServerConnection], client: ServerConnection, message: str) -> None:
        spoken[client] = spoken.get(client, 0) + 1
        await client.send(message)

    await use(echo, lambda crowd: crowd.speak(say, messages=50, outstanding=3, speakers=5, rotate=True))
    assert list(spoken.values()) == [10] * 5


async def test_a_message_without_its_acknowledgement_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "PATIENCE_SECONDS", 0.2)

    async def echo(_: set[ServerConnection], client: ServerConnection, message: str) -> None:
        await client.send(message)

    def all_speak(crowd: Crowd) -> int:
        return crowd.speak(say, messages=10, outstanding=1, speakers=5, acks=True).acknowledged

    assert await use(echo, all_speak) == 0


async def test_a_delay_counts_from_when_the_message_was_due() -> None:
    async def late_once(connected: set[ServerConnection], _: ServerConnection, message: str) -> None:
        if "#00000003x" in message:
            await asyncio.sleep(0.3)
        for client in connected:
            await client.send(message)

    def steadily(crowd: Crowd) -> list[float]:
        return crowd.speak_steadily(say, messages=10, per_second=100)

    delays = await use(late_once, steadily)
    assert isinstance(delays, list)
    assert len(delays) == 50
    # The messages behind it were due meanwhile, and were late with it.
    assert sum(delay > 0.2 for delay in delays) >= 5 * 7


async def test_who_enters_says_hello_and_answers_the_pings_of_socket_io() -> None:
    heard: list[str] = []

    async def ping(_: set[ServerConnection], client: ServerConnection, message: str) -> None:
        heard.append(message)
        if message == "40":
            await client.send("2")

    await use(ping, lambda crowd: crowd.settle(), hello=(b"40",))
    assert sorted(heard) == ["3"] * 5 + ["40"] * 5


async def test_a_server_that_refuses_is_reported() -> None:
    async def never(_: ServerConnection) -> None:
        raise AssertionError

    def refuse(client: ServerConnection, _: Request) -> Response:
        return client.respond(403, "")

    async with serve(never, "127.0.0.1", 0, process_request=refuse) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        with pytest.raises(ConnectionError, match="403 Forbidden"):
            await asyncio.to_thread(Crowd, [Address(port, "/")])


async def test_a_round_begins_when_everybody_has_been_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "OPEN_SECONDS", 0.5)

    came: list[ServerConnection] = []

    async def only_the_first(client: ServerConnection) -> None:
        came.append(client)
        if len(came) == 1:
            await client.send('{"type": "history"}')
        await client.wait_closed()

    def enter(port: int) -> None:
        with Crowd([Address(port, "/", welcome=b'"history"')] * 2) as crowd:
            crowd.settle()

    async with serve(only_the_first, "127.0.0.1", 0) as server:
        with pytest.raises(ConnectionError, match="did not accept 1 of 2 sockets"):
            await asyncio.to_thread(enter, next(iter(server.sockets)).getsockname()[1])
