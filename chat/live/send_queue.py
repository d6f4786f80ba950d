"""The bounded queue of frames for one socket.

While the socket keeps up, a frame is written in the caller's own step: no task, no queue, no thread. When `send` has to
wait, further frames are queued, and one task drains the queue until the socket keeps up again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from types import CoroutineType
from typing import Any

from chat.metrics import Traffic, size
from chat.protocol.errors import Close

logger = logging.getLogger(__name__)

# A socket with more than this queued is closed, and resumes by number; the room's other sockets are not delayed.
QUEUE_FRAMES = 1024
QUEUE_CHARS = 2 * 1024 * 1024
# Above this share of either bound, ephemeral events are dropped.
EPHEMERAL_SHARE = 0.25

# Our ASGI extension: a server that names it in the scope's `extensions` accepts `{"type": GATHERED, "texts": (…)}`, and
# sends each text as a frame, all with one write. The extension's `write` does the same without a coroutine if it needs
# no wait: it takes the texts, and returns False when it did nothing. A coroutine costs a fifth of a delivery.
GATHERED = "backchannel.gathered"
# Characters of one batch. As one frame, at 4 bytes per character, it is half of daphne's limit of 1 MiB.
BATCH_CHARS = 128 * 1024

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Write = Callable[[Sequence[str]], bool]


class FrameBatch:
    """Encoded events in order, and the ASGI messages that send them, built once for all sockets."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self.texts = texts

    @cached_property
    def bytes(self) -> int:
        """The size of all texts in UTF-8."""
        return sum(map(size, self.texts))

    @cached_property
    def gathered(self) -> Message:
        """The message for a server that knows `GATHERED`: a frame for each event."""
        return {"type": GATHERED, "texts": self.texts}

    @cached_property
    def together(self) -> "FrameBatch":
        """A batch of one frame, for a client that asked for `chat.v1.batch`: a JSON array of all events."""
        return FrameBatch((f"[{','.join(self.texts)}]",))


def frame_batches(texts: Iterable[str]) -> Iterator[FrameBatch]:
    """Split `texts`, in order, into batches of at most BATCH_CHARS, or of one longer text."""
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
    """Sends frames to one socket, bounded by QUEUE_FRAMES and QUEUE_CHARS."""

    def __init__(
        self,
        send: Send,
        *,
        batch: bool,
        gather: bool = False,
        write: Write | None = None,
        end: Callable[[Close], None],
        on_drop: Callable[[], None] = lambda: None,
    ) -> None:
        """`batch`: the client accepts many events in one frame; `gather`: the server accepts GATHERED messages;
        `write`: the server's function to send texts without a wait.

        `on_drop` is called when the first frame is dropped, `end` once, when a durable frame does not fit (TOO_SLOW) or
        writing failed (GOING_AWAY).
        """
        self._send = send
        self._batch = batch
        self._gather = gather
        self._write_now = write
        self._end = end
        self._on_drop = on_drop
        # A deque takes 0.6 KB while it is empty; removing the first item of a list of at most QUEUE_FRAMES is cheap.
        self._queue: list[str] = []
        self._queued_chars = 0
        self._flush_soon = False
        # Done when the next frame can be written at once.
        self._drainer: asyncio.Future[None] | None = None
        self.closed = False
        self.traffic = Traffic()

    def offer(self, text: str, *, ephemeral: bool = False, soon: bool = False) -> bool:
        """Send or queue one encoded event; False when it was dropped. Never waits, never raises.

        `soon`: more may follow in this iteration of the loop, such as the acknowledgements of one transaction, and one
        write sends all of them if the server can. A write costs 10 µs.
        """
        if self.closed:
            return False
        traffic = self.traffic
        traffic.events += 1
        traffic.bytes += len(text) if text.isascii() else size(text)
        if self._drainer is None and not self._batch and not self._flush_soon and not (soon and self._gather):
            self._write(self._alone(text))
            return True
        share = EPHEMERAL_SHARE if ephemeral else 1.0
        full = len(self._queue) >= QUEUE_FRAMES * share or self._queued_chars + len(text) > QUEUE_CHARS * share
        if full and self._flush_soon:
            # A burst within one loop iteration does not mean that the socket is slow.
            self._flush()
        if full and self._queue:
            traffic.drop(text)
            if traffic.dropped == 1:
                self._on_drop()
            if not ephemeral:
                self.close()
                self._end(Close.TOO_SLOW)
            return False
        self._queue.append(text)
        self._queued_chars += len(text)
        if self._drainer is None and not self._flush_soon:
            # All events of the current loop iteration go out in one frame, or in one write.
            self._flush_soon = True
            asyncio.get_running_loop().call_soon(self._flush)
        return True

    def offer_all(self, batch: FrameBatch) -> None:
        """`offer` all durable events of a batch; the room's sockets share its messages."""
        if self._queue or self._drainer or self.closed or not (self._batch or self._gather):
            for text in batch.texts:
                self.offer(text)
            return
        self.traffic.events += len(batch.texts)
        self.traffic.bytes += batch.bytes
        if self._write_now and not self._batch:
            # As at the start of `_write`, but without building a message.
            try:
                if self._write_now(batch.texts):
                    return
            except Exception as error:
                self._fail(error)
                return
        self._write(self._message(batch))

    @contextmanager
    def behind_first(self) -> Generator[list[str]]:
        """Hold back what is offered meanwhile, and send it after the text that the caller puts into the list. Without a
        text, as after an error, it is dropped. Nothing may be offered before."""
        first: list[str] = []
        held = self._drainer = asyncio.get_running_loop().create_future()
        try:
            yield first
        finally:
            self._drainer = None
            if not held.done():
                held.set_result(None)
            if not first:
                self._queue.clear()
                self._queued_chars = 0
            for text in () if self.closed else first:
                self.traffic.events += 1
                self.traffic.bytes += size(text)
                self._queue.insert(0, text)
                self._queued_chars += len(text)
            self._flush()

    def close(self) -> None:
        """Drop the queued frames and write no more."""
        self.closed = True
        self._queue.clear()
        self._queued_chars = 0
        if self._drainer:
            self._drainer.cancel()

    async def flushed(self) -> None:
        """Return when all offered frames have been handed to the transport."""
        if self._flush_soon:
            self._flush()
        if self._drainer:
            await asyncio.wait([self._drainer])

    def _flush(self) -> None:
        self._flush_soon = False
        while self._queue and self._drainer is None and not self.closed:
            self._write(self._next())

    def _next(self) -> Message:
        """Take as many queued frames as fit into one message."""
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
        # With GATHERED also for a single text: the server caches the encoded frame for all sockets.
        return {"type": GATHERED, "texts": (text,)} if self._gather else {"type": "websocket.send", "text": text}

    def _take(self) -> str:
        text = self._queue.pop(0)
        self._queued_chars -= len(text)
        return text

    def _write(self, message: Message) -> None:
        try:
            if self._write_now and self._write_now(message["texts"]):
                return
            sending = self._send(message)
            if type(sending) is not CoroutineType:
                # ASGI only promises an awaitable: granian's is a Rust object.
                self._drain_soon(sending)
                return
            waiting_for = sending.send(None)
        except StopIteration:
            return
        except Exception as error:
            self._fail(error)
            return
        self._drain_soon(_StartedCoroutine(waiting_for, sending))

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
        log_write_error(error)
        if not self.closed:
            self.close()
            self._end(Close.GOING_AWAY)


_logged: set[type[Exception]] = set()


def log_write_error(error: Exception) -> None:
    """Log an error of a server's `send` or `close`, once for each class. OSError is not logged: it means that the peer
    has disconnected (ASGI 2.4)."""
    if isinstance(error, OSError) or type(error) in _logged:
        return
    _logged.add(type(error))
    logger.warning("Writing to a socket failed; it counts as disconnected: %s: %s", type(error).__name__, error)


class _StartedCoroutine:
    """Awaits the rest of a coroutine whose first step was run outside a task."""

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
