"""The record of processes and their sockets: a join on live leases shows who is online."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.models import AuditEntry, Connection, Participant, ProcessLease
from chat.queries.people import attending
from chat.services.connections import (
    LEASE_KEPT,
    Closed,
    Opened,
    connections_close,
    connections_save,
    lease_end,
    lease_renew,
    leases_clean,
)

HERE, THERE = uuid4(), uuid4()


@pytest.fixture(autouse=True)
def _two_processes(db: None) -> None:
    # A server of an earlier test renews its lease once more while it shuts down.
    ProcessLease.objects.all().delete()
    lease_renew(HERE)
    lease_renew(THERE)


def opened(user: Participant) -> Opened:
    return Opened(uuid4(), user.pk, "127.0.0.1", "a browser")


def lapse(process: UUID, ago: timedelta = timedelta(seconds=1)) -> None:
    ProcessLease.objects.filter(pk=process).update(expires_at=timezone.now() - ago)


def test_two_tabs_are_one_person(alice: Participant, bob: Participant) -> None:
    connections_save(HERE, [opened(alice), opened(alice)])
    connections_save(THERE, [opened(alice), opened(bob)])
    assert attending(HERE).online == {alice.pk: 1, bob.pk: 1}
    assert attending(THERE).online == {alice.pk: 2, bob.pk: 0}
    assert attending(HERE).processes == {str(HERE), str(THERE)}


def test_a_person_who_came_and_went_leaves_no_row(alice: Participant, bob: Participant) -> None:
    tab = opened(alice)
    connections_save(HERE, [tab, opened(bob), Closed(tab.connection_id)])
    assert set(attending(HERE).online) == {bob.pk}
    assert Connection.objects.count() == 1


def test_a_killed_process_takes_its_people_with_it_when_its_lease_ends(alice: Participant, bob: Participant) -> None:
    connections_save(HERE, [opened(alice)])
    connections_save(THERE, [opened(bob)])
    lapse(THERE)
    assert set(attending(HERE).online) == {alice.pk}
    assert attending(HERE).processes == {str(HERE)}
    lease_renew(THERE)
    assert set(attending(HERE).online) == {alice.pk, bob.pk}, "it was only slow"


def test_a_process_that_ends_in_good_order_is_gone_at_once(alice: Participant) -> None:
    connections_save(HERE, [opened(alice)])
    lease_end(HERE)
    assert attending(HERE).online == {}
    assert not Connection.objects.exists()


def test_renewing_a_lease_costs_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    lapse(HERE)
    with django_assert_num_queries(1):
        lease_renew(HERE)
    assert str(HERE) in attending(HERE).processes


def test_the_long_dead_are_forgotten(alice: Participant) -> None:
    connections_save(THERE, [opened(alice)])
    lapse(THERE, LEASE_KEPT + timedelta(minutes=1))
    leases_clean()
    # A server that another test stopped may have a lease, too.
    assert [lease.pk for lease in ProcessLease.objects.filter(pk__in=[HERE, THERE])] == [HERE]


def test_a_deleted_account_does_not_stop_others_from_being_recorded(alice: Participant, bob: Participant) -> None:
    gone = opened(bob)
    bob.delete()
    connections_save(HERE, [gone, opened(alice)])
    assert set(attending(HERE).online) == {alice.pk}


def test_closing_somebodys_socket_is_asked_for_and_recorded(alice: Participant, bob: Participant) -> None:
    connections_save(HERE, [opened(bob)])
    connection = Connection.objects.get()
    connections_close(user=alice, connections=[connection], reason="stuck")
    connection.refresh_from_db()
    assert connection.close_requested
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target, entry.reason) == ("alice", "disconnect", "bob", "stuck")
