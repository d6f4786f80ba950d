"""Queries whose SQL is built once.

The ORM builds the SQL of a query at each call: 0.3 ms of the 0.4 ms of a look-up by key. Greeting a socket takes four
look-ups, and after a network failure two thousand sockets connect at once. The ORM internals used here are pinned by
version in `tests/lib/test_prepared_queries.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain, islice
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler

from chat.lib.joined_statements import Statement, select_joined

M = TypeVar("M", bound=models.Model)

# Makes PostgreSQL join the tables in the order of the statement, until the transaction ends: with eight tables it takes
# 16 ms per call to compare the orders. Not a prepared statement: PgBouncer loses those.
_AS_WRITTEN: Statement = ("SET LOCAL join_collapse_limit = 1", ())

Value = int | str | datetime | UUID
# Values in one statement of `PreparedMany`: the list is padded to the next size with its last value. More values take
# several statements.
SIZES = (1, 4, 16, 64)


class PreparedQuery(Generic[M]):
    """Reads one row of a queryset by the values that it filters on.

    `build` is called once with `stand_ins`: distinct values that stand for the values of later calls. The ORM decides
    about columns, joins (`select_related`) and conversions.
    """

    def __init__(self, build: Callable[..., models.QuerySet[M]], *stand_ins: Value) -> None:
        self._build = build
        self._stand_ins = stand_ins

    def first(self, *values: Value) -> M | None:
        """Return the first row for `values`; None when there is none."""
        found = next(iter(self._rows.of(values)), None)
        return None if found is None else self._instances.of(found)

    @cached_property
    def _rows(self) -> "_Rows":
        return _Rows(self._build(*self._stand_ins)[:1], self._stand_ins)

    @cached_property
    def _instances(self) -> "_Instances":
        return _Instances(self._rows.compiler)


def numbers(place: int) -> int:
    """Stand-ins for numbers: values that no queryset has among its own parameters."""
    return -77_000 - place


def amounts(place: int) -> int:
    """Stand-ins for columns without negative numbers: for a negative value the ORM knows the result without a query."""
    return 77_000_000 + place


def texts(place: int) -> str:
    """Stand-ins for texts."""
    return f"stand-in {place}"


def moments(place: int) -> datetime:
    """Stand-ins for moments."""
    return datetime(1, 1, 2, tzinfo=UTC) + timedelta(days=place)


class PreparedMany(Generic[M]):
    """Reads the rows of a queryset for any number of values (`column__in`).

    `build` gets a list of stand-ins for each of `lists` (`numbers` or `texts`), and then `also`, stand-ins for single
    values. Its ordering and limits apply per statement, to at most SIZES[-1] values.
    """

    def __init__(
        self, build: Callable[..., models.QuerySet[M]], *lists: Callable[[int], Value], also: tuple[Value, ...] = ()
    ) -> None:
        self._sized = _Sized(build, lists, also)

    def all(self, values: Iterable[Value], *lists: Sequence[Value], also: tuple[Value, ...] = ()) -> list[M]:
        """Return the rows for these values: any number in the first list, at most SIZES[-1] in the others."""
        found: list[M] = []
        for rows, asked in self._sized.statements(values, lists, also):
            found += map(self._sized.instances(rows).of, rows.of(asked))
        return found


class PreparedManyLists:
    """Like `PreparedMany`, for a queryset of `values_list`: the rows are tuples.

    `as_written`: for many tables that are best joined in the order of the queryset; run it inside a transaction.
    """

    def __init__(
        self,
        build: Callable[..., models.QuerySet[Any, Any]],
        *lists: Callable[[int], Value],
        also: tuple[Value, ...] = (),
        as_written: bool = False,
    ) -> None:
        self._sized = _Sized(build, lists, also, as_written=as_written)

    def all(
        self, values: Iterable[Value], *lists: Sequence[Value], also: tuple[Value, ...] = ()
    ) -> list[tuple[Any, ...]]:
        """Return the rows for these values."""
        return [tuple(row) for rows, asked in self._sized.statements(values, lists, also) for row in rows.of(asked)]


class PreparedRows:
    """Reads the rows of a queryset of `values_list` by the values that it filters on, if any. `build` is called once
    with `stand_ins`, as in `PreparedQuery`."""

    def __init__(self, build: Callable[..., models.QuerySet[Any, Any]], *stand_ins: Value) -> None:
        self._build = build
        self._stand_ins = stand_ins

    def all(self, *values: Value) -> list[tuple[Any, ...]]:
        """Return the rows for `values`."""
        return [tuple(row) for row in self._rows.of(values)]

    def of(self, *values: Value) -> "Asked":
        """Return the argument for `all_together`."""
        return self, values

    def statement(self, *values: Value) -> tuple[str, list[Any]]:
        """Return the SQL and its parameters; only for columns that the database driver converts itself, as numbers."""
        return self._rows.statement(values)

    @cached_property
    def _rows(self) -> "_Rows":
        return _Rows(self._build(*self._stand_ins), self._stand_ins)


Asked = tuple[PreparedRows, tuple[Value, ...]]


def all_together(*asked: Asked) -> list[list[tuple[Any, ...]]]:
    """Return the rows of each query, on PostgreSQL in one round trip."""
    own = connections[DEFAULT_DB_ALIAS]
    statements = [one._rows.statement(values) for one, values in asked]
    if own.vendor == "postgresql":
        found = select_joined(own, statements)
    else:
        found = [select_joined(own, [statement])[0] for statement in statements]
    return [[tuple(row) for row in one._rows.converted(rows)] for (one, _), rows in zip(asked, found, strict=True)]


class _Sized:
    """A statement for each of SIZES, built when it is first needed."""

    def __init__(
        self,
        build: Callable[..., models.QuerySet[Any, Any]],
        lists: tuple[Callable[[int], Value], ...],
        also: tuple[Value, ...],
        *,
        as_written: bool = False,
    ) -> None:
        self._build = build
        self._lists = lists
        self._also = also
        self._as_written = as_written
        self._rows: dict[int, _Rows] = {}
        self._instances: dict[_Rows, _Instances] = {}

    def statements(
        self, values: Iterable[Value], lists: tuple[Sequence[Value], ...], also: tuple[Value, ...]
    ) -> "Iterator[tuple[_Rows, tuple[Value, ...]]]":
        """The statements for these values, each with its own values."""
        others = [list(dict.fromkeys(one)) for one in lists]
        left = iter(dict.fromkeys(values))
        while step := list(islice(left, SIZES[-1])):
            needed = max(len(one) for one in (step, *others))
            size = next(size for size in SIZES if size >= needed)
            filled = (value for one in (step, *others) for value in (*one, *[one[-1]] * (size - len(one))))
            yield self._of_size(size), (*filled, *also)

    def instances(self, rows: "_Rows") -> "_Instances":
        """The builder of instances from these rows."""
        if rows not in self._instances:
            self._instances[rows] = _Instances(rows.compiler)
        return self._instances[rows]

    def _of_size(self, size: int) -> "_Rows":
        if size not in self._rows:
            several = [[stand_in(place) for place in range(size)] for stand_in in self._lists]
            stand_ins = (*chain.from_iterable(several), *self._also)
            self._rows[size] = _Rows(self._build(*several, *self._also), stand_ins, as_written=self._as_written)
        return self._rows[size]


class _Rows:
    """The SQL of a queryset and the converters of its columns."""

    def __init__(
        self, queryset: models.QuerySet[Any, Any], stand_ins: tuple[Value, ...], *, as_written: bool = False
    ) -> None:
        self.compiler = queryset.query.get_compiler(queryset.db)
        self._sql, self._parameters = self.compiler.as_sql()
        self._before = [_AS_WRITTEN] if as_written and connection.vendor == "postgresql" else []
        self._converters = self.compiler.get_converters([column[0] for column in self.compiler.select])
        self._stand_ins = [_adapted(one) for one in stand_ins]

    def statement(self, values: tuple[Value, ...]) -> tuple[str, list[Any]]:
        given = dict(zip(self._stand_ins, map(_adapted, values), strict=True))
        return self._sql, [given.get(one, one) for one in self._parameters]

    def of(self, values: tuple[Value, ...]) -> Iterable[Any]:
        # Without Django's cursor, which costs as much as the look-up by key itself.
        return self.converted(select_joined(connections[DEFAULT_DB_ALIAS], [*self._before, self.statement(values)])[-1])

    def converted(self, rows: Iterable[Any]) -> Iterable[Any]:
        return self.compiler.apply_converters(rows, self._converters) if self._converters else rows


class _Instances:
    """Builds model instances from rows, with their related instances."""

    def __init__(self, compiler: SQLCompiler) -> None:
        klass = compiler.klass_info
        assert klass is not None
        assert compiler.using is not None
        self._model = klass["model"]
        self._columns = slice(klass["select_fields"][0], klass["select_fields"][-1] + 1)
        self._names = [compiler.select[index][0].target.attname for index in klass["select_fields"]]
        # The type stubs are for a later Django, which takes one more argument.
        self._related = get_related_populators(klass, compiler.select, compiler.using)  # type: ignore[call-arg]
        self._alias = compiler.using
        self._annotations = list((compiler.annotation_col_map or {}).items())

    def of(self, row: Any) -> Any:
        found = self._model.from_db(self._alias, self._names, row[self._columns])
        for populator in self._related:
            populator.populate(row, found)
        for name, column in self._annotations:
            setattr(found, name, row[column])
        return found


def _adapted(value: Value) -> Any:
    """The value as the ORM passes it to the database driver."""
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
