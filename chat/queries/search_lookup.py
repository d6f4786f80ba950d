"""Looking up documents of the search index, the newest first: by GIN on PostgreSQL, by FTS5 on SQLite.

A word that is common is found among the newest documents; any other is looked up in the index, whose postings are then
few. An order by time from an index alone exists on SQLite only, and there not for the beginnings of words.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction

from chat.models import SearchDocument
from chat.search.tokens import Term

_TABLE = SearchDocument._meta.db_table
# The newest documents, which are looked through before the index is asked.
NEWEST = 4_000
# What one look-up may take; a hostile query costs no more.
LIMIT_SECONDS = 1.5
# Instructions of SQLite between two looks at the clock: less than a millisecond.
_CLOCK_STEPS = 10_000
_QUERY_CANCELED = "57014"
NO_END = 2**63 - 1
Values = list[Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the documents must have: each of `every`, one of each group of `some`, none of `none`."""

    every: Sequence[Term] = ()
    some: Sequence[Sequence[Term]] = ()
    none: Sequence[Term] = ()

    @property
    def is_positive(self) -> bool:
        """Whether it asks for anything to be there."""
        return bool(self.every or self.some)


@dataclass(frozen=True, slots=True)
class Within:
    """Where to look: numbers from `since` to below `before`, and rooms by a condition with its values."""

    since: int
    before: int
    rooms: tuple[str, Values]


@dataclass(frozen=True, slots=True)
class Found:
    """Numbers of documents and ids of messages, the newest first. `reached`: the number down to which all were looked
    at, or None: to the end."""

    rows: list[tuple[int, int]]
    reached: int | None = None
    late: bool = False


def look_up(wanted: Wanted, within: Within, *, most: int) -> Found:
    """At most `most` documents, the newest first. Three queries at most."""
    database = _SQLite() if connection.vendor == "sqlite" else _PostgreSQL()
    try:
        with database.limited():
            recent = database.recent(wanted, within, most)
            if len(recent) == most:
                return Found(recent, recent[-1][0])
            rows = database.indexed(wanted, within, most)
            return Found(rows, rows[-1][0] if len(rows) == most else None)
    except OperationalError as error:
        if not database.is_late(error):
            raise
    bottom = _bottom(within)
    return Found([], bottom, late=True) if bottom is None else Found(_few(wanted, within, most), bottom, late=True)


def _few(wanted: Wanted, within: Within, most: int) -> list[tuple[int, int]]:
    database = _SQLite() if connection.vendor == "sqlite" else _PostgreSQL()
    return database.recent(wanted, within, most)


def _bottom(within: Within) -> int | None:
    """The number of the last of the newest documents, or None if that is the end."""
    newest = SearchDocument.objects.filter(number__lt=within.before, number__gte=within.since).order_by("-number")
    return newest.values_list("number", flat=True)[NEWEST - 1 : NEWEST].first()


class _PostgreSQL:
    """Conditions on a `tsvector`."""

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Let statements run for LIMIT_SECONDS."""
        with transaction.atomic(), connection.cursor() as cursor:
            # Compiling a plan takes longer than most look-ups.
            cursor.execute(f"SET LOCAL statement_timeout = {round(LIMIT_SECONDS * 1000)}; SET LOCAL jit = off")
            yield

    def is_late(self, error: OperationalError) -> bool:
        """Whether the limit ended a statement."""
        return getattr(error.__cause__, "sqlstate", "") == _QUERY_CANCELED

    def recent(self, wanted: Wanted, within: Within, most: int) -> list[tuple[int, int]]:
        """Among the newest documents."""
        condition, values = self._condition(wanted)
        return _recent(condition, values, within, most)

    def indexed(self, wanted: Wanted, within: Within, most: int) -> list[tuple[int, int]]:
        """Among all documents."""
        condition, values = self._condition(wanted)
        rooms, room_values = within.rooms
        # Materialized: the planner would rather walk back through all numbers, for a word that it takes for common.
        return _rows(
            f"WITH found AS MATERIALIZED (SELECT number, message_id FROM {_TABLE}"
            f" WHERE {condition} AND number < %s AND number >= %s AND {rooms})"
            " SELECT number, message_id FROM found ORDER BY number DESC LIMIT %s",
            [*values, within.before, within.since, *room_values, most],
        )

    def _condition(self, wanted: Wanted) -> tuple[str, Values]:
        groups = [[term] for term in wanted.every] + [list(group) for group in wanted.some]
        parts = [f"({' | '.join(map(self._term, group))})" for group in groups]
        parts += [f"!({self._term(term)})" for term in wanted.none]
        return ("tokens @@ %s::tsquery", [" & ".join(parts)]) if parts else ("true", [])

    def _term(self, term: Term) -> str:
        # No token has a quote or a backslash in it.
        return f"'{term.token}'{':*' if term.prefix else ''}"


class _SQLite:
    """Conditions on FTS5, and on the tokens as text."""

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Let statements run for LIMIT_SECONDS."""
        connection.ensure_connection()
        until = time.monotonic() + LIMIT_SECONDS
        connection.connection.set_progress_handler(lambda: time.monotonic() > until, _CLOCK_STEPS)
        try:
            yield
        finally:
            connection.connection.set_progress_handler(None, 0)

    def is_late(self, error: OperationalError) -> bool:
        """Whether the limit ended a statement."""
        return str(error) == "interrupted"

    def recent(self, wanted: Wanted, within: Within, most: int) -> list[tuple[int, int]]:
        """Among the newest documents."""
        groups = [(True, [term]) for term in wanted.every] + [(True, list(group)) for group in wanted.some]
        groups += [(False, [term]) for term in wanted.none]
        parts, values = [], []
        for there, group in groups:
            one = " OR ".join(["instr(' ' || tokens || ' ', %s)"] * len(group))
            parts.append(f"({one})" if there else f"NOT ({one})")
            values += [f" {term.token}{'' if term.prefix else ' '}" for term in group]
        return _recent(" AND ".join(parts) or "true", values, within, most)

    def indexed(self, wanted: Wanted, within: Within, most: int) -> list[tuple[int, int]]:
        """Among all documents."""
        rooms, room_values = within.rooms
        if not wanted.is_positive:
            return _rows(
                f"SELECT number, message_id FROM {_TABLE} WHERE number < %s AND number >= %s AND {rooms}"
                " ORDER BY number DESC LIMIT %s",
                [within.before, within.since, *room_values, most],
            )
        # CROSS: the index is the outer loop, in the order of the results.
        return _rows(
            f"SELECT number, message_id FROM chat_searchtokens CROSS JOIN {_TABLE} ON number = chat_searchtokens.rowid"
            " WHERE chat_searchtokens MATCH %s AND chat_searchtokens.rowid < %s AND chat_searchtokens.rowid >= %s"
            f" AND {rooms}"
            " ORDER BY chat_searchtokens.rowid DESC LIMIT %s",
            [self._match(wanted), within.before, within.since, *room_values, most],
        )

    def _match(self, wanted: Wanted) -> str:
        groups = [[term] for term in wanted.every] + [list(group) for group in wanted.some]
        there = " AND ".join(f"({' OR '.join(map(self._term, group))})" for group in groups)
        none = " OR ".join(map(self._term, wanted.none))
        return f"({there}) NOT ({none})" if none else there

    def _term(self, term: Term) -> str:
        return f'"{term.token}"{"*" if term.prefix else ""}'


def _recent(condition: str, values: Values, within: Within, most: int) -> list[tuple[int, int]]:
    rooms, room_values = within.rooms
    return _rows(
        f"SELECT number, message_id FROM (SELECT number, message_id, room_id, tokens FROM {_TABLE}"
        f" WHERE number < %s AND number >= %s ORDER BY number DESC LIMIT {NEWEST}) AS newest"
        f" WHERE {condition} AND {rooms} ORDER BY number DESC LIMIT %s",
        [within.before, within.since, *values, *room_values, most],
    )


def _rows(statement: str, values: Values) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [(number, message_id) for number, message_id in cursor.fetchall()]
