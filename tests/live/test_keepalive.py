"""Who answers the server's pings stays, who does not is gone; on either server."""

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
    """Let `answer` have each answer to a ping instead of the wire."""
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


def test_a_socket_whose_ping_fails_ends_no_other() -> None:
    loop = Mock()
    loop.time.return_value = 0.0
    keepalive = Keepalive(loop)
    broken, sound = Mock(ping_seconds=1.0), Mock(ping_seconds=1.0)
    broken.ping.side_effect = BrokenPipeError
    keepalive.add(broken)
    keepalive.add(sound)
    loop.time.return_value = 2.0
    with pytest.raises(BrokenPipeError):
        loop.call_later.call_args.args[1]()
    loop.call_later.call_args.args[1]()
    sound.ping.assert_called_once_with()
