"""Notices for all who poll whether anything in the database can have changed, so that an idle server asks one cheap
question instead of theirs.

The reconciler looks twice a second. Who polls keeps the number that was current before the last read that found
nothing to do, and reads again when it is another one: a commit during that read changes the number afterwards. What a
process commits makes all of them read once, here and in the other processes; but here its lease, which each renews
every five seconds, does not.
"""

from collections.abc import Callable

from chat.live import db
from chat.queries.database_state import DatabaseState, around, database_state


class DatabaseWatch:
    """Counts the changes of the database that this process has noticed."""

    def __init__(self) -> None:
        self.number = 0
        self._state: DatabaseState | None = None

    async def look(self) -> int:
        """Ask the database; returns the number, which is another one when anything was committed since the last look.

        Raises:
            ChatError: `unavailable`; the next look that succeeds counts as a change.
        """
        before, self._state = self._state, None
        state = await db.watch(database_state)
        if state is None or state != before:
            self.number += 1
        self._state = state
        return self.number

    async def unseen(self, write: Callable[[], bool]) -> None:
        """Call `write` (see `around`), which no one who polls has to notice: the number stays if it alone was committed
        since the last look.

        Raises:
            ChatError: `unavailable`.
        """
        before, after = await db.watch(around, write)
        # During a look there is no state, and the next one counts what was written.
        if after is not None and self._state == before:
            self._state = after
