"""Looking up documents of the search index, the newest first: by GIN on PostgreSQL, by FTS5 on SQLite.

Neither index can return the newest documents with a word prefix without reading all of its postings, and GIN not even
those with a whole word. So each term starts with its period, and periods are looked up one by one, the newest first,
until there are enough documents. A term so common that it has thousands of postings in a period is found before that,
among the newest documents.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.db import OperationalError, connection, transaction

from chat.models import SearchDocument
from chat.models.search import GIN_TERMS, ID_BITS, LAST_SECOND, PERIOD_BITS, PERIOD_PREFIXES
from chat.search.tokens import Term

_TABLE = SearchDocument._meta.db_table
# The number of newest documents that are scanned before the index is queried.
NEWEST = 1_000
# Up to this many index rows in two periods are compared with word prefixes instead of looking up the prefixes: a row
# takes 2 µs, each posting of a prefix 0.1 µs, and a common prefix has thousands.
FEW = 100
# SQLite instructions between two looks at the clock: less than a millisecond.
_CLOCK_STEPS = 10_000
_QUERY_CANCELED = "57014"
NO_END = 2**63 - 1
# In an index query, the placeholder of the period at the start of each term; no token contains it.
_PERIOD = "^"
Values = list[Any]
# Pairs of document number and message id, the newest first.
Rows = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Within:
    """Where to look: numbers from `since` to below `before`, and rooms by an SQL condition with its values.
    `room_terms`: each document of these rooms has one of them; empty if there are too many to query the index."""

    since: int
    before: int
    rooms: tuple[str, Values]
    room_terms: Sequence[Term] = ()

    def below(self, number: int) -> "Within":
        """The same range, but only below a number."""
        return replace(self, before=min(self.before, number))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the documents must have: each of `every`, one of each group of `some`, none of `none`."""

    every: Sequence[Term] = ()
    some: Sequence[Sequence[Term]] = ()
    none: Sequence[Term] = ()

    @property
    def groups(self) -> list[list[Term]]:
        """A document needs one term of each group; the most selective groups come first."""
        return [list(group) for group in self.some] + [[term] for term in self.every]

    def groups_in(self, within: Within) -> list[list[Term]]:
        """`groups`, plus the group of room terms if there is one."""
        return [*self.groups, list(within.room_terms)] if within.room_terms else self.groups


@dataclass(frozen=True, slots=True)
class Found:
    """The documents found. `reached`: the number down to which all documents were checked, or None: to the end."""

    rows: Rows
    reached: int | None = None
    late: bool = False


def look_up(wanted: Wanted, within: Within, *, most: int, until: float) -> Found:
    """Look up at most `most` documents, the newest first. `until`: when to give up, as a `time.monotonic` time."""
    database = _database()
    newest: Rows = []
    try:
        with database.limited(until):
            newest = database.walked(wanted, within, most, NEWEST)
            rows = newest if len(newest) == most else looked_up(wanted, within, most)
            return Found(rows, rows[-1][0] if len(rows) == most else None)
    except OperationalError as error:
        if not database.is_late(error):
            raise
    return Found(newest, _bottom(within, NEWEST), late=True)


def looked_up(wanted: Wanted, within: Within, most: int) -> Rows:
    """Like `look_up`, but only with the index and without a time limit."""
    database = _database()
    groups = wanted.groups_in(within)
    if groups:
        whole = [group for group in groups if not any(term.prefix for term in group)]
        if 0 < len(whole) < len(groups) and database.has_few(whole, within):
            groups = whole
        return database.by_periods(groups, wanted, within, most)
    # No term to look up, as in a search that only excludes a word.
    return database.walked(wanted, within, most, None)


def _bottom(within: Within, depth: int) -> int | None:
    """The number of the last of the `depth` newest documents, or None when there are fewer."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT number FROM {_TABLE} WHERE number < %s AND number >= %s ORDER BY number DESC LIMIT 1 OFFSET %s",
            [within.before, within.since, depth - 1],
        )
        row = cursor.fetchone()
    return row[0] if row else None


class _Database:
    """The code that both databases share."""

    # SQL: whether a document's tokens contain a string.
    has: str
    # Query syntax: between groups, between the terms of a group, around a term, and after a prefix.
    every: str
    some: str
    quote: str
    begins: str
    # SQL: the rows of the index that match a query within a period.
    matching: str

    def has_few(self, groups: Sequence[Sequence[Term]], within: Within) -> bool:
        """Whether the index has at most FEW rows for these groups in the two newest periods."""
        before, since = within.before, within.since
        with connection.cursor() as cursor:
            cursor.execute(
                # MATERIALIZED: planned for all rows, by the index, and read as far as the limit.
                f"{_PERIODS}, matching AS MATERIALIZED (SELECT 1 FROM (SELECT place FROM period LIMIT 2) AS period"
                f" CROSS JOIN {self.matching}) SELECT count(*) FROM (SELECT 1 FROM matching LIMIT %s) AS few",
                [before, since, since, self._query(groups), FEW + 1],
            )
            return int(cursor.fetchone()[0]) <= FEW

    def _query(self, groups: Sequence[Sequence[Term]]) -> str:
        """An index query that requires one term of each group. No token contains a quote or a backslash."""
        return self.every.join(f"({self.some.join(map(self._term, group))})" for group in groups)

    def _term(self, term: Term) -> str:
        return f"{self.quote}{_PERIOD}{term.token}{self.quote}{self.begins if term.prefix else ''}"

    def walked(self, wanted: Wanted, within: Within, most: int, depth: int | None) -> Rows:
        """Scan the newest `depth` documents without the index; None scans all."""
        among = f"SELECT * FROM {_TABLE} WHERE number < %s AND number >= %s"
        span = [within.before, within.since]
        if depth is not None:
            among += " ORDER BY number DESC LIMIT %s"
            span.append(depth)
        condition, values = self._condition(wanted.groups, wanted.none, within)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT number, message_id FROM ({among}) AS {_TABLE} WHERE {condition} ORDER BY number DESC LIMIT %s",
                [*span, *values, most],
            )
            return list(cursor.fetchall())

    def _condition(self, groups: Sequence[Sequence[Term]], none: Sequence[Term], within: Within) -> tuple[str, Values]:
        """SQL: the document has a term of each group, no term of `none`, and belongs to one of the rooms."""
        parts = [f"({' OR '.join([self.has] * len(group))})" for group in groups] + [f"NOT {self.has}"] * len(none)
        rooms, values = within.rooms
        terms = [term for group in (*groups, none) for term in group]
        return " AND ".join([*parts, rooms]), [*map(_part, terms), *values]


class _PostgreSQL(_Database):
    """GIN."""

    every, some, quote, begins = " & ", " | ", "'", ":*"
    has = f"(strpos(' ' || {_TABLE}.tokens || ' ', %s) > 0)"
    _match = f"{GIN_TERMS} @@ replace(%s, '{_PERIOD}', {PERIOD_PREFIXES['postgresql'].format('period.place')})::tsquery"
    matching = f"LATERAL (SELECT 1 FROM {_TABLE} WHERE period.place IS NOT NULL AND {_match} OFFSET 0) AS found"

    @contextmanager
    def limited(self, until: float) -> Iterator[None]:
        """Limit each statement to the time left until `until`."""
        left = max(1, round((until - time.monotonic()) * 1000))
        with transaction.atomic(), connection.cursor() as cursor:
            # No JIT: compiling a plan takes longer than most look-ups.
            cursor.execute(f"SET LOCAL statement_timeout = {left}; SET LOCAL jit = off")
            yield

    def is_late(self, error: OperationalError) -> bool:
        """Whether the limit ended a statement."""
        return getattr(error.__cause__, "sqlstate", "") == _QUERY_CANCELED

    def by_periods(self, groups: Sequence[Sequence[Term]], wanted: Wanted, within: Within, most: int) -> Rows:
        """Look up the documents period by period, the newest period first."""
        compared = [group for group in wanted.groups if group not in groups]
        condition, values = self._condition(compared, wanted.none, within)
        statement = (
            f"{_PERIODS} SELECT found.number, found.message_id FROM period CROSS JOIN LATERAL ("
            # OFFSET 0, "+ 0": the planner cannot estimate the query, and would prefer to scan back through all numbers.
            f"SELECT number, message_id FROM (SELECT number, message_id FROM {_TABLE}"
            f" WHERE {self._match} AND number + 0 < %s AND number + 0 >= %s AND {condition} OFFSET 0) AS there"
            " ORDER BY number DESC LIMIT %s) AS found WHERE period.place IS NOT NULL LIMIT %s"
        )
        before, since = within.before, within.since
        with connection.cursor() as cursor:
            cursor.execute(statement, [before, since, since, self._query(groups), before, since, *values, most, most])
            return sorted(cursor.fetchall(), reverse=True)


class _SQLite(_Database):
    """FTS5."""

    every, some, quote, begins = " AND ", " OR ", '"', "*"
    has = f"instr(' ' || {_TABLE}.tokens || ' ', %s)"
    _match = (
        "period.place IS NOT NULL AND chat_searchtokens"
        f" MATCH replace(%s, '{_PERIOD}', {PERIOD_PREFIXES['sqlite'].format('period.place')})"
    )
    matching = f"chat_searchtokens WHERE {_match}"

    @contextmanager
    def limited(self, until: float) -> Iterator[None]:
        """Interrupt statements that run past `until`."""
        connection.ensure_connection()
        connection.connection.set_progress_handler(lambda: time.monotonic() > until, _CLOCK_STEPS)
        try:
            yield
        finally:
            connection.connection.set_progress_handler(None, 0)

    def is_late(self, error: OperationalError) -> bool:
        """Whether the limit ended a statement."""
        return str(error) == "interrupted"

    def by_periods(self, groups: Sequence[Sequence[Term]], wanted: Wanted, within: Within, most: int) -> Rows:
        """Look up the documents period by period, the newest period first."""
        # FTS5 has a row for each second.
        condition, values = self._condition(wanted.groups, wanted.none, within)
        second = f"({LAST_SECOND} - chat_searchtokens.rowid)"
        statement = (
            # CROSS: keeps this join order, which is the order of the results.
            f"{_PERIODS} SELECT number, message_id FROM period CROSS JOIN chat_searchtokens"
            f" CROSS JOIN {_TABLE} ON number >= {second} << {ID_BITS} AND number < ({second} + 1) << {ID_BITS}"
            f" WHERE {self._match} AND chat_searchtokens.rowid >= %s AND chat_searchtokens.rowid <= %s"
            # "+": the inner loop must not choose its rows by these conditions, which span all seconds.
            f" AND +number < %s AND +number >= %s AND {condition}"
        )
        before, since = within.before, within.since
        rows = LAST_SECOND - (before >> ID_BITS), LAST_SECOND - (since >> ID_BITS)
        found: Rows = []
        with connection.cursor() as cursor:
            cursor.execute(statement, [before, since, since, self._query(groups), *rows, before, since, *values])
            # The documents of one second come in no order: read the last second to its end.
            for number, message_id in cursor:
                if len(found) >= most and number >> ID_BITS != found[-1][0] >> ID_BITS:
                    break
                found.append((number, message_id))
        return sorted(found, reverse=True)[:most]


def _database() -> _PostgreSQL | _SQLite:
    return _SQLite() if connection.vendor == "sqlite" else _PostgreSQL()


def _part(term: Term) -> str:
    return f" {term.token}{'' if term.prefix else ' '}"


# The periods that have documents between two numbers, the newest first, NULL after the last. Evaluated only as far as
# its rows are read.
_NEWEST_PERIOD = (
    f"SELECT (SELECT number >> {PERIOD_BITS} FROM {_TABLE} WHERE number < {{}} AND number >= %s"
    " ORDER BY number DESC LIMIT 1)"
)
_PERIODS = (
    f"WITH RECURSIVE period (place) AS ({_NEWEST_PERIOD.format('%s')} UNION ALL"
    f" {_NEWEST_PERIOD.format(f'period.place << {PERIOD_BITS}')} FROM period WHERE period.place IS NOT NULL)"
)
