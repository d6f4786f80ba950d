from collections.abc import Iterator

from django.core.checks import Tags, run_checks
from django.db import connection

from chat.management.database import database_problem
from chat.management.doctor.finding import Finding
from chat.server.health import is_migrated

# Checks for other processes: they stop a server from starting, but the doctor is not a server.
_PROCESSES = {"chat.E005", "chat.W003"}


def database() -> Iterator[Finding]:
    """Check the connection, the database's settings and the migrations."""
    kind = connection.settings_dict["ENGINE"].removesuffix(".base").rpartition(".")[2]
    if problem := database_problem():
        yield Finding(False, f"database: {problem}")
        return
    found = [m for m in run_checks(tags=[Tags.database], databases=["default"]) if m.id not in _PROCESSES]
    for message in found:
        # Report warnings as failures, too: a server starts with them, but acknowledged messages may be lost.
        yield Finding(False, f"database: {message.msg} {message.hint or ''}".rstrip())
    if not is_migrated():
        yield Finding(False, f"database: {kind}, and it lacks migrations of this version: run manage.py migrate")
    elif not found:
        yield Finding(True, f"database: {kind}, every migration is applied")
