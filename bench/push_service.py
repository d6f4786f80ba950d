"""A push service that takes everything, in a thread: it notes when each push came, and opens none."""

import asyncio
import threading
import time
from types import TracebackType
from typing import Self

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class PushService:
    """`with PushService() as service`: `arrived` are the times (`time.monotonic`) of the pushes, by their path."""

    def __init__(self) -> None:
        self.arrived: dict[bytes, list[float]] = {}
        self._count = threading.Condition()
        self._total = 0
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def times(self) -> list[float]:
        """When the pushes came, the first first."""
        with self._count:
            return sorted(at for times in self.arrived.values() for at in times)

    def wait_for(self, count: int, *, seconds: float) -> bool:
        """Wait until there are `count` pushes; False when they do not come in time."""
        with self._count:
            return self._count.wait_for(lambda: self._total >= count, seconds)

    async def _end(self) -> None:
        self._server.close()
        # Each handler then reads the end and returns: asyncio would print a traceback for a cancelled one.
        for writer in self._connections.values():
            writer.close()
        await asyncio.gather(*self._connections)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._connections[task] = writer
            task.add_done_callback(self._connections.pop)
        try:
            while True:
                head = await reader.readuntil(_HEAD_END)
                lines = head.lower().split(b"\r\n")
                length = next(int(line[len(_LENGTH) :]) for line in lines if line.startswith(_LENGTH))
                await reader.readexactly(length)
                with self._count:
                    self.arrived.setdefault(head.split(b" ", 2)[1], []).append(time.monotonic())
                    self._total += 1
                    self._count.notify_all()
                writer.write(CREATED)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
