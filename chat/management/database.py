"""A connection test of the database, for the start of a server and for `manage.py doctor`."""

from django.conf import settings
from django.db import Error, connections

from chat.lib import outage


def database_problem() -> str | None:
    """Why the database cannot be reached, with the cure where it is known; None when it can be."""
    # Without the pool, which would retry and then report only a timeout.
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
    """The cure if PgBouncer refuses the options of our connections; else an empty string."""
    if "unsupported startup parameter" not in said:
        return ""
    limit = f"'{settings.CHAT_DATABASE_TIMEOUT}s'"
    return (
        "This is PgBouncer: set ignore_startup_parameters = options in pgbouncer.ini, and in the database"
        f" ALTER DATABASE {name} SET statement_timeout = {limit}; ALTER DATABASE {name} SET lock_timeout = {limit}"
    )
