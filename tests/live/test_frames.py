"""How a batch reaches the wire: built once, written once per socket, on either server."""

import asyncio
import json
from collections.abc import Generator
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest
import websockets
from autobahn.websocket.protocol import WebSocketProtocol as Autobahn
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.streams import StreamReader

from chat.consumers import ChatConsumer
from chat.live.send_queue import GATHERED
from chat.protocol.errors import Close
from chat.server.daphne_protocol import SocketProtocol
from chat.server.frames import Frames
from chat.server.uvicorn_protocol import SocketProtocol as UvicornSocketProtocol
from support.servers import Server, start_server
from support.wire import SERVE, UVICORN


def parsed(data: bytes) -> list[Frame]:
    """The frames that a client reads."""
    reader = StreamReader()
    reader.feed_data(data)
    frames = []
    while reader.buffer:
        parsing = Frame.parse(reader.read_exact, mask=False, max_size=None)
        with pytest.raises(StopIteration) as ended:
            next(parsing)
        frames.append(ended.value.value)
    return frames


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_each_text_is_a_frame_of_its_own(size: int) -> None:
    texts = ("x" * size, "größer 🎉")
    frames = parsed(Frames().of(texts))
    assert [(frame.opcode, frame.fin, bytes(frame.data).decode()) for frame in frames] == [
        (Opcode.TEXT, True, text) for text in texts
    ]


def test_frames_are_built_once_for_all_sockets() -> None:
    frames = Frames()
    texts = ("one", "two")
    assert frames.of(texts) is frames.of(texts)
    assert frames.of(("one",)) != frames.of(("two",))


@pytest.fixture
def protocol() -> SocketProtocol:
    """A socket of `serve` whose transport accepts everything."""
    protocol = SocketProtocol()
    protocol.state = Autobahn.STATE_OPEN
    protocol._perMessageCompress = None
    protocol.factory = Mock()
    protocol.factory.server_class.frames = Frames()
    protocol.transport = Mock(dataBuffer=b"", _tempDataBuffer=[], _tempDataLen=0)
    protocol.transport.socket.send.side_effect = len
    return protocol


async def test_a_burst_is_one_write_to_the_socket(protocol: SocketProtocol) -> None:
    await protocol.send({"type": GATHERED, "texts": ("one", "two", "three")})
    [(written,)] = [call.args for call in protocol.transport.socket.send.call_args_list]
    assert [bytes(frame.data) for frame in parsed(written)] == [b"one", b"two", b"three"]
    # It is registered with the poller only when the socket does not take all of it.
    protocol.transport.write.assert_not_called()


def test_frames_are_written_without_a_coroutine_while_nothing_waits(protocol: SocketProtocol) -> None:
    assert protocol.write_now(("one", "two"))
    protocol.transport.socket.send.assert_called_once_with(Frames().of(("one", "two")))
    protocol.transport.dataBuffer = b"something"
    assert not protocol.write_now(("three",))
    protocol.transport.dataBuffer = b""
    protocol.state = Autobahn.STATE_CLOSED
    assert not protocol.write_now(("three",))
    assert protocol.transport.socket.send.call_count == 1


@pytest.mark.parametrize("gone", [{"disconnected": True}, {"deflated": True}, {"failed": Mock()}])
def test_uvicorn_writes_without_a_coroutine_what_needs_no_wait(gone: dict[str, Any]) -> None:
    written: list[bytes] = []
    protocol = on_uvicorn(written)
    assert protocol.write_now(("one",))
    assert written == [Frames().of(("one",))]
    vars(protocol).update(gone)
    assert not protocol.write_now(("two",))
    protocol = on_uvicorn(written)
    protocol.writable.clear()
    assert not protocol.write_now(("two",))
    assert len(written) == 1


async def test_what_a_socket_does_not_take_at_once_waits_in_its_transport(protocol: SocketProtocol) -> None:
    protocol.transport.socket.send.side_effect = lambda _data: 3
    await protocol.send({"type": GATHERED, "texts": ("one", "two")})
    protocol.transport.write.assert_called_once_with(Frames().of(("one", "two"))[3:])
    protocol.transport.dataBuffer = b"something"
    await protocol.send({"type": "websocket.send", "text": "three"})
    protocol.transport.write.assert_called_with(Frames().of(("three",)))
    assert protocol.transport.socket.send.call_count == 1


@pytest.mark.parametrize("error", [BlockingIOError, ConnectionResetError])
async def test_what_a_socket_does_not_take_at_all_is_left_to_its_transport(
    protocol: SocketProtocol, error: type[OSError]
) -> None:
    protocol.transport.socket.send.side_effect = error
    await protocol.send({"type": GATHERED, "texts": ("one",)})
    protocol.transport.write.assert_called_once_with(Frames().of(("one",)))


def on_uvicorn(written: list[bytes]) -> UvicornSocketProtocol:
    """A uvicorn socket in the state after the handshake."""
    protocol = UvicornSocketProtocol.__new__(UvicornSocketProtocol)
    protocol.writable = asyncio.Event()
    protocol.writable.set()
    protocol.disconnected = False
    # Only its state is read: whether it is open.
    protocol.conn = Mock(spec=["state"], state=State.OPEN)
    protocol.transport = Mock(write=written.append)
    return protocol


@pytest.mark.parametrize("texts", [("one",), ("one", "two", "three")])
async def test_uvicorn_is_given_the_same_bytes_for_every_socket_in_one_write(texts: tuple[str, ...]) -> None:
    written: list[bytes] = []
    for protocol in (on_uvicorn(written), on_uvicorn(written)):
        await protocol.send({"type": GATHERED, "texts": texts})
    first, second = written
    assert [bytes(frame.data).decode() for frame in parsed(first)] == list(texts)
    assert first is second


@pytest.fixture(scope="module", params=[SERVE, UVICORN], ids=["serve", "uvicorn"])
def server(request: pytest.FixtureRequest) -> Generator[Server]:
    with start_server(command=request.param, env={"CHAT_SEND_LIMIT": "0"}) as server:
        yield server


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return server.make_people("ada")["ada"]


@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("subprotocol", ["chat.v1", "chat.v1.batch"])
async def test_many_messages_at_once_arrive_once_and_in_order(
    server: Server, token: str, subprotocol: Any, compression: str | None
) -> None:
    texts = [f"{n} für alle 🎉" for n in range(40)]
    connect = websockets.connect(
        f"{server.ws_url}/ws/chat/lobby/?token={token}", subprotocols=[subprotocol], compression=compression
    )
    async with connect as ada:
        for text in texts[:20]:
            await ada.send(json.dumps({"type": "chat_message", "message": text}))
        # Frames of different lengths, up to the longest.
        for text in texts[20:]:
            await ada.send(json.dumps({"type": "chat_message", "message": text.ljust(9_000)}))
        said: list[str] = []
        async with asyncio.timeout(20):
            while len(said) < len(texts):
                told = json.loads(await ada.recv())
                events = told if subprotocol == "chat.v1.batch" else [told]
                said += [event["message"].rstrip() for event in events if event["type"] == "message"]
        assert said == texts


@pytest.mark.parametrize("error", [ConnectionResetError, RuntimeError("Unexpected ASGI message 'websocket.close'")])
async def test_a_peer_that_is_gone_before_it_is_closed_is_no_error(error: Exception) -> None:
    consumer, socket = Mock(close=AsyncMock(side_effect=error)), Mock()
    await ChatConsumer._close(consumer, socket, Close.TOO_SLOW)
    consumer.close.assert_awaited_once_with(Close.TOO_SLOW.value)
    consumer.hub.remove.assert_called_once_with(socket)
