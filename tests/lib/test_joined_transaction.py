"""A transaction whose BEGIN and COMMIT travel with its statements: it commits, rolls back and nests like Django's."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from chat.lib.joined_statements import execute_joined
from chat.lib.joined_transaction import JoinedTransaction, begin, commit
from chat.models import Room
from support import people

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no round trips"),
]


def run(*statements: tuple[str, list[Any]], last: bool = False) -> list[list[Any]]:
    own = connections["default"]
    begun = begin(own)
    return execute_joined(own, [*begun, *statements, *(commit(own) if last else ())])[len(begun) :]


def topics() -> set[str]:
    return set(Room.objects.filter(slug="garden").values_list("topic", flat=True))


def is_as_before() -> bool:
    """Whether the connection is outside all transactions, for Django, psycopg and the server."""
    raw = connection.connection
    of_django = (connection.in_atomic_block, connection.atomic_blocks, connection.get_autocommit())
    return of_django == (False, [], True) and raw.autocommit and raw.pgconn.transaction_status == 0


@pytest.fixture(autouse=True)
def garden() -> Room:
    return people.room("garden", owner=people.alice())


UPDATE: tuple[str, list[Any]] = ("UPDATE chat_room SET topic = %s WHERE slug = 'garden'", ["tea"])


@pytest.mark.parametrize("last", [True, False])
def test_what_is_done_is_committed_and_then_its_hooks_are_called(last: bool) -> None:
    seen: list[set[str]] = []
    with JoinedTransaction():
        assert run(("SELECT topic FROM chat_room WHERE slug = 'garden'", [])) == [[("",)]]
        assert not connection.get_autocommit()
        transaction.on_commit(lambda: seen.append(topics()))
        run(UPDATE, last=last)
        assert seen == []
    assert seen == [{"tea"}]
    assert is_as_before()


def test_an_exception_undoes_it_and_its_hooks_are_not_called() -> None:
    seen: list[int] = []

    @JoinedTransaction()
    def fail() -> None:
        transaction.on_commit(lambda: seen.append(1))
        run(UPDATE)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (topics(), seen) == ({""}, [])
    assert is_as_before()


def test_a_refused_statement_undoes_it() -> None:
    again: tuple[str, list[Any]] = ("INSERT INTO chat_room SELECT * FROM chat_room", [])

    @JoinedTransaction()
    def refused() -> None:
        run(UPDATE)
        run(again, last=True)

    with pytest.raises(IntegrityError):
        refused()
    assert topics() == {""}
    assert is_as_before()


@transaction.atomic
def brew_and_fail() -> None:
    Room.objects.update(topic="coffee")
    raise ZeroDivisionError


def test_the_orm_and_savepoints_go_on_within_it() -> None:
    with JoinedTransaction():
        run(("SELECT 1", []))
        Room.objects.update(topic="tea")
        with pytest.raises(ZeroDivisionError):
            brew_and_fail()
        assert topics() == {"tea"}
    assert topics() == {"tea"}
    assert is_as_before()


def test_a_statement_of_the_orm_before_the_first_joined_ones_is_refused() -> None:
    def refused() -> None:
        with JoinedTransaction():
            Room.objects.update(topic="tea")

    with pytest.raises(transaction.TransactionManagementError) as found:
        refused()
    assert "begins with joined statements" in str(found.value.__cause__)
    assert topics() == {""}
    assert is_as_before()


def test_a_block_without_statements_calls_its_hooks() -> None:
    seen: list[int] = []
    with JoinedTransaction():
        transaction.on_commit(lambda: seen.append(1))
    assert seen == [1]
    assert is_as_before()


def test_within_another_one_it_is_a_savepoint() -> None:
    @transaction.atomic
    def outer() -> None:
        with JoinedTransaction():
            run(UPDATE, last=True)
        assert topics() == {"tea"}
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outer()
    assert topics() == {""}
    assert is_as_before()


def test_a_rollback_that_was_asked_for_undoes_it() -> None:
    with JoinedTransaction():
        run(UPDATE)
        transaction.set_rollback(True)
    assert topics() == {""}
    assert is_as_before()


def test_a_connection_that_ends_is_replaced() -> None:
    @JoinedTransaction()
    def end() -> None:
        run(UPDATE)
        run(("SELECT pg_terminate_backend(pg_backend_pid())", []))

    with pytest.raises(DatabaseError):
        end()
    connection.close()
    assert topics() == {""}
    assert is_as_before()
