"""Can the database be reached, by itself: before a server starts, and when somebody asks why it does not."""

from django.db import DatabaseError, connections


def database_problem() -> str | None:
    """What the database, or the way to it, says; None when all is well."""
    # Not through the pool, which tries again and again, logs each failure, and says only that it gave up.
    alone = connections["default"].copy()
    alone.settings_dict["OPTIONS"].pop("pool", None)
    try:
        alone.ensure_connection()
    except DatabaseError as error:
        return str(error).strip().splitlines()[0]
    alone.close()
    return None
