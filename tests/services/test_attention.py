"""How a person organizes rooms: favourites, sections of their own, hidden conversations."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.models import Membership, Participant, Room
from chat.protocol.events import RoomEntry
from chat.queries.rooms import room_entries, room_parts
from chat.services.members import member_notify
from chat.services.posting import Draft, messages_post
from chat.services.rooms import direct_room_open
from support import people
from tests.services.test_messages import refused


def entry(user: Participant, slug: str) -> RoomEntry:
    return next(held.entry for held in room_entries(user) if held.entry.room == slug)


def test_a_conversation_is_hidden_until_its_next_message(garden: Room, alice: Participant, bob: Participant) -> None:
    room, _ = direct_room_open(user=alice, username="bob")
    messages_post([Draft(alice, room.slug, "one")])
    member_notify(user=bob, room=room.slug, hidden=True)
    told = entry(bob, room.slug)
    assert told.hidden_seq == told.seq == 1
    messages_post([Draft(alice, room.slug, "two")])
    told = entry(bob, room.slug)
    assert (told.hidden_seq, told.seq) == (1, 2)
    assert entry(alice, room.slug).hidden_seq is None
    with refused("invalid"):
        member_notify(user=bob, room="garden", hidden=True)


def test_favourites_and_headings_are_ones_own(garden: Room, alice: Participant, bob: Participant) -> None:
    member_notify(user=bob, room="garden", starred=True, section="  Büro Süd ")
    told = entry(bob, "garden")
    assert (told.starred, told.section) == (True, "Büro Süd")
    assert (entry(alice, "garden").starred, entry(alice, "garden").section) == (False, "")
    for section in ("x" * 41, "a\nb", "\u200b"):
        with refused("invalid"):
            member_notify(user=bob, room="garden", section=section)
    with refused("forbidden"):
        people.room("square", owner=alice, kind=Room.Kind.PUBLIC)
        member_notify(user=bob, room="square", starred=True)


@pytest.mark.parametrize(
    "change", [{"starred": True}, {"section": "Work"}, {"muted": True}, {"muted": True, "quiet_until": "soon"}]
)
def test_each_change_is_one_that_the_other_devices_are_sent(
    garden: Room, bob: Participant, change: dict[str, object]
) -> None:
    before = room_parts(bob)
    if "quiet_until" in change:
        change = change | {"quiet_until": timezone.now() + timedelta(hours=1)}
    member_notify(user=bob, room="garden", **change)  # type: ignore[arg-type]
    after = room_parts(bob)
    assert before != after
    assert {held.room_id: held.part for held in room_entries(bob)} == after


def test_a_list_of_200_rooms_in_10_sections_costs_as_much_as_one(
    bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rooms = Room.objects.bulk_create(Room(slug=f"room-{number:03}") for number in range(200))
    Membership.objects.bulk_create(
        Membership(room=room, user=bob, section=f"Part {number % 10}") for number, room in enumerate(rooms)
    )
    with django_assert_num_queries(1):
        found = room_entries(bob)
    assert len({held.entry.section for held in found}) == 10
