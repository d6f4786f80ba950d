"""Classifies database errors: the database is unreachable, cannot store this value, or needs its operator."""

import logging
import time

from django.db import DataError, IntegrityError, InterfaceError, InternalError, OperationalError

logger = logging.getLogger(__name__)

# SQLSTATE classes (PostgreSQL, appendix A): data exception, integrity, program limit, exception raised by a trigger.
# The same value fails again.
_OF_THE_VALUE = {"22", "23", "44", "54", "P0"}
# Errors that the operator has to fix: read-only, privileges, tables, space. The texts may be shown to strangers.
_READ_ONLY = "The database is read-only: it is a standby, or its role, its file or its folder may not be written."
_WHY = {
    "25006": _READ_ONLY,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_CANTOPEN": "The database file or its folder cannot be written by the account of the server.",
    "42501": "The role of DATABASE_URL lacks rights in the database.",
    "42P01": "The database lacks a table: run manage.py migrate.",
    "42703": "The database lacks a column: run manage.py migrate.",
    "53100": "The disk of the database is full.",
    "SQLITE_FULL": "The disk of the database is full.",
    "53300": "The database takes no more connections: raise max_connections, or lower DATABASE_THREADS.",
}
# Each kind of error is logged once in this time: in an outage every statement fails.
REPORT_SECONDS = 60.0
_reported: dict[str, float] = {}


def kind(error: BaseException) -> str:
    """Return the name of the error without any part of the statement, such as `UntranslatableCharacter 22P05` or
    `SQLITE_FULL`."""
    cause = error.__cause__ or error
    name = getattr(cause, "sqlite_errorname", "") or type(cause).__name__
    return f"{name} {state}" if (state := _sqlstate(error)) else name


def is_of_the_value(error: BaseException) -> bool:
    """Whether the same statement could succeed with other values."""
    return isinstance(error, (DataError, IntegrityError, UnicodeError)) or _sqlstate(error)[:2] in _OF_THE_VALUE


def fails_again(error: BaseException) -> bool:
    """Whether the same value fails again.

    A duplicate key does not: the next attempt takes another number. A PostgreSQL sequence returns numbers twice after a
    crash of a database that was created by CREATE DATABASE … TEMPLATE (pgsql-hackers, "Fix sequence value may rollback
    after CREATE DATABASE TEMPLATE with WAL_LOG strategy").
    """
    return is_of_the_value(error) and not _is_of_a_taken_key(error)


def _is_of_a_taken_key(error: BaseException) -> bool:
    name = getattr(error.__cause__ or error, "sqlite_errorname", "")
    return _sqlstate(error) == "23505" or name in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}


def is_outage(error: BaseException | None) -> bool:
    """Whether the same work can succeed later without a change on our side, when the database is back or was fixed."""
    if error is None or is_of_the_value(error):
        return False
    return isinstance(error, (OperationalError, InterfaceError, InternalError)) or bool(why(error))


def why(error: BaseException) -> str:
    """Return one sentence for the operator; empty for other errors, as when the database cannot be reached."""
    name = getattr(error.__cause__ or error, "sqlite_errorname", "")
    # By prefix: SQLite has extended names such as SQLITE_READONLY_DIRECTORY.
    known = (sentence for code, sentence in _WHY.items() if code == _sqlstate(error) or name.startswith(code))
    return next(known, "")


def is_missing_table(error: BaseException) -> bool:
    """Whether a table is missing: PostgreSQL has a code for it, SQLite only a text."""
    return _sqlstate(error) == "42P01" or "no such table" in str(error)


def report(error: BaseException) -> None:
    """Log a database error without its text, each kind once a minute."""
    name, now = kind(error), time.monotonic()
    if now - _reported.get(name, -REPORT_SECONDS) < REPORT_SECONDS:
        return
    _reported[name] = now
    logger.warning("The database fails (%s). %s", name, why(error) or "manage.py doctor looks for the cause.")


def _sqlstate(error: BaseException) -> str:
    return getattr(error.__cause__ or error, "sqlstate", None) or ""
