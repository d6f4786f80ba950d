"""A prepared lookup finds the same rows as the ORM."""

from datetime import UTC, datetime, timedelta
from inspect import signature
from typing import Any

import django
import pytest
from django.db import connection, models, transaction
from django.db.models import F, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg import IsolationLevel

from chat.lib.prepared_queries import (
    PreparedMany,
    PreparedManyLists,
    PreparedQuery,
    PreparedRows,
    all_together,
    amounts,
    moments,
    numbers,
    texts,
)
from chat.models import Membership, Participant, Room
from support import people

MEMBERSHIP = PreparedQuery(
    lambda user_id, slug: Membership.objects.select_related("room").filter(user_id=user_id, room__slug=slug), 0, ""
)

# The ORM internals that `chat/lib/prepared_queries.py` uses, which Django may change without notice: the arguments of
# each function, by the versions that were compared.
INSIDE = {
    version: {
        get_related_populators: ["klass_info", "select", "db"],
        models.Model.from_db: ["db", "field_names", "values"],
        SQLCompiler.get_converters: ["self", "expressions"],
        SQLCompiler.apply_converters: ["self", "rows", "converters"],
    }
    for version in ((5, 2), (6, 0))
}


def test_the_inside_of_the_orm_is_as_it_was_compared(db: None) -> None:
    if (known := INSIDE.get(django.VERSION[:2])) is None:
        pytest.fail(
            f"Django {django.__version__} is new here: compare chat/lib/prepared_queries.py with ModelIterable and "
            "get_related_populators of its django/db/models/query.py, then add it to INSIDE."
        )
    assert {function: list(signature(function).parameters) for function in known} == known  # type: ignore[arg-type]
    compiler = Membership.objects.select_related("room").query.get_compiler("default")
    compiler.as_sql()
    info = compiler.klass_info
    assert info
    assert info["model"] is Membership
    fields = info["select_fields"]
    assert fields == list(range(fields[0], fields[-1] + 1)), "they are no slice of a row any more"
    assert [compiler.select[index][0].target for index in fields] == list(Membership._meta.concrete_fields)
    [related] = get_related_populators(info, compiler.select, "default")  # type: ignore[call-arg]
    assert callable(related.populate)


def test_a_row_comes_with_what_belongs_to_it_in_one_query(db: None) -> None:
    bob = people.bob()
    garden = people.room("garden", owner=people.alice(), members=[bob])
    Membership.objects.filter(user=bob).update(muted_until=timezone.now() + timedelta(hours=1))
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = MEMBERSHIP.first(bob.pk, "garden")
            assert found
            assert found.room == garden
        assert len(asked) == 1
        orm = Membership.objects.select_related("room").get(user=bob, room=garden)
        assert _values(found) == _values(orm)
        assert _values(found.room) == _values(orm.room)


def test_a_missing_row_is_none(db: None) -> None:
    assert MEMBERSHIP.first(1, "nowhere") is None
    assert PreparedQuery(lambda pk: Participant.objects.filter(pk=pk), 0).first(10**9) is None


def muted(room_ids: list[int], now: datetime) -> QuerySet[Any, Any]:
    there = Membership.objects.filter(room_id__in=room_ids, muted_until__gt=now)
    return there.order_by("muted_until").values_list("user__username", "muted_until")


def test_a_list_holds_all_rows_as_tuples_also_by_a_moment(db: None) -> None:
    alice, bob, charlie = people.alice(), people.bob(), people.charlie()
    garden = people.room("garden", owner=alice, members=[bob, charlie])
    now = timezone.now()
    for person, late in ((alice, -1), (bob, 1), (charlie, 2)):
        Membership.objects.filter(user=person).update(muted_until=now + timedelta(hours=late))
    found = PreparedManyLists(muted, numbers, also=(datetime(2000, 1, 1, tzinfo=UTC),))
    hour = timedelta(hours=1)
    assert found.all([garden.pk], also=(now,)) == [("bob", now + hour), ("charlie", now + 2 * hour)]
    assert found.all([garden.pk], also=(now + hour,)) == [("charlie", now + 2 * hour)]
    assert found.all([10**9], also=(now,)) == []
    assert found.all([], also=(now,)) == []


@pytest.mark.django_db(transaction=True)
def test_tables_are_joined_as_written_until_the_transaction_ends() -> None:
    alice = people.alice()
    garden = people.room("garden", owner=alice)
    Membership.objects.filter(user=alice).update(muted_until=timezone.now())
    found = PreparedManyLists(muted, numbers, also=(datetime(2000, 1, 1, tzinfo=UTC),), as_written=True)
    before = collapsed()
    for _ in range(2):
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            assert [name for name, _ in found.all([garden.pk], also=(datetime(2000, 1, 2, tzinfo=UTC),))] == ["alice"]
            assert len([one for one in asked.captured_queries if "SELECT" in one["sql"]]) == 1
            assert collapsed() == ("1" if connection.vendor == "postgresql" else before)
        assert collapsed() == before


def collapsed() -> str:
    """How many tables PostgreSQL may reorder."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SHOW join_collapse_limit")
        return str(cursor.fetchone()[0])


def test_a_list_by_single_values_holds_all_rows_as_tuples(db: None) -> None:
    alice, bob = people.alice(), people.bob()
    garden = people.room("garden", owner=alice, members=[bob])
    Membership.objects.filter(user=alice).update(read_seq=3)
    Membership.objects.filter(user=bob).update(read_seq=5)

    def read(room_id: int, low: int, high: int) -> QuerySet[Any, Any]:
        there = Membership.objects.filter(room=room_id, read_seq__gte=low, read_seq__lte=high)
        return there.order_by("-read_seq").values_list("user__username", "read_seq")[:2]

    found = PreparedRows(read, *map(amounts, range(3)))
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert found.all(garden.pk, 0, 5) == [("bob", 5), ("alice", 3)]
        assert len(asked) == 1
    assert found.all(garden.pk, 4, 9) == [("bob", 5)]
    assert found.all(garden.pk + 1, 0, 9) == []


def test_several_are_read_together_each_with_its_own_values(db: None) -> None:
    alice, bob = people.alice(), people.bob()
    garden = people.room("garden", owner=alice, members=[bob])
    until = timezone.now()
    Membership.objects.filter(user=alice).update(read_seq=3, muted_until=until)
    marks = PreparedRows(
        lambda user_id: Membership.objects.filter(user=user_id).values_list("read_seq", "muted_until"), numbers(0)
    )
    late = PreparedRows(
        lambda now: Membership.objects.filter(muted_until__lt=now).values_list("room", "muted_until"), moments(0)
    )
    nothing = PreparedRows(lambda: Room.objects.filter(pk=0).values_list("pk"))
    hour = timedelta(hours=1)
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            found = all_together(marks.of(alice.pk), nothing.of(), late.of(until + hour), marks.of(bob.pk))
        assert found == [[(3, until)], [], [(garden.pk, until)], [(0, None)]]
        assert len(asked) == (1 if connection.vendor == "postgresql" else 4)
    assert all_together(late.of(until - hour)) == [[]]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_begins_with_one_is_begun_as_the_project_has_it() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one isolation")
    alice = people.alice()
    connection.ensure_connection()
    raw = connection.connection
    assert raw
    before = raw.isolation_level
    raw.isolation_level = IsolationLevel.SERIALIZABLE
    try:
        with transaction.atomic():
            assert PreparedQuery(lambda pk: Participant.objects.filter(pk=pk), 0).first(alice.pk) == alice
            with connection.cursor() as cursor:
                cursor.execute("SHOW transaction_isolation")
                assert cursor.fetchone() == ("serializable",)
    finally:
        raw.isolation_level = before


@pytest.mark.parametrize("number", [0, 1, 2, 5, 64, 65])
def test_any_number_of_rows_is_read_in_statements_of_a_few_sizes(db: None, number: int) -> None:
    rooms = Room.objects.bulk_create(Room(slug=f"r{n}", title=f"{n}") for n in range(70))
    wanted = {room.pk: room for room in rooms[:number]}
    found = PreparedMany(lambda pks: Room.objects.filter(pk__in=pks), numbers)
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            read = found.all([*wanted, *wanted])
        assert len(asked) == -(-number // 64)
        assert {room.pk: room.title for room in read} == {pk: room.title for pk, room in wanted.items()}
        assert len(read) == number
    assert set(found._sized._rows) <= {1, 4, 16, 64}


def test_rows_by_two_lists_come_with_what_is_counted_and_belongs_to_them(db: None) -> None:
    alice, bob = people.alice(), people.bob()
    for slug in ("garden", "kitchen", "cellar"):
        people.room(slug, owner=alice, members=[bob])
    found = PreparedMany(
        lambda user_ids, slugs: (
            Membership.objects.select_related("room")
            .filter(user_id__in=user_ids, room__slug__in=slugs)
            .annotate(doubled=F("room_id") * 2)
            .order_by("user_id", "room__slug")
        ),
        *(numbers, texts),
    )
    read = found.all([bob.pk], ["garden", "cellar", "nowhere"])
    assert [(row.user_id, row.room.slug) for row in read] == [(bob.pk, "cellar"), (bob.pk, "garden")]
    doubled = [vars(row)["doubled"] for row in read]
    assert doubled == [2 * row.room_id for row in read]
    orm = Membership.objects.select_related("room").filter(user=bob, room__slug="cellar").get()
    assert _values(read[0]) == _values(orm)
    assert _values(read[0].room) == _values(orm.room)


def test_hostile_text_is_only_a_value(db: None) -> None:
    alice = people.alice()
    people.room("garden", owner=alice)
    assert MEMBERSHIP.first(alice.pk, "garden' OR '1'='1") is None
    assert MEMBERSHIP.first(alice.pk, "%s") is None
    assert MEMBERSHIP.first(alice.pk, "") is None


def _values(row: Membership | Room) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_all_rows_are_read_with_and_without_values(db: None) -> None:
    alice, bob = people.alice(), people.bob()
    people.room("garden", owner=alice, members=[bob])
    people.room("cellar", owner=alice)
    every = PreparedRows(lambda: Room.objects.order_by("slug").values_list("slug", "title")[:2])
    own = PreparedRows(lambda user: Membership.objects.filter(user=user).values_list("room__slug"), -1)
    for _ in range(2):
        assert every.all() == list(Room.objects.order_by("slug").values_list("slug", "title")[:2])
        assert own.all(bob.pk) == [("garden",)]
        assert sorted(own.all(alice.pk)) == [("cellar",), ("garden",)]
        Room.objects.filter(slug="cellar").update(title="Wine")
