"""Sockets that connect at the same time are greeted in turns; those that wait have no task."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from chat import consumers
from chat.consumers import ChatConsumer
from chat.identity import Identity
from chat.live.connection_log import ConnectionLog
from chat.live.hub import Hub
from chat.live.socket import Socket
from chat.live.turns import Turns
from chat.models import Participant
from tests.live.test_called_again import Line


async def soon() -> None:
    """Let the loop run the callbacks of its next steps."""
    for _ in range(20):
        await asyncio.sleep(0)


def waker(woken: list[int], n: int, *, useful: bool = True) -> Callable[[], bool]:
    """A waker that records its call."""

    def wake() -> bool:
        woken.append(n)
        return useful

    return wake


async def test_those_who_wait_are_woken_in_order_one_for_each_turn_that_ends() -> None:
    turns, woken = Turns(1), list[int]()
    assert turns.free
    async with turns:
        assert not turns.free
        turns.wait(waker(woken, 1, useful=False))
        turns.wait(waker(woken, 2))
        turns.wait(waker(woken, 3))
        await soon()
        assert woken == []
    assert not turns.free, "who waits comes first"
    await soon()
    assert woken == [1, 2], "the first had gone"
    async with turns:
        pass
    await soon()
    assert woken == [1, 2, 3]
    assert turns.free


async def test_no_one_waits_while_a_turn_is_free() -> None:
    turns, woken = Turns(1), list[int]()
    async with turns:
        # The first is cancelled before it takes the turn that it is woken for.
        turns.wait(waker(woken, 1))
        turns.wait(waker(woken, 2))
    await soon()
    assert woken == [1]
    turns.wait(waker(woken, 3))
    await soon()
    assert woken == [1, 2]


class Arriving(Line):
    """A line whose socket belongs to a person, and its consumer."""

    def __init__(self, person: Participant) -> None:
        super().__init__()
        self.scope["identity"] = Identity(person, "session", "key")
        self.consumer = ChatConsumer()

    async def connect(self) -> None:
        """Run the application until it returns."""
        self.queue.put_nowait({"type": "websocket.connect"})
        await self.consumer(self.scope, self.queue.get, self.send)


@pytest.fixture
def greeted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the sockets that were greeted."""
    found: list[str] = []

    async def greet(_hub: Hub, socket: Socket, room: str | None) -> str | None:
        found.append(socket.id)
        return room

    monkeypatch.setattr(consumers, "greet", greet)
    # The sockets are not recorded, because nothing closes them.
    monkeypatch.setattr(ConnectionLog, "opened", lambda _log, _socket: None)
    return found


async def test_a_socket_that_waits_for_its_turn_has_no_task(unclocked_hub: Hub, greeted: list[str]) -> None:
    unclocked_hub.greeting = Turns(1)
    lines = [Arriving(Participant(pk=n, username=f"p{n}")) for n in range(3)]
    async with unclocked_hub.greeting:
        for line in lines:
            await line.connect()
        await soon()
        assert greeted == []
        assert [line.queue.registered for line in lines] == [True] * 3
        assert [line.tasks for line in lines] == [[], [], []]
    await soon()
    await soon()
    assert greeted == [line.consumer.connection_log.id for line in lines]
    assert [line.queue.registered for line in lines] == [True] * 3
    assert [len(line.tasks) for line in lines] == [1, 1, 1]


async def test_what_a_socket_sends_before_its_turn_is_handled_after_it(
    unclocked_hub: Hub, greeted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    unclocked_hub.greeting = Turns(1)
    line = Arriving(Participant(pk=1, username="p1"))
    received: list[Any] = []

    async def receive(text: str | None, **_: object) -> None:
        received.append((text, list(greeted)))

    monkeypatch.setattr(line.consumer, "receive", receive)
    async with unclocked_hub.greeting:
        await line.connect()
        line.queue.put_nowait({"type": "websocket.receive", "text": "early"})
        await soon()
        assert received == []
    await soon()
    assert received == [("early", [line.consumer.connection_log.id])]


async def test_a_socket_that_goes_before_its_turn_keeps_no_one_waiting(unclocked_hub: Hub, greeted: list[str]) -> None:
    unclocked_hub.greeting = Turns(1)
    gone, other = (Arriving(Participant(pk=n, username=f"p{n}")) for n in range(2))
    async with unclocked_hub.greeting:
        await gone.connect()
        await other.connect()
        gone.queue.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await soon()
        gone.tasks[0].cancel()
    await soon()
    await soon()
    assert greeted == [other.consumer.connection_log.id]


async def test_a_server_that_wakes_no_one_waits_in_its_task(unclocked_hub: Hub, greeted: list[str]) -> None:
    unclocked_hub.greeting = Turns(1)
    line = Arriving(Participant(pk=1, username="p1"))
    line.scope["extensions"] = {}
    async with unclocked_hub.greeting:
        line.queue.put_nowait({"type": "websocket.connect"})
        task = asyncio.create_task(line.consumer(line.scope, line.queue.get, line.send))
        await soon()
        assert not task.done()
    await soon()
    assert greeted == [line.consumer.connection_log.id]
    task.cancel()
