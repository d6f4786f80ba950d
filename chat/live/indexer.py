"""Keeps the search index in step with the messages, from one of the processes."""

import logging
import time
from uuid import UUID

from chat.lib import waits
from chat.live import db
from chat.live.database_watch import DatabaseWatch
from chat.live.first_process import FirstProcess
from chat.protocol.errors import ChatError
from chat.services.search_index import STEP, index_begin_again, index_forget_rooms, index_step, index_sweep

logger = logging.getLogger(__name__)

# Seconds between two looks for changes: a posted or edited message can be found within a second.
LOOK_SECONDS = 0.4
# After a step the thread rests for this many times as long as the step took: indexing new messages, and the older ones
# of a server that was just upgraded, must not slow down posting. With 15, SQLite stored 0.87 to 0.93 times as many
# messages as without the indexer.
REST = 40
# At most this many seconds: on a busy machine a step waits for a core, so that its duration does not reflect its cost.
MOST_REST_SECONDS = 2.0
# Seconds between two checks of which process indexes, and of what retention and deleted rooms leave behind.
TIDY_SECONDS = 5.0
# Less than any document's number.
SWEEP_BEGINS = -(2**63)


def rest_after(done: int, took: float) -> float:
    """Return the seconds to rest after a step that looked at `done` messages in `took` seconds.

    With fewer than STEP the index is up to date. One step then indexes everything posted until the next look: it costs
    nearly as much for one message as for a hundred, and they can be found within a second even on a slow machine.
    """
    return min(took * REST, MOST_REST_SECONDS) if done >= STEP else LOOK_SECONDS


class Indexer:
    """Indexes while this process is the first process. For a moment, two processes may both do so."""

    def __init__(self, process_id: UUID, watch: DatabaseWatch) -> None:
        self._first = FirstProcess(process_id, watch)
        self._watch = watch
        self._changed = watch.changes()
        # The watch's number before the last step that found nothing to index.
        self._done_at: int | None = None
        self._chosen = False
        self._tidied_at = float("-inf")
        # The watch's number before a look for deleted rooms that found none.
        self._forgotten_at: int | None = None
        # The position of the sweep, the number before it began, and the number before the last complete sweep.
        self._swept = SWEEP_BEGINS
        self._sweeping_at: int | None = None
        self._swept_at: int | None = None

    async def run(self) -> None:
        """Index until cancelled."""
        while True:
            try:
                rest = await self._work()
            except ChatError as error:
                logger.warning("Indexing waits for the database: %s", error.code)
                rest = TIDY_SECONDS
            except Exception:
                logger.exception("Indexing failed; it is retried.")
                rest = TIDY_SECONDS
            waiting = not self._chosen or self._done_at == self._watch.number
            most = self._tidied_at + TIDY_SECONDS - time.monotonic() if waiting else rest
            await waits.rest(self._changed, rest, most)

    async def _work(self) -> float:
        """Do one step; returns the seconds until the next."""
        self._changed.clear()
        if time.monotonic() - self._tidied_at > TIDY_SECONDS:
            self._tidied_at = time.monotonic()
            await self._tidy()
        began = time.monotonic()
        number = self._watch.number
        if not self._chosen or number == self._done_at:
            return LOOK_SECONDS
        done = await db.index(index_step)
        self._done_at = None if done else number
        return rest_after(done, time.monotonic() - began)

    async def _tidy(self) -> None:
        was, self._chosen = self._chosen, await self._first.is_here()
        if not self._chosen:
            return
        if not was:
            await db.index(index_begin_again, outdated=True)
        number = self._watch.number
        if number != self._forgotten_at:
            self._forgotten_at = None if await db.index(index_forget_rooms) else number
        if self._swept != SWEEP_BEGINS or number != self._swept_at:
            await self._sweep(number)

    async def _sweep(self, number: int) -> None:
        """Do one step through all documents: a commit may have left documents without a message."""
        if self._swept == SWEEP_BEGINS:
            self._sweeping_at = number
        swept = await db.index(index_sweep, self._swept)
        if swept is None:
            self._swept_at = self._sweeping_at
        self._swept = SWEEP_BEGINS if swept is None else swept
