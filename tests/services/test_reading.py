"""Reading moves forward, never past the end, and back only on request; typing is stored for people who arrive later."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.models import Membership, Participant, Room
from chat.queries.people import room_occupancies
from chat.services.posting import Draft, messages_post
from chat.services.read_state import TYPING_SECONDS, ReadMark, TypingMark, UnreadMark, marks_save, rooms_read
from support.people import room


@pytest.fixture(autouse=True)
def _five_messages(garden: Room, alice: Participant) -> None:
    messages_post([Draft(alice, "garden", f"{n}") for n in range(5)])


def read_seq(user: Participant) -> int:
    return Membership.objects.get(user=user).read_seq


def test_bob_reads_on(garden: Room, bob: Participant) -> None:
    assert marks_save([ReadMark(bob.pk, garden.pk, 3)]) == [3]
    assert read_seq(bob) == 3


def test_reading_never_goes_back_nor_beyond_the_end(garden: Room, bob: Participant) -> None:
    marks = [ReadMark(bob.pk, garden.pk, seq) for seq in (3, 2, 3, 4, 2**53, 5, 0)]
    assert marks_save(marks) == [3, None, None, 4, 5, None, None]
    assert read_seq(bob) == 5
    assert marks_save([ReadMark(bob.pk, garden.pk, 2**53)]) == [None]


def test_what_is_marked_unread_is_the_first_unread_again(garden: Room, bob: Participant) -> None:
    assert marks_save([ReadMark(bob.pk, garden.pk, 5)]) == [5]
    assert marks_save([UnreadMark(bob.pk, garden.pk, seq) for seq in (3, 3, 1, 2**53)]) == [2, None, 0, 5]
    assert marks_save([UnreadMark(bob.pk, garden.pk, 4), ReadMark(bob.pk, garden.pk, 3)]) == [3, None]
    assert read_seq(bob) == 3


def test_marks_of_those_who_are_not_there_change_nothing(garden: Room, bob: Participant, charlie: Participant) -> None:
    marks = [ReadMark(charlie.pk, garden.pk, 3), ReadMark(bob.pk, 10**9, 3), ReadMark(bob.pk, garden.pk, 3)]
    assert marks_save(marks) == [None, None, 3]
    assert marks_save([]) == []


def test_typing_is_known_for_six_seconds(garden: Room, alice: Participant, bob: Participant) -> None:
    marks_save([TypingMark(bob.pk, garden.pk, is_typing=True)])
    assert room_occupancies([garden.pk])[garden.pk].typing == [(bob.pk, "bob")]
    until = Membership.objects.get(user=bob).typing_until
    assert until
    assert until - timezone.now() <= timedelta(seconds=TYPING_SECONDS)
    marks_save([TypingMark(bob.pk, garden.pk, is_typing=False)])
    assert room_occupancies([garden.pk])[garden.pk].typing == []


def test_reading_and_typing_of_one_person_are_kept_together(garden: Room, bob: Participant) -> None:
    marks_save([ReadMark(bob.pk, garden.pk, 2), TypingMark(bob.pk, garden.pk, is_typing=True)])
    membership = Membership.objects.get(user=bob)
    assert membership.read_seq == 2
    assert membership.typing_until


def test_any_number_of_marks_costs_two_statements(
    garden: Room, alice: Participant, bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    marks = [ReadMark(who.pk, garden.pk, seq) for who in (alice, bob) for seq in range(1, 5)]
    with django_assert_num_queries(4):  # two of them for the savepoint
        marks_save(marks)
    # The marks have moved already: nothing is written.
    with django_assert_num_queries(3):
        marks_save(marks)


def test_all_rooms_are_read_in_one_transaction(
    garden: Room, alice: Participant, bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        slug = f"room-{number}"
        room(slug, owner=alice, members=[bob])
        messages_post([Draft(alice, slug, "hello")])
    with django_assert_num_queries(2 + 2):  # two of them for the savepoint
        assert rooms_read(user=bob) == 21
    assert not Membership.objects.filter(user=bob, read_seq__lt=F("room__last_seq")).exists()
    assert rooms_read(user=bob) == 0
