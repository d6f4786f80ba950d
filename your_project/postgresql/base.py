"""Connections that write to disk before they answer, and a pool that is well again soon after an outage."""

import logging
import time
from typing import Any

from django.db.backends.postgresql import base

logger = logging.getLogger(__name__)

# `on`: what was acknowledged is on disk here, and at a standby that is waited for; `remote_apply` is more. A role or
# database may have less as its default.
_CONFIGURE = """
SELECT current_setting('statement_timeout') = '0', CASE
    WHEN current_setting('synchronous_commit') IN ('on', 'remote_apply') THEN 'kept'
    ELSE set_config('synchronous_commit', 'on', false)
END
"""
# An outage breaks every connection: the first one that is found broken empties the pool, at most this often.
DRAIN_SECONDS = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    _drained_at = 0.0
    _limits_looked_at = False

    def _configure_connection(self, connection: Any) -> bool:
        """Called once for each new connection, by the pool or by Django; returns whether there is something to
        commit."""
        changed = bool(super()._configure_connection(connection))  # type: ignore[misc]  # the stubs lack it
        with connection.cursor() as cursor:
            unlimited, commit = cursor.execute(_CONFIGURE).fetchone()
        if not DatabaseWrapper._limits_looked_at:
            DatabaseWrapper._limits_looked_at = True
            if unlimited and "statement_timeout=0s" not in self.settings_dict["OPTIONS"].get("options", ""):
                logger.warning("No time limit is in force in the database: manage.py doctor names the cure.")
        return changed or commit != "kept"

    def _close(self) -> None:
        pool, broken = self.pool, self.connection is not None and self.connection.broken
        super()._close()  # type: ignore[misc]  # the stubs lack it
        now = time.monotonic()
        if pool and broken and now - DatabaseWrapper._drained_at > DRAIN_SECONDS:
            # Else each of its connections would fail one more person, up to 16 one after the other.
            DatabaseWrapper._drained_at = now
            pool.drain()
