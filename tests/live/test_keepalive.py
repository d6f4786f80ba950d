"""A client that answers the server's pings stays, one that does not is dropped; on either server."""

import asyncio
import json
from collections.abc import Callable, Generator
from unittest.mock import Mock

import pytest
import websockets
from websockets.frames import Frame, Opcode

from chat.server.keepalive import Keepalive
from support.servers import start_server
from support.wire import SERVE, UVICORN


@pytest.fixture(scope="module", params=[SERVE, [*UVICORN, "--ws-ping-interval", "1"]], ids=["serve", "uvicorn"])
def url(request: pytest.FixtureRequest) -> Generator[str]:
    with start_server(command=request.param, env={"CHAT_PING_SECONDS": "1"}) as server:
        token = server.make_people("ada")["ada"]
        yield f"{server.ws_url}/ws/chat/lobby/?token={token}"


def instead_of_pongs(client: websockets.ClientConnection, answer: Callable[[Frame], None]) -> None:
    """Pass each answer to a ping to `answer` instead of the wire."""
    send = client.protocol.send_frame
    client.protocol.send_frame = (  # type: ignore[method-assign]
        lambda frame: answer(frame) if frame.opcode is Opcode.PONG else send(frame)
    )


async def test_who_answers_stays(url: str) -> None:
    pings: asyncio.Queue[bytes] = asyncio.Queue()
    async with websockets.connect(url, ping_interval=None) as ada, asyncio.timeout(20):
        send = ada.protocol.send_frame

        def answer(frame: Frame) -> None:
            pings.put_nowait(bytes(frame.data))
            send(frame)

        instead_of_pongs(ada, answer)
        for _ in range(2):
            await pings.get()
        await ada.send(json.dumps({"type": "ping", "request_id": "alive"}))
        async for text in ada:
            if json.loads(text).get("request_id") == "alive":
                break


async def test_who_does_not_answer_is_gone_by_the_next_ping(url: str) -> None:
    pings: asyncio.Queue[bytes] = asyncio.Queue()
    async with websockets.connect(url, ping_interval=None) as ada, asyncio.timeout(20):
        instead_of_pongs(ada, lambda frame: pings.put_nowait(bytes(frame.data)))
        await ada.wait_closed()
        assert ada.close_code in {1006, 1011}
        assert pings.qsize() == 1


class Clock:
    """The part of an event loop that `Keepalive` uses, with a clock that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[asyncio.TimerHandle] = []
        # The times at which a timer ran.
        self.woken: list[float] = []

    def time(self) -> float:
        return self.now

    def call_at(self, at: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(at, callback, (), Mock(get_debug=lambda: False))
        self.timers.append(timer)
        return timer

    def run_until(self, until: float) -> None:
        while due := [timer for timer in self.timers if not timer.cancelled() and timer.when() <= until]:
            timer = min(due)
            self.timers.remove(timer)
            self.now = max(self.now, timer.when())
            self.woken.append(self.now)
            # Run it as the loop does, except for exception handling.
            timer._callback()  # type: ignore[attr-defined]
        self.now = until


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keepalive(clock: Clock) -> Keepalive:
    return Keepalive(clock)  # type: ignore[arg-type]


def test_a_socket_whose_ping_fails_ends_no_other(clock: Clock, keepalive: Keepalive) -> None:
    broken, sound = Mock(ping_seconds=1.0), Mock(ping_seconds=1.0)
    broken.ping.side_effect = [BrokenPipeError, None]
    keepalive.add(broken)
    keepalive.add(sound)
    with pytest.raises(BrokenPipeError):
        clock.run_until(1.0)
    clock.run_until(2.0)
    sound.ping.assert_called_once_with()


def test_few_sockets_wake_the_process_when_a_ping_is_due_and_many_once_a_second(
    clock: Clock, keepalive: Keepalive
) -> None:
    sockets = [Mock(ping_seconds=20.0) for _ in range(1000)]
    for number, socket in enumerate(sockets[:2]):
        clock.run_until(5.0 * number)
        keepalive.add(socket)
    clock.run_until(64.0)
    assert clock.woken == [20.0, 25.0, 40.0, 45.0, 60.0]
    for number, socket in enumerate(sockets[2:]):
        clock.now = 64.0 + number / 50
        keepalive.add(socket)
    clock.woken.clear()
    clock.run_until(164.0)
    assert len(clock.woken) <= 100
    for socket in sockets:
        assert socket.ping.call_count in {4, 5, 7, 8}
        keepalive.remove(socket)
    clock.run_until(200.0)
    assert not [timer for timer in clock.timers if not timer.cancelled()]


def test_who_is_in_the_middle_of_a_message_is_looked_at_each_second(clock: Clock, keepalive: Keepalive) -> None:
    socket = Mock(ping_seconds=20.0)
    keepalive.add(socket)
    clock.run_until(3.5)
    socket.finished.side_effect = [False, False, True]
    keepalive.watch(socket)
    keepalive.watch(socket)
    clock.run_until(20.0)
    assert clock.woken == [4.5, 5.5, 6.5, 20.0]
    assert [call.args for call in socket.finished.call_args_list] == [(4.5,), (5.5,), (6.5,)]
