"""What is on its way to one socket.

While the socket keeps up, a frame is written in the caller's own step: no task, no queue, no thread. When
`send` has to wait, what follows is queued, and one task drains the queue until the socket keeps up again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Iterator
from functools import cached_property
from types import CoroutineType
from typing import Any

from chat.metrics import Traffic, size

logger = logging.getLogger(__name__)

# A socket this far behind is closed and resumes by number; the room goes on.
QUEUE_FRAMES = 1024
QUEUE_CHARS = 2 * 1024 * 1024
# Above this share of either bound, what may be dropped is dropped.
EPHEMERAL_SHARE = 0.25

# An ASGI extension of ours: the scope of a socket names it when its server sends many texts, each in a frame of its
# own, with one call of `send` and one write: `{"type": GATHERED, "texts": (…)}`.
GATHERED = "backchannel.gathered"
# Characters of one batch. A frame that holds it all is, at 4 bytes a character, half of daphne's 1 MiB.
BATCH_CHARS = 128 * 1024

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]


class FrameBatch:
    """Encoded events in their order, and the messages that bring them to a socket."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self.texts = texts

    @cached_property
    def bytes(self) -> int:
        return sum(map(size, self.texts))

    @cached_property
    def gathered(self) -> Message:
        """For a server that knows `GATHERED`: a frame for each event."""
        return {"type": GATHERED, "texts": self.texts}

    @cached_property
    def together(self) -> "FrameBatch":
        """For a client that asked for batches: all of them in one frame."""
        return FrameBatch((f"[{','.join(self.texts)}]",))


def frame_batches(texts: Iterable[str]) -> Iterator[FrameBatch]:
    """All `texts` in their order, in as few frame_batches as they fit into."""
    together: list[str] = []
    chars = 0
    for text in texts:
        if together and chars + len(text) > BATCH_CHARS:
            yield FrameBatch(tuple(together))
            together, chars = [], 0
        together.append(text)
        chars += len(text)
    if together:
        yield FrameBatch(tuple(together))


class SendQueue:
    """Bounded. `on_drop` is called with the first frame that is dropped, `on_slow` once when a durable frame no longer
    fits, `on_gone` when writing failed."""

    def __init__(
        self,
        send: Send,
        *,
        batch: bool,
        gather: bool = False,
        on_slow: Callable[[], None],
        on_gone: Callable[[], None],
        on_drop: Callable[[], None] = lambda: None,
    ) -> None:
        """`batch`: the client takes many events in one frame; `gather`: the server takes many frames in one `send`."""
        self._send = send
        self._batch = batch
        self._gather = gather
        self._on_slow = on_slow
        self._on_gone = on_gone
        self._on_drop = on_drop
        self._queue: deque[str] = deque()
        self._queued_chars = 0
        self._flush_soon = False
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
            self._write(self._alone(text))
            return True
        share = EPHEMERAL_SHARE if ephemeral else 1.0
        full = len(self._queue) >= QUEUE_FRAMES * share or self._queued_chars + len(text) > QUEUE_CHARS * share
        if full and self._flush_soon:
            # Much in one step of the loop is no sign of a slow socket.
            self._flush()
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
        if self._batch and self._drainer is None and not self._flush_soon:
            # What the current step of the loop brings together travels in one frame.
            self._flush_soon = True
            asyncio.get_running_loop().call_soon(self._flush)
        return True

    def offer_all(self, batch: FrameBatch) -> None:
        """The same for events with a number that go to many sockets."""
        if self._queue or self._drainer or self.closed or not (self._batch or self._gather):
            for text in batch.texts:
                self.offer(text)
            return
        self.traffic.events += len(batch.texts)
        self.traffic.bytes += batch.bytes
        self._write(self._message(batch))

    def close(self) -> None:
        """Forget what waits; nothing is written any more."""
        self.closed = True
        self._queue.clear()
        self._queued_chars = 0
        if self._drainer:
            self._drainer.cancel()

    async def flushed(self) -> None:
        """Wait until all that was offered has been handed to the transport."""
        if self._flush_soon:
            self._flush()
        if self._drainer:
            await asyncio.wait([self._drainer])

    def _flush(self) -> None:
        self._flush_soon = False
        while self._queue and self._drainer is None and not self.closed:
            self._write(self._next())

    def _next(self) -> Message:
        """As much of what waits as goes out together."""
        text = self._take()
        if not (self._batch or self._gather):
            return self._alone(text)
        texts, chars = [text], len(text)
        while self._queue and (chars := chars + len(self._queue[0])) <= BATCH_CHARS:
            texts.append(self._take())
        return self._message(FrameBatch(tuple(texts)))

    def _message(self, batch: FrameBatch) -> Message:
        if self._batch:
            batch = batch.together
        return batch.gathered if self._gather else self._alone(batch.texts[0])

    def _alone(self, text: str) -> Message:
        # A server that takes many frames writes one as it is, too, and makes it once for all sockets.
        return {"type": GATHERED, "texts": (text,)} if self._gather else {"type": "websocket.send", "text": text}

    def _take(self) -> str:
        text = self._queue.popleft()
        self._queued_chars -= len(text)
        return text

    def _write(self, message: Message) -> None:
        try:
            sending = self._send(message)
            if type(sending) is not CoroutineType:
                # ASGI promises no more than that it can be awaited: granian's is of Rust.
                self._drain_soon(sending)
                return
            waiting_for = sending.send(None)
        except StopIteration:
            return
        except Exception as error:
            self._fail(error)
            return
        self._drain_soon(_Rest(waiting_for, sending))

    def _drain_soon(self, rest: Awaitable[None]) -> None:
        self._drainer = asyncio.get_running_loop().create_task(self._drain(rest))

    async def _drain(self, rest: Awaitable[None]) -> None:
        try:
            await rest
            while self._queue:
                await self._send(self._next())
        except Exception as error:
            self._fail(error)
        finally:
            self._drainer = None

    def _fail(self, error: Exception) -> None:
        note(error)
        if not self.closed:
            self.close()
            self._on_gone()


_noted: set[type[Exception]] = set()


def note(error: Exception) -> None:
    """Log what a server raises when it is to write to a socket or to close it, once of each kind: OSError says that
    the peer is gone (ASGI 2.4), and is no news."""
    if isinstance(error, OSError) or type(error) in _noted:
        return
    _noted.add(type(error))
    logger.warning("The server did not write to a socket, which is taken for gone: %s: %s", type(error).__name__, error)


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
