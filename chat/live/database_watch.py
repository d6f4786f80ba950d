"""Notices for all who poll whether anything in the database can have changed, so that an idle server asks one cheap
question instead of theirs.

The reconciler looks twice a second. Who polls keeps the number that was current before the last read that found
nothing to do, and reads again when it is another one: a commit during that read changes the number afterwards. What a
process commits makes all of them read once, here and in the other processes; but here its lease, which each renews
every five seconds, does not. Between two changes they sleep: a wake-up of each of them, once or twice a second, was a
third of what an idle server cost.
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
        # A look during a write would count it.
        self._asking = asyncio.Lock()

    def changes(self) -> asyncio.Event:
        """An event for one who polls, set whenever the number has become another one. Clear it before the number is
        read: who found nothing to do waits for it, and not for the clock."""
        event = asyncio.Event()
        self._told.append(event)
        return event

    def note_change(self) -> None:
        """Something was committed, or may have been."""
        self.number += 1
        for event in self._told:
            event.set()

    async def look(self) -> int:
        """Ask the database; returns the number, which is another one when anything was committed since the last look.

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
        """Call `write` (see `state_after`), which no one who polls has to notice: the number stays if it alone was
        committed since the last look.

        Raises:
            ChatError: `unavailable`.
        """
        async with self._asking:
            after = await db.watch(state_after, write)
            if after is not None and after == next_state(self._state):
                self._state = after
