"""A TCP proxy as the network between clients and a server: it can stall, swallow and break."""

import asyncio
import socket
from types import TracebackType
from typing import Self

# Small: otherwise the kernels' buffers for a stalled reader would hide megabytes from the server.
_BUFFER_BYTES = 32 * 1024


class Wire:
    """`async with Wire(port) as wire:`; clients connect to `wire.url`."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._down, self._up = asyncio.Event(), asyncio.Event()
        self.flow()
        self._writers: set[asyncio.StreamWriter] = set()
        self._lines: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0, backlog=4096)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.cut()
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    @property
    def port(self) -> int:
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stall(self) -> None:
        """Let nothing come from the server any more, and close nothing."""
        self._down.clear()

    def vanish(self) -> None:
        """Let nothing through in either direction, and close nothing."""
        self._down.clear()
        self._up.clear()

    def flow(self) -> None:
        self._down.set()
        self._up.set()

    def cut(self) -> None:
        """Break every connection at once, without a closing handshake."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def unplug(self) -> None:
        """Break every connection, and accept none until `plug`."""
        port = self.port
        self._server.close()
        self._unplugged = port
        self.cut()

    async def plug(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self._unplugged, backlog=4096)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        line = socket.socket()
        try:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
            line.setblocking(False)
            await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", self._to))
            there, back = await asyncio.open_connection(sock=line, limit=_BUFFER_BYTES)
        except BaseException as error:
            # The server is away, or the test is over.
            line.close()
            writer.close()
            self._writers.discard(writer)
            if isinstance(error, OSError):
                return
            raise
        self._writers.add(back)
        try:
            await asyncio.gather(self._pump(reader, back, self._up), self._pump(there, writer, self._down))
        finally:
            self._writers -= {writer, back}

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flows: asyncio.Event) -> None:
        try:
            while data := await reader.read(_BUFFER_BYTES):
                await flows.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()
