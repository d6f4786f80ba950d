"""Can the database be reached, by itself: before a server starts, and when somebody asks why it does not."""

from django.conf import settings
from django.db import Error, connections

from accounts import outage


def database_problem() -> str | None:
    """What the database, or the way to it, says, and the cure where it is known; None when all is well."""
    # Not through the pool, which tries again and again, and says only that it gave up.
    alone = connections["default"].copy()
    alone.settings_dict["OPTIONS"].pop("pool", None)
    try:
        alone.ensure_connection()
    except Error as error:
        said = str(error).strip().partition("\n")[0]
        cure = _cure(said, alone.settings_dict["NAME"]) or outage.why(error)
        return f"{said}. {cure}" if cure else said
    alone.close()
    return None


def _cure(said: str, name: str) -> str:
    """PgBouncer knows no options that a connection asks for."""
    if "unsupported startup parameter" not in said:
        return ""
    limit = f"'{settings.DATABASE_TIMEOUT}s'"
    return (
        "This is PgBouncer: set ignore_startup_parameters = options in pgbouncer.ini, and in the database"
        f" ALTER DATABASE {name} SET statement_timeout = {limit}; ALTER DATABASE {name} SET lock_timeout = {limit}"
    )
