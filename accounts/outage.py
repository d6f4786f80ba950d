"""What an error of the database means: is it away, can it not store this value, or does it need its operator?"""

import logging
import time

from django.db import DataError, IntegrityError, InterfaceError, InternalError, OperationalError

logger = logging.getLogger(__name__)

# Of SQLSTATE (PostgreSQL, appendix A): data exception, integrity, limit of the program, an exception that a trigger
# raises. The same value fails again, however often it is sent.
_OF_THE_VALUE = {"22", "23", "44", "54", "P0"}
# What operators have to put right: read-only, rights, tables, space. The words are for strangers too.
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
# A kind of error is logged once in this time: in an outage each statement fails.
REPORT_SECONDS = 60.0
_reported: dict[str, float] = {}


def kind(error: BaseException) -> str:
    """Its name without a word of what the statement held, such as `UntranslatableCharacter 22P05`, `SQLITE_FULL`."""
    cause = error.__cause__ or error
    name = getattr(cause, "sqlite_errorname", "") or type(cause).__name__
    return f"{name} {state}" if (state := _sqlstate(error)) else name


def is_of_the_value(error: BaseException) -> bool:
    """Would the same statement with other values have gone through?"""
    return isinstance(error, (DataError, IntegrityError, UnicodeError)) or _sqlstate(error)[:2] in _OF_THE_VALUE


def fails_again(error: BaseException) -> bool:
    """Is the value refused, however often it is sent?

    A number that is taken is not: the next try takes another one. A sequence of PostgreSQL gives numbers twice after a
    crash of a database that was made by CREATE DATABASE … TEMPLATE (pgsql-hackers, "Fix sequence value may rollback
    after CREATE DATABASE TEMPLATE with WAL_LOG strategy").
    """
    return is_of_the_value(error) and not _is_of_a_taken_key(error)


def _is_of_a_taken_key(error: BaseException) -> bool:
    name = getattr(error.__cause__ or error, "sqlite_errorname", "")
    return _sqlstate(error) == "23505" or name in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}


def is_outage(error: BaseException | None) -> bool:
    """May the same work later, when the database is back or was put right, with no change of our own?"""
    if error is None or is_of_the_value(error):
        return False
    return isinstance(error, (OperationalError, InterfaceError, InternalError)) or bool(why(error))


def why(error: BaseException) -> str:
    """One sentence for the operator; empty when the database is just away."""
    name = getattr(error.__cause__ or error, "sqlite_errorname", "")
    # SQLite refines some names: SQLITE_READONLY_DIRECTORY.
    known = (sentence for code, sentence in _WHY.items() if code == _sqlstate(error) or name.startswith(code))
    return next(known, "")


def is_missing_table(error: BaseException) -> bool:
    """PostgreSQL has a code for it; SQLite has words only."""
    return _sqlstate(error) == "42P01" or "no such table" in str(error)


def report(error: BaseException) -> None:
    """Log an error of the database, each kind once a minute, without its text."""
    name, now = kind(error), time.monotonic()
    if now - _reported.get(name, -REPORT_SECONDS) < REPORT_SECONDS:
        return
    _reported[name] = now
    logger.warning("The database fails (%s). %s", name, why(error) or "manage.py doctor looks for the cause.")


def _sqlstate(error: BaseException) -> str:
    return getattr(error.__cause__ or error, "sqlstate", None) or ""
