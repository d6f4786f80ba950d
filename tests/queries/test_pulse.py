"""What a process compares with the database: sums first, and each person's number only when the sums differ."""

from uuid import UUID, uuid4

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from chat.models import Connection, Participant
from chat.queries.reconcile import Pulse, Sums, access_revs_changed, pulse
from chat.services.connections import lease_renew

pytestmark = pytest.mark.django_db


@pytest.fixture
def process_id() -> UUID:
    made = uuid4()
    lease_renew(made)
    return made


def known(*sockets: Participant) -> Sums:
    return Sums(len(sockets), sum(user.pk for user in sockets), sum(user.access_rev for user in sockets))


def look(process_id: UUID, *sockets: Participant) -> Pulse:
    """The query of a process with sockets of these people, in the state in which it last saw them."""
    ids = {user.pk for user in sockets}
    return pulse(process_id=process_id, room_ids=[0], user_ids=ids, known=known(*sockets))


def test_while_nothing_changes_no_number_is_read(
    process_id: UUID, alice: Participant, bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert look(process_id).access_revs is None
    for user in (alice, bob, bob):
        Connection.objects.create(process_id=process_id, user=user)
    elsewhere = uuid4()
    lease_renew(elsewhere)
    Connection.objects.create(process_id=elsewhere, user=alice)
    with django_assert_num_queries(2 if connection.vendor == "postgresql" else 4):
        assert look(process_id, alice, bob, bob).access_revs is None


def test_a_number_that_rose_is_returned(process_id: UUID, alice: Participant, bob: Participant) -> None:
    for user in (alice, bob):
        Connection.objects.create(process_id=process_id, user=user)
    Participant.objects.filter(pk=bob.pk).update(access_rev=bob.access_rev + 1)
    found = look(process_id, alice, bob).access_revs
    assert found == {alice.pk: alice.access_rev, bob.pk: bob.access_rev + 1}


def test_who_is_gone_or_not_on_record_yet_makes_a_difference(
    process_id: UUID, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    for user in (alice, bob):
        Connection.objects.create(process_id=process_id, user=user)
    assert look(process_id, alice, bob, charlie).access_revs == {
        user.pk: user.access_rev for user in (alice, bob, charlie)
    }
    Participant.objects.filter(pk=bob.pk).delete()
    assert look(process_id, alice, bob).access_revs == {alice.pk: alice.access_rev, bob.pk: -1}


def test_between_two_comparisons_one_query_finds_who_was_changed(
    process_id: UUID, alice: Participant, bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    asked = {"process_id": process_id, "user_ids": [alice.pk, bob.pk], "known": known(alice, bob)}
    for user in (alice, bob):
        Connection.objects.create(process_id=process_id, user=user)
    with django_assert_num_queries(1):
        assert access_revs_changed(**asked) is None  # type: ignore[arg-type]  # each as it is named
    bob.is_active = False
    bob.save()
    found = access_revs_changed(**asked)  # type: ignore[arg-type]
    assert found == {alice.pk: alice.access_rev, bob.pk: bob.access_rev + 1}


def test_who_is_not_on_record_yet_is_asked_about_alone(
    process_id: UUID,
    alice: Participant,
    bob: Participant,
    charlie: Participant,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for user in (alice, bob):
        Connection.objects.create(process_id=process_id, user=user)
    everybody = [user.pk for user in (alice, bob, charlie)]
    unrecorded = [charlie.pk]
    with django_assert_num_queries(2):
        found = access_revs_changed(
            process_id=process_id, user_ids=everybody, known=known(alice, bob), unrecorded=unrecorded
        )
    assert found == {charlie.pk: charlie.access_rev}
    Participant.objects.filter(pk=bob.pk).update(access_rev=bob.access_rev + 1)
    Participant.objects.filter(pk=charlie.pk).delete()
    found = pulse(
        process_id=process_id, room_ids=[0], user_ids=everybody, known=known(alice, bob), unrecorded=unrecorded
    ).access_revs
    assert found == {alice.pk: alice.access_rev, bob.pk: bob.access_rev + 1, charlie.pk: -1}
