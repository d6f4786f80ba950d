"""uvicorn's socket, with what the fan-out needs: `uvicorn --ws chat.uvicorn:SocketProtocol`."""

from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from chat.frames import Frames
from chat.inbox import Inbox
from chat.live.burst import GATHERED

_frames = Frames()


class SocketProtocol(WebSocketsSansIOProtocol):
    """Writes the frames of a burst as they are, built once for all sockets, instead of one by one for each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue = Inbox()  # type: ignore[assignment]  # all of it that is used

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        # Compression is of each socket; it takes the long way.
        if self.response.status_code == 101 and not self.conn.extensions:
            self.scope["extensions"][GATHERED] = {}
        # It would stay as long as the socket, 1 KB; the scope says it all.
        del self.request

    async def send(self, message: Any) -> None:
        if message["type"] != GATHERED:
            await super().send(message)
            if message["type"] == "websocket.accept":
                del self.response
            return
        if not self.writable.is_set():
            await self.writable.wait()
        if self.disconnected or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        self.transport.write(_frames.of(message["texts"]))
