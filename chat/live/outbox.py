"""What is on its way to one socket.

While the socket keeps up, a frame is written in the caller's own step: no task, no queue, no thread. When
`send` has to wait, what follows is queued, and one task drains the queue until the socket keeps up again.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

from chat.metrics import Traffic, size

# A socket this far behind is closed and resumes by number; the room goes on.
QUEUE_FRAMES = 1024
QUEUE_CHARS = 2 * 1024 * 1024
# Events of one frame for a socket that asked for batches: at 4 bytes a character, half of daphne's 1 MiB.
BATCH_CHARS = 128 * 1024
# Above this share of either bound, what may be dropped is dropped.
EPHEMERAL_SHARE = 0.25

Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]


class Outbox:
    """Bounded. `on_drop` is called with the first frame that is dropped, `on_slow` once when a durable frame no longer
    fits, `on_gone` when writing failed."""

    def __init__(
        self,
        send: Send,
        *,
        batch: bool,
        on_slow: Callable[[], None],
        on_gone: Callable[[], None],
        on_drop: Callable[[], None] = lambda: None,
    ) -> None:
        self._send = send
        self._batch = batch
        self._on_slow = on_slow
        self._on_gone = on_gone
        self._on_drop = on_drop
        self._queue: deque[str] = deque()
        self._queued_chars = 0
        self._gather_soon = False
        self._drainer: asyncio.Task[None] | None = None
        self.closed = False
        self.traffic = Traffic()

    def offer(self, text: str, *, ephemeral: bool = False) -> bool:
        """Put one encoded event on its way; False when it was dropped. Never waits, never raises."""
        if self.closed:
            return False
        traffic = self.traffic
        traffic.events += 1
        traffic.bytes += len(text) if text.isascii() else size(text)
        if self._drainer is None and not self._batch:
            self._write(text)
            return True
        share = EPHEMERAL_SHARE if ephemeral else 1.0
        full = len(self._queue) >= QUEUE_FRAMES * share or self._queued_chars + len(text) > QUEUE_CHARS * share
        if full and self._gather_soon:
            # Much in one step of the loop is no sign of a slow socket.
            self._gather()
        if full and self._queue:
            traffic.drop(text)
            if traffic.dropped == 1:
                self._on_drop()
            if not ephemeral:
                self.close()
                self._on_slow()
            return False
        self._queue.append(text)
        self._queued_chars += len(text)
        if self._batch and self._drainer is None and not self._gather_soon:
            # What the current step of the loop brings together travels in one frame.
            self._gather_soon = True
            asyncio.get_running_loop().call_soon(self._gather)
        return True

    def close(self) -> None:
        """Forget what waits; nothing is written any more."""
        self.closed = True
        self._queue.clear()
        self._queued_chars = 0
        if self._drainer:
            self._drainer.cancel()

    async def flushed(self) -> None:
        """Wait until all that was offered has been handed to the transport."""
        if self._gather_soon:
            self._gather()
        if self._drainer:
            await asyncio.wait([self._drainer])

    def _gather(self) -> None:
        self._gather_soon = False
        while self._queue and self._drainer is None and not self.closed:
            self._write(self._next())

    def _next(self) -> str:
        text = self._take()
        if not self._batch:
            return text
        texts, chars = [text], len(text)
        while self._queue and (chars := chars + len(self._queue[0])) <= BATCH_CHARS:
            texts.append(self._take())
        return f"[{','.join(texts)}]"

    def _take(self) -> str:
        text = self._queue.popleft()
        self._queued_chars -= len(text)
        return text

    def _write(self, text: str) -> None:
        sending = self._send({"type": "websocket.send", "text": text})
        try:
            waiting_for = sending.send(None)
        except StopIteration:
            return
        except Exception:
            self._fail()
            return
        self._drainer = asyncio.get_running_loop().create_task(self._drain(_Rest(waiting_for, sending)))

    async def _drain(self, rest: Awaitable[None]) -> None:
        try:
            await rest
            while self._queue:
                await self._send({"type": "websocket.send", "text": self._next()})
        except Exception:
            self._fail()
        finally:
            self._drainer = None

    def _fail(self) -> None:
        if not self.closed:
            self.close()
            self._on_gone()


class _Rest:
    """The remainder of a coroutine whose first step was taken outside a task, as something to await."""

    def __init__(self, waiting_for: Any, coroutine: Coroutine[Any, Any, None]) -> None:
        self._waiting_for = waiting_for
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, None, None]:
        try:
            yield self._waiting_for
        except BaseException:
            self._coroutine.close()
            raise
        yield from self._coroutine.__await__()
