"""uvicorn's socket, with what the fan-out needs: `uvicorn --ws chat.uvicorn:SocketProtocol`."""

from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from chat.frames import Frames
from chat.live.burst import GATHERED

_frames = Frames()


class SocketProtocol(WebSocketsSansIOProtocol):
    """Writes the frames of a burst as they are, built once for all sockets, instead of one by one for each."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        # Compression is of each socket; it takes the long way.
        if self.response.status_code == 101 and not self.conn.extensions:
            self.scope["extensions"][GATHERED] = {}

    async def send(self, message: Any) -> None:
        if message["type"] != GATHERED:
            await super().send(message)
            return
        if not self.writable.is_set():
            await self.writable.wait()
        if self.disconnected or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        self.transport.write(_frames.of(message["texts"]))
