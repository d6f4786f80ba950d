"""Notices whether anything in the database can have changed, for all tasks that poll, so that an idle server runs one
cheap query instead of all of theirs.

The reconciler looks twice a second. A poller keeps the number that was current before its last read that found nothing
to do, and reads again when the number differs: a commit during that read changes the number afterwards. A commit by any
process makes the pollers of all processes read once; only the renewal of a process' lease, every five seconds, does not
wake its own pollers. Between two changes they sleep: waking each of them once or twice a second was a third of the cost
of an idle server.
"""

import asyncio
from collections.abc import Callable

from chat.live import db
from chat.queries.database_state import DatabaseState, database_state, next_state, state_after


class DatabaseWatch:
    """Counts the changes of the database that this process has noticed."""

    def __init__(self) -> None:
        self.number = 0
        self._state: DatabaseState | None = None
        self._told: list[asyncio.Event] = []
        # Held during a look and a write: a look during the write would count it as a change.
        self._asking = asyncio.Lock()

    def changes(self) -> asyncio.Event:
        """Return an event for one poller, set whenever the number changes. Clear it before you read the number: a
        poller with nothing to do waits for the event instead of the clock."""
        event = asyncio.Event()
        self._told.append(event)
        return event

    def note_change(self) -> None:
        """Count a commit, or something that may have been one."""
        self.number += 1
        for event in self._told:
            event.set()

    async def look(self) -> int:
        """Query the database; returns the number, which differs when anything was committed since the last look.

        Raises:
            ChatError: `unavailable`; the next look that succeeds counts as a change.
        """
        async with self._asking:
            before, self._state = self._state, None
            state = await db.watch(database_state)
            if state is None or state != before:
                self.note_change()
            self._state = state
        return self.number

    async def unseen(self, write: Callable[[], bool]) -> None:
        """Call `write` (see `state_after`), which no poller has to notice: the number stays the same if nothing else
        was committed since the last look.

        Raises:
            ChatError: `unavailable`.
        """
        async with self._asking:
            after = await db.watch(state_after, write)
            if after is not None and after == next_state(self._state):
                self._state = after
