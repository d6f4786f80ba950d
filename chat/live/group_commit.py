"""Group commit: what arrives while a transaction runs goes into the next one."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from chat import metrics
from chat.live import db
from chat.protocol.errors import ChatError
from chat.services.posting import Draft, Outcome, Posted, RoomBusy, messages_post

Item = TypeVar("Item")
Result = TypeVar("Result")

# One transaction takes at most this many; the rest waits for the next. Longer ones delay every sender in them.
BATCH_MAX = 256
# From the answer to one batch to the next: what its readers answer comes along. Whoever speaks into silence waits for
# nothing.
PAUSE_SECONDS = 0.002
# When the database takes longer than this to fail, drafts that wait do not each find out for themselves.
PATIENCE_SECONDS = 1.0


class GroupCommit(Generic[Item, Result]):
    """Collects items and commits them together, one batch at a time, in the order they came."""

    def __init__(
        self,
        commit: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        *,
        pause: float = 0.0,
        on_idle: Callable[[], object] = lambda: None,
    ) -> None:
        """`commit` returns one result an item; `pause` is the least time in seconds between two batches."""
        self._commit = commit
        self._pause = pause
        self._on_idle = on_idle
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._runner: asyncio.Task[None] | None = None

    def submit(self, item: Item) -> "asyncio.Future[Result]":
        """Put `item` into the next batch; the future ends after its commit, or with what `commit` raised."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, done))
        if self._runner is None:
            self._runner = loop.create_task(self._run())
        return done

    def answer_waiting(self, result: Result) -> None:
        """Give what waits for the next batch this result, without committing it."""
        waiting, self._waiting = self._waiting, []
        for _, done in waiting:
            if not done.done():
                done.set_result(result)

    async def idle(self) -> None:
        """Wait until nothing waits and nothing is being committed."""
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

    async def _settle(self, batch: "list[tuple[Item, asyncio.Future[Result]]]") -> None:
        try:
            results = await self._commit([item for item, _ in batch])
        except Exception as error:
            for _, done in batch:
                if not done.done():
                    done.set_exception(error)
            return
        for (_, done), result in zip(batch, results, strict=True):
            if not done.done():
                done.set_result(result)


class MessageWriter:
    """Posts drafts. A room that somebody else keeps locked delays only its own drafts."""

    def __init__(self) -> None:
        self._quick: GroupCommit[Draft, Outcome | asyncio.Future[Outcome]] = GroupCommit(
            self._post_quickly, pause=PAUSE_SECONDS
        )
        self._patient: dict[str, GroupCommit[Draft, Outcome]] = {}

    async def post(self, draft: Draft) -> Posted:
        """Post one message; returns after the commit.

        Raises:
            ChatError: why it was refused; `unavailable` when the database does not answer.
        """
        outcome = await self._quick.submit(draft)
        if isinstance(outcome, asyncio.Future):
            outcome = await outcome
        if isinstance(outcome, ChatError):
            raise outcome
        return outcome

    async def idle(self) -> None:
        """Wait until every draft has been answered."""
        await self._quick.idle()
        for queue in list(self._patient.values()):
            await queue.idle()

    async def _post_quickly(self, drafts: Sequence[Draft]) -> "Sequence[Outcome | asyncio.Future[Outcome]]":
        # While a room's earlier drafts wait for its lock, later ones queue up behind them: order is kept.
        behind = {
            n: self._patient[draft.room].submit(draft) for n, draft in enumerate(drafts) if draft.room in self._patient
        }
        quick = [draft for n, draft in enumerate(drafts) if n not in behind]
        outcomes = iter(await self._post_or_say_why(quick) if quick else ())
        settled: list[Outcome | asyncio.Future[Outcome]] = []
        for n, draft in enumerate(drafts):
            outcome = behind[n] if n in behind else next(outcomes)
            settled.append(self._wait_for_room(draft) if isinstance(outcome, RoomBusy) else outcome)
        return settled

    def _wait_for_room(self, draft: Draft) -> "asyncio.Future[Outcome]":
        room = draft.room
        if room not in self._patient:
            self._patient[room] = GroupCommit(_post_patiently, on_idle=lambda: self._patient.pop(room, None))
        return self._patient[room].submit(draft)

    async def _post_or_say_why(self, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        # As outcomes, not raised: it must not answer those that queue for a busy room, and may yet be written.
        metrics.BATCH.observe(len(drafts))
        began = time.monotonic()
        try:
            with metrics.COMMIT.time():
                return await db.write(messages_post, drafts, wait=False)
        except ChatError as error:
            if time.monotonic() - began > PATIENCE_SECONDS:
                # Who came meanwhile would wait for as long again, and is told with the others.
                self._quick.answer_waiting(error)
            return [error] * len(drafts)


async def _post_patiently(drafts: Sequence[Draft]) -> Sequence[Outcome]:
    metrics.BATCH.observe(len(drafts))
    with metrics.COMMIT.time():
        return await db.run(messages_post, drafts, wait=True)
