"""Looking up documents of the search index, the newest first: by GIN on PostgreSQL, by FTS5 on SQLite.

Neither index gives the newest documents with a beginning of a word, nor GIN those with a common word, without reading
all of its postings. So the newest documents are looked through first: what is common is found among them, and of
anything else the postings are few. What is there and not common enough is looked up further back in between, on
PostgreSQL: it combines GIN with the numbers of some months, and reads only the documents that are in both.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.db import OperationalError, connection, transaction

from chat.models import SearchDocument
from chat.models.search import ID_BITS
from chat.search.tokens import Term

_TABLE = SearchDocument._meta.db_table
# The newest documents, which are looked through before the index is asked.
NEWEST = 2_000
# The newest documents to which GIN is limited when those found among NEWEST promise enough: of its postings, it is the
# documents that take the time.
FURTHER = 100_000
# With as many of these, the others wait for the next round.
FEW = 30
# Instructions of SQLite between two looks at the clock: less than a millisecond.
_CLOCK_STEPS = 10_000
_QUERY_CANCELED = "57014"
NO_END = 2**63 - 1
Values = list[Any]
# Numbers of documents and ids of messages, the newest first.
Rows = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Within:
    """Where to look: numbers from `since` to below `before`, and rooms by a condition with its values; `room_terms`:
    one of them is in each document of these rooms, unless there are too many to ask the index for."""

    since: int
    before: int
    rooms: tuple[str, Values]
    room_terms: Sequence[Term] = ()

    def below(self, number: int) -> "Within":
        """The same, from below a number."""
        return replace(self, before=min(self.before, number))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the documents must have: each of `every`, one of each group of `some`, none of `none`."""

    every: Sequence[Term] = ()
    some: Sequence[Sequence[Term]] = ()
    none: Sequence[Term] = ()

    @property
    def groups(self) -> list[list[Term]]:
        """Of each group one must be there."""
        return [[term] for term in self.every] + [list(group) for group in self.some]

    def groups_in(self, within: Within) -> list[list[Term]]:
        """As `groups`, with the rooms as far as the index is asked for them."""
        return [*self.groups, list(within.room_terms)] if within.room_terms else self.groups


@dataclass(frozen=True, slots=True)
class Found:
    """The documents that were found. `reached`: the number down to which all were looked at, or None: to the end."""

    rows: Rows
    reached: int | None = None
    late: bool = False


def look_up(wanted: Wanted, within: Within, *, most: int, until: float, again: bool = False) -> Found:
    """At most `most` documents, the newest first, or more where that costs nothing. `until`: when to give up, of
    `time.monotonic`. `again`: those found before were not what is wanted, so that the newest are not walked through."""
    database = _SQLite() if connection.vendor == "sqlite" else _PostgreSQL()
    bottom, recent = _bottom(within, NEWEST), Rows()
    walks = database.walks(wanted) and not again
    try:
        with database.limited(until):
            if bottom is None or walks:
                recent = database.recent(wanted, within, most, bottom)
            if bottom is not None and database.goes_further and len(recent) < most:
                near = _nearer(within, bottom, min(FURTHER, 2 * NEWEST * most // max(1, len(recent))))
                rows = database.indexed(wanted, near, database.indexed_most)
                if len(rows) >= (FEW if again else most):
                    return Found(rows, rows[-1][0] if len(rows) == database.indexed_most else near.since)
            if bottom is None or len(recent) == most:
                return _found(recent, most)
            # All postings are read for a few as well.
            most = max(most, database.indexed_most)
            return _found(database.indexed(wanted, within, most), most)
    except OperationalError as error:
        if not database.is_late(error):
            raise
    if bottom is not None and not walks:
        recent = database.recent(wanted, within, most, bottom)
    return Found(recent, bottom, late=True)


def _found(rows: Rows, most: int) -> Found:
    return Found(rows, rows[-1][0] if len(rows) == most else None)


def _nearer(within: Within, bottom: int, depth: int) -> Within:
    """About the newest `depth` documents, by the time that the newest NEWEST, down to `bottom`, have taken."""
    last = min(within.before >> ID_BITS, int(time.time()))
    start = last - (last - (bottom >> ID_BITS) + 1) * depth // NEWEST
    return replace(within, since=max(within.since, start << ID_BITS))


def _bottom(within: Within, depth: int) -> int | None:
    """The number of the last of `depth` newest documents, or None when there are no more than those."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT number FROM {_TABLE} WHERE number < %s AND number >= %s ORDER BY number DESC LIMIT 1 OFFSET %s",
            [within.before, within.since, depth - 1],
        )
        row = cursor.fetchone()
    return row[0] if row else None


class _PostgreSQL:
    """Conditions on a `tsvector`."""

    goes_further = True
    indexed_most = 1_240

    @contextmanager
    def limited(self, until: float) -> Iterator[None]:
        """Let no statement run for longer than is left."""
        left = max(1, round((until - time.monotonic()) * 1000))
        with transaction.atomic(), connection.cursor() as cursor:
            # Compiling a plan takes longer than most look-ups.
            cursor.execute(f"SET LOCAL statement_timeout = {left}; SET LOCAL jit = off")
            yield

    def is_late(self, error: OperationalError) -> bool:
        """Whether the limit ended a statement."""
        return getattr(error.__cause__, "sqlstate", "") == _QUERY_CANCELED

    def walks(self, _wanted: Wanted) -> bool:
        """Whether the newest documents are looked through first."""
        return True

    def recent(self, wanted: Wanted, within: Within, most: int, bottom: int | None) -> Rows:
        """Among the newest documents."""
        condition, values = self._condition(wanted.groups, wanted.none, by_index=False)
        return _walked(condition, values, within, most, bottom)

    def indexed(self, wanted: Wanted, within: Within, most: int) -> Rows:
        """Among all documents."""
        groups = wanted.groups_in(within)
        condition, values = self._condition(groups, wanted.none, by_index=bool(groups))
        if not groups:
            return _walked(condition, values, within, most, None)
        rooms, room_values = within.rooms
        # Materialized: the planner would rather walk back through all numbers, for a word that it takes for common.
        return _rows(
            f"WITH found AS MATERIALIZED (SELECT number, message_id FROM {_TABLE}"
            f" WHERE {condition} AND number < %s AND number >= %s AND {rooms})"
            " SELECT number, message_id FROM found ORDER BY number DESC LIMIT %s",
            [*values, within.before, within.since, *room_values, most],
        )

    def _condition(self, groups: list[list[Term]], none: Sequence[Term], *, by_index: bool) -> tuple[str, Values]:
        parts = [f"({' | '.join(map(self._term, group))})" for group in groups]
        parts += [f"!({self._term(term)})" for term in none]
        # "IS TRUE" hides it from GIN: walking must not read all postings first.
        how = "tokens @@ %s::tsquery" if by_index else "(tokens @@ %s::tsquery) IS TRUE"
        return (how, [" & ".join(parts)]) if parts else ("true", [])

    def _term(self, term: Term) -> str:
        # No token has a quote or a backslash in it.
        return f"'{term.token}'{':*' if term.prefix else ''}"


class _SQLite:
    """Conditions on FTS5, and on the tokens as text."""

    goes_further = False
    indexed_most = 280

    @contextmanager
    def limited(self, until: float) -> Iterator[None]:
        """Let statements run until this moment."""
        connection.ensure_connection()
        connection.connection.set_progress_handler(lambda: time.monotonic() > until, _CLOCK_STEPS)
        try:
            yield
        finally:
            connection.connection.set_progress_handler(None, 0)

    def is_late(self, error: OperationalError) -> bool:
        """Whether the limit ended a statement."""
        return str(error) == "interrupted"

    def walks(self, wanted: Wanted) -> bool:
        """Whether the newest documents are looked through first: FTS5 gives those with whole words in order."""
        return any(term.prefix for term in wanted.every)

    def recent(self, wanted: Wanted, within: Within, most: int, bottom: int | None) -> Rows:
        """Among the newest documents."""
        condition, values = self._condition(wanted)
        return _walked(condition, values, within, most, bottom)

    def indexed(self, wanted: Wanted, within: Within, most: int) -> Rows:
        """Among all documents."""
        groups = wanted.groups_in(within)
        condition, values = self._condition(wanted)
        if not groups:
            return _walked(condition, values, within, most, None)
        rooms, room_values = within.rooms
        match = " AND ".join(f"({' OR '.join(map(self._term, group))})" for group in groups)
        # FTS5 has a row for each second. CROSS: it is the outer loop, in the order of the results.
        statement = (
            f"SELECT number, message_id FROM chat_searchtokens CROSS JOIN {_TABLE}"
            f" ON number >= chat_searchtokens.rowid << {ID_BITS}"
            f" AND number < (chat_searchtokens.rowid + 1) << {ID_BITS}"
            " WHERE chat_searchtokens MATCH %s AND chat_searchtokens.rowid <= %s AND chat_searchtokens.rowid >= %s"
            # "+": not these, which hold for all seconds, choose the rows of the inner loop.
            f" AND +number < %s AND +number >= %s AND {rooms} AND {condition}"
            " ORDER BY chat_searchtokens.rowid DESC"
        )
        first, last = within.since, within.before
        span = [last >> ID_BITS, first >> ID_BITS, last, first]
        found: Rows = []
        with connection.cursor() as cursor:
            cursor.execute(statement, [match, *span, *room_values, *values])
            # The documents of one second come in any order: the last second is read to its end.
            for number, message_id in cursor:
                if len(found) >= most and number >> ID_BITS != found[-1][0] >> ID_BITS:
                    break
                found.append((number, message_id))
        return sorted(found, reverse=True)[:most]

    def _condition(self, wanted: Wanted) -> tuple[str, Values]:
        parts, values = ["true"], Values()
        for group in wanted.groups:
            parts.append(f"({' OR '.join([_HAS] * len(group))})")
            values += map(self._part, group)
        for term in wanted.none:
            parts.append(f"NOT {_HAS}")
            values.append(self._part(term))
        return " AND ".join(parts), values

    def _part(self, term: Term) -> str:
        return f" {term.token}{'' if term.prefix else ' '}"

    def _term(self, term: Term) -> str:
        return f'"{term.token}"{"*" if term.prefix else ""}'


_HAS = f"instr(' ' || {_TABLE}.tokens || ' ', %s)"


def _walked(condition: str, values: Values, within: Within, most: int, bottom: int | None) -> Rows:
    """Look through the documents themselves, from the newest back to `bottom`."""
    rooms, room_values = within.rooms
    since = within.since if bottom is None else bottom
    return _rows(
        f"SELECT number, message_id FROM {_TABLE} WHERE number < %s AND number >= %s AND {condition} AND {rooms}"
        " ORDER BY number DESC LIMIT %s",
        [within.before, since, *values, *room_values, most],
    )


def _rows(statement: str, values: Values) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [(number, message_id) for number, message_id in cursor.fetchall()]
