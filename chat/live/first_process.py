"""Whether this process is the first of the cluster: the one that started first does work that only one should do."""

from uuid import UUID

from chat.live import db
from chat.live.database_watch import DatabaseWatch
from chat.queries.people import first_process


class FirstProcess:
    """The answer as this process knows it. For a moment, two processes may both be the first."""

    def __init__(self, process_id: UUID, watch: DatabaseWatch) -> None:
        self._process_id = process_id
        self._watch = watch
        # The watch's number before the last query, while the answer was yes: only a commit can turn it to no. A no is
        # not kept, since another process' lease may expire without a commit.
        self._here_at: int | None = None

    async def is_here(self) -> bool:
        """Query the database, unless the answer cannot have changed.

        Raises:
            ChatError: `unavailable`.
        """
        number = self._watch.number
        if number != self._here_at:
            first = await db.index(first_process)
            self._here_at = number if first == self._process_id else None
        return self._here_at is not None
