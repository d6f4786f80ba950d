"""Group commit: items that arrive during a transaction go into the next one."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar, overload

from chat import metrics
from chat.live import db
from chat.protocol.errors import ChatError
from chat.services.posting import Draft, Outcome, Posted, RoomBusy, messages_post

Item = TypeVar("Item")
Result = TypeVar("Result")
Answered = TypeVar("Answered")
Answer = Callable[[Result], Answered]

# Items in one transaction; the others wait for the next. A longer transaction delays every sender in it.
BATCH_MAX = 256
# Minimum pause between two batches, so that replies to the last one join the next. An idle writer commits at once.
PAUSE_SECONDS = 0.002
# When the database takes longer than this to fail, waiting drafts get the same error without another attempt.
FAIL_FAST_SECONDS = 1.0


class GroupCommit(Generic[Item, Result]):
    """Collects items and commits them together, one batch at a time, in the order of arrival."""

    def __init__(
        self,
        commit: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        *,
        pause: float = 0.0,
        on_idle: Callable[[], object] = lambda: None,
    ) -> None:
        """`commit` returns one result per item; `pause` is the minimum time in seconds between two batches."""
        self._commit = commit
        self._pause = pause
        self._on_idle = on_idle
        self._waiting: list[tuple[Item, asyncio.Future[Any], Answer[Result, Any] | None]] = []
        self._runner: asyncio.Task[None] | None = None

    @overload
    def submit(self, item: Item) -> "asyncio.Future[Result]": ...

    @overload
    def submit(self, item: Item, answer: "Answer[Result, Answered]") -> "asyncio.Future[Answered]": ...

    def submit(self, item: Item, answer: "Answer[Result, Any] | None" = None) -> "asyncio.Future[Any]":
        """Put `item` into the next batch; after the commit the future gets its result, or the error that `commit`
        raised. `answer` converts the result, or raises: cheaper than a task that waits for the future."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        self._waiting.append((item, done, answer))
        if self._runner is None:
            self._runner = loop.create_task(self._run())
        return done

    def answer_waiting(self, result: Result) -> None:
        """Set this result on all items waiting for the next batch, without committing them."""
        waiting, self._waiting = self._waiting, []
        for _, done, answer in waiting:
            _end(done, answer, result)

    async def idle(self) -> None:
        """Return when no item waits and no transaction runs."""
        while self._runner:
            await asyncio.wait([self._runner])

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
                await self._settle(batch)
                if self._pause:
                    await asyncio.sleep(self._pause)
        finally:
            self._runner = None
            self._on_idle()

    async def _settle(self, batch: "list[tuple[Item, asyncio.Future[Any], Answer[Result, Any] | None]]") -> None:
        try:
            results = await self._commit([item for item, _, _ in batch])
        except Exception as error:
            for _, done, _ in batch:
                if not done.done():
                    done.set_exception(error)
            return
        for (_, done, answer), result in zip(batch, results, strict=True):
            if isinstance(result, asyncio.Future):
                result.add_done_callback(partial(_end_later, done, answer))
            else:
                _end(done, answer, result)


def _end(done: "asyncio.Future[Any]", answer: "Answer[Any, Any] | None", result: Any) -> None:
    if done.done():
        return
    try:
        done.set_result(answer(result) if answer else result)
    except Exception as error:
        done.set_exception(error)


def _end_later(done: "asyncio.Future[Any]", answer: "Answer[Any, Any] | None", result: "asyncio.Future[Any]") -> None:
    if result.cancelled():
        done.cancel()
    elif error := result.exception():
        if not done.done():
            done.set_exception(error)
    else:
        _end(done, answer, result.result())


class MessageWriter:
    """Posts drafts by group commit. A room whose row is locked elsewhere delays only its own drafts."""

    def __init__(self) -> None:
        self._batch: GroupCommit[Draft, Outcome | asyncio.Future[Outcome]] = GroupCommit(
            self._post_batch, pause=PAUSE_SECONDS
        )
        self._blocked_rooms: dict[str, GroupCommit[Draft, Outcome]] = {}

    @overload
    def post(self, draft: Draft) -> "asyncio.Future[Posted]": ...

    @overload
    def post(self, draft: Draft, answer: "Answer[Posted, Answered]") -> "asyncio.Future[Answered]": ...

    def post(self, draft: Draft, answer: "Answer[Posted, Any] | None" = None) -> "asyncio.Future[Any]":
        """Post one message; the future ends after the commit, with the result converted by `answer`.

        Raises:
            ChatError: from the future: the reason of a refusal; `unavailable` when the database does not answer.
        """
        return self._batch.submit(draft, partial(_answered, answer))

    async def idle(self) -> None:
        """Return when every submitted draft has an outcome."""
        await self._batch.idle()
        for queue in list(self._blocked_rooms.values()):
            await queue.idle()

    async def _post_batch(self, drafts: Sequence[Draft]) -> "Sequence[Outcome | asyncio.Future[Outcome]]":
        # While earlier drafts of a room wait for its lock, later ones join their queue, which keeps the order.
        queued = {
            n: self._blocked_rooms[draft.room].submit(draft)
            for n, draft in enumerate(drafts)
            if draft.room in self._blocked_rooms
        }
        unblocked = [draft for n, draft in enumerate(drafts) if n not in queued]
        outcomes = iter(await self._post_unlocked(unblocked) if unblocked else ())
        settled: list[Outcome | asyncio.Future[Outcome]] = []
        for n, draft in enumerate(drafts):
            outcome = queued[n] if n in queued else next(outcomes)
            settled.append(self._wait_for_room(draft) if isinstance(outcome, RoomBusy) else outcome)
        return settled

    def _wait_for_room(self, draft: Draft) -> "asyncio.Future[Outcome]":
        room = draft.room
        if room not in self._blocked_rooms:
            self._blocked_rooms[room] = GroupCommit(_post_blocked, on_idle=lambda: self._blocked_rooms.pop(room, None))
        return self._blocked_rooms[room].submit(draft)

    async def _post_unlocked(self, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        # Return the error per draft instead of raising: drafts queued for a locked room may still succeed.
        metrics.BATCH.observe(len(drafts))
        began = time.monotonic()
        try:
            with metrics.COMMIT.time():
                return await db.write(messages_post, drafts, wait=False)
        except ChatError as error:
            if time.monotonic() - began > FAIL_FAST_SECONDS:
                # Drafts that arrived meanwhile would wait just as long for the same error.
                self._batch.answer_waiting(error)
            return [error] * len(drafts)


def _answered(answer: "Answer[Posted, Any] | None", outcome: Any) -> Any:
    if isinstance(outcome, ChatError):
        raise outcome
    return answer(outcome) if answer else outcome


async def _post_blocked(drafts: Sequence[Draft]) -> Sequence[Outcome]:
    metrics.BATCH.observe(len(drafts))
    with metrics.COMMIT.time():
        return await db.run(messages_post, drafts, wait=True)
