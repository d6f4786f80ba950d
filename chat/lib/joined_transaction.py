"""A Django transaction that sends its BEGIN with the first statements to PostgreSQL, and its COMMIT with the last.

`transaction.atomic` turns psycopg's autocommit off and on, and would commit again what is already committed: four calls
that take psycopg's lock, 60 µs of the 840 µs that a batch of one message took.
"""

from types import TracebackType
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import Atomic

from chat.lib.joined_statements import IDLE, Statement

# Each statement reads what was committed before it: after waiting for a lock, what its last holder wrote.
_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
# Truthy, for `needs_rollback` of a connection whose BEGIN was not built yet: Django then refuses every other statement,
# which PostgreSQL would commit on its own.
_NOT_BEGUN: Any = "not begun"


class JoinedTransaction(Atomic):
    """`transaction.atomic` for a block that begins with joined statements (`begin`). A nested block, and any block on
    SQLite, is plain `atomic`. Another statement before the joined ones raises `TransactionManagementError`."""

    def __init__(self) -> None:
        super().__init__(DEFAULT_DB_ALIAS, savepoint=True, durable=False)

    def __enter__(self) -> None:
        own: Any = connections[DEFAULT_DB_ALIAS]
        if own.vendor != "postgresql" or own.in_atomic_block:
            super().__enter__()
            return
        own.close_if_health_check_failed()
        if not own.get_autocommit():
            super().__enter__()
            return
        # The same state as in `Atomic`, except that psycopg stays in autocommit and sends no BEGIN of its own.
        own.commit_on_exit, own.needs_rollback = True, _NOT_BEGUN
        own.rollback_exc = RuntimeError("A joined transaction begins with joined statements.")
        own.in_atomic_block, own.autocommit = True, False
        own.atomic_blocks.append(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        own = connections[DEFAULT_DB_ALIAS]
        _begun(own)
        if error is not None or not _is_committed(own):
            super().__exit__(kind, error, traceback)
            return
        own.atomic_blocks.pop()
        own.in_atomic_block, own.autocommit = False, True
        # As Django does after a commit: the connection works.
        own.errors_occurred = False
        own.run_and_clear_commit_hooks()


def begin(own: BaseDatabaseWrapper) -> list[Statement]:
    """Return the BEGIN of Django's transaction if none was sent yet: psycopg would send its own first, and wait."""
    own.ensure_connection()
    raw = own.connection
    if own.autocommit or raw.pgconn.transaction_status != IDLE:
        return []
    _begun(own)
    if not raw.autocommit:
        # Only psycopg's autocommit: Django's `atomic` still ends the transaction, and turns its own back on after that.
        raw.autocommit = True
    return [(_BEGIN, ())]


def commit(own: BaseDatabaseWrapper) -> list[Statement]:
    """Return the COMMIT of Django's transaction; nothing in a nested block. After it psycopg has nothing to commit."""
    outermost = len(own.atomic_blocks) == 1 and own.commit_on_exit
    return [("COMMIT", ())] if outermost else []


def _begun(own: Any) -> None:
    if own.needs_rollback is _NOT_BEGUN:
        own.needs_rollback, own.rollback_exc = False, None


def _is_committed(own: BaseDatabaseWrapper) -> bool:
    """Whether this is the outermost block and nothing is left to commit: it sent its COMMIT, or no statement at all."""
    if own.vendor != "postgresql" or len(own.atomic_blocks) != 1 or own.savepoint_ids:
        return False
    if own.needs_rollback or own.closed_in_transaction or not own.commit_on_exit or own.connection is None:
        return False
    return cast("int", own.connection.pgconn.transaction_status) == IDLE
