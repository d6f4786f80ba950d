"""The place of a date in a room."""

from datetime import timedelta

from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.models import Message, Participant, Room
from chat.queries.dates import seq_at


def test_a_moment_is_found_in_a_few_queries_whatever_the_length(
    garden: Room, alice: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    begin = timezone.now() - timedelta(days=100)
    Message.objects.bulk_create(
        Message(room=garden, seq=seq, rev=seq, author=alice, text=str(seq), created_at=begin + timedelta(hours=seq))
        for seq in range(1, 2001)
    )
    Room.objects.filter(pk=garden.pk).update(last_seq=2000, last_rev=2000)
    garden.refresh_from_db()
    with django_assert_num_queries(2):
        assert seq_at(garden, begin + timedelta(hours=777)) == 777
    assert seq_at(garden, begin + timedelta(hours=776, seconds=1)) == 777
    assert seq_at(garden, begin) == 1
    assert seq_at(garden, begin + timedelta(days=999)) == 2000
    garden.cleared_before_seq = 900
    assert seq_at(garden, begin + timedelta(hours=777)) == 900


def test_a_moment_in_an_empty_room_is_its_beginning(garden: Room) -> None:
    assert seq_at(garden, timezone.now()) == 1
