"""The database wrapper: connections whose commits are on disk, and a pool that is emptied after an outage."""

import logging
import time
from typing import Any

from django.db.backends.postgresql import base

logger = logging.getLogger(__name__)

# `on`: a commit is on disk here, and on a synchronous standby; `remote_apply` is stronger. A role or database may have
# a weaker default.
_CONFIGURE = """
SELECT current_setting('statement_timeout') = '0', CASE
    WHEN current_setting('synchronous_commit') IN ('on', 'remote_apply') THEN 'kept'
    ELSE set_config('synchronous_commit', 'on', false)
END
"""
# An outage breaks every connection: the first broken one empties the pool, at most once in this time.
DRAIN_SECONDS = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper with `synchronous_commit` on, and a check for a missing statement timeout."""

    _drained_at = 0.0
    _limits_checked = False

    def _configure_connection(self, connection: Any) -> bool:
        """Called once for each new connection, by the pool or by Django; returns whether a commit is needed."""
        changed = bool(super()._configure_connection(connection))  # type: ignore[misc]  # the stubs lack it
        with connection.cursor() as cursor:
            unlimited, commit = cursor.execute(_CONFIGURE).fetchone()
        if not DatabaseWrapper._limits_checked:
            DatabaseWrapper._limits_checked = True
            if unlimited and "statement_timeout=0s" not in self.settings_dict["OPTIONS"].get("options", ""):
                logger.warning("No time limit is in force in the database: manage.py doctor names the cure.")
        return changed or commit != "kept"

    def _close(self) -> None:
        pool, broken = self.pool, self.connection is not None and self.connection.broken
        super()._close()  # type: ignore[misc]  # the stubs lack it
        now = time.monotonic()
        if pool and broken and now - DatabaseWrapper._drained_at > DRAIN_SECONDS:
            # Otherwise each of up to 16 broken connections would fail one more request.
            DatabaseWrapper._drained_at = now
            pool.drain()
