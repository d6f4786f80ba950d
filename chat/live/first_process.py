"""Whether this process is the one of the cluster that started first, which does what only one of them is to do."""

from uuid import UUID

from chat.live import db
from chat.live.database_watch import DatabaseWatch
from chat.queries.people import first_process


class FirstProcess:
    """The answer as this process knows it. Two processes may both be it for a moment."""

    def __init__(self, process_id: UUID, watch: DatabaseWatch) -> None:
        self._process_id = process_id
        self._watch = watch
        # The number of the watch before the database was asked, while the answer was yes. Only a commit makes it no; of
        # another process, the lease may just end.
        self._here_at: int | None = None

    async def is_here(self) -> bool:
        """Ask the database, unless the answer must be what it was.

        Raises:
            ChatError: `unavailable`.
        """
        number = self._watch.number
        if number != self._here_at:
            first = await db.index(first_process)
            self._here_at = number if first == self._process_id else None
        return self._here_at is not None
