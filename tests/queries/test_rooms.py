"""The rooms of a person: the numbers beside each, and the cost of reading them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.models import Membership, Participant, Room
from chat.protocol.errors import ChatError, Code
from chat.protocol.events import RoomEntry, stamp
from chat.queries.counts import counted
from chat.queries.rooms import epoch, joined_room, room_entries, room_heads
from chat.services.members import room_join
from chat.services.moderation import member_kick, member_mute, room_clear
from chat.services.posting import Draft, messages_post
from chat.services.read_state import ReadMark, marks_save
from chat.services.rooms import direct_room_open, room_update
from support import people


def entry(user: Participant, slug: str) -> RoomEntry:
    return next(held.entry for held in room_entries(user) if held.entry.room == slug)


def test_bob_sees_how_much_is_new(garden: Room, alice: Participant, bob: Participant) -> None:
    messages_post([Draft(alice, "garden", text) for text in ("one", "@bob two", "three", "@bob four")])
    told = entry(bob, "garden")
    assert (told.seq, told.rev, told.read_seq, told.unread, told.mentions) == (4, 4, 0, 4, 2)
    marks_save([ReadMark(bob.pk, garden.pk, 2)])
    told = entry(bob, "garden")
    assert (told.read_seq, told.unread, told.mentions) == (2, 2, 1)
    assert entry(alice, "garden").unread == 0


def test_what_was_cleared_is_not_new(garden: Room, alice: Participant, bob: Participant) -> None:
    messages_post([Draft(alice, "garden", "@bob one")])
    room_clear(user=alice, room="garden")
    messages_post([Draft(alice, "garden", "@bob two")])
    told = entry(bob, "garden")
    assert (told.seq, told.unread, told.mentions) == (3, 1, 1)


def test_a_mute_is_listed_while_it_lasts(garden: Room, alice: Participant, bob: Participant) -> None:
    assert entry(bob, "garden").muted_until is None
    member_mute(user=alice, room="garden", username="bob", minutes=5)
    until = Membership.objects.get(room=garden, user=bob).muted_until
    assert until is not None
    assert entry(bob, "garden").muted_until == stamp(until)
    assert entry(alice, "garden").muted_until is None
    Membership.objects.filter(user=bob).update(muted_until=timezone.now())
    assert entry(bob, "garden").muted_until is None


def test_archived_rooms_are_not_among_them(garden: Room, alice: Participant, bob: Participant) -> None:
    room_update(user=alice, room="garden", archived=True)
    assert room_entries(bob) == []


def test_a_direct_room_bears_the_other_persons_name(alice: Participant, bob: Participant) -> None:
    room, _ = direct_room_open(user=alice, username="bob")
    direct_room_open(user=alice, username="alice")
    assert [(held.entry.title, held.entry.username) for held in room_entries(bob)] == [("Alice", "alice")]
    assert {held.entry.title for held in room_entries(alice)} == {"Alice", "Bob"}
    membership = Membership.objects.select_related("room").get(room=room, user=bob)
    assert joined_room(bob, membership, members_online=1).title == "Alice"


def test_who_is_removed_while_they_enter_is_refused(garden: Room, alice: Participant, bob: Participant) -> None:
    messages_post([Draft(alice, "garden", "new to bob")])
    joined, _ = room_join(user=bob, room="garden")
    member_kick(user=alice, room="garden", username="bob")
    with pytest.raises(ChatError) as refused:
        counted(joined)
    assert refused.value.code == Code.FORBIDDEN


def test_only_the_rooms_asked_for(garden: Room, bob: Participant) -> None:
    shed = people.room("shed", owner=bob)
    assert [held.room_id for held in room_entries(bob, room_ids=[shed.pk])] == [shed.pk]


@pytest.mark.parametrize("rooms", [1, 200])
def test_opening_the_chat_costs_the_same_with_any_number_of_rooms(
    alice: Participant, bob: Participant, rooms: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = Room.objects.bulk_create(Room(slug=f"r{n}", last_seq=3, last_rev=3) for n in range(rooms))
    Membership.objects.bulk_create(Membership(room=room, user=user) for room in made for user in (alice, bob))
    for n in range(min(rooms, 10)):
        messages_post([Draft(alice, f"r{n}", "@bob hello")])
        direct_room_open(user=bob, username=people.person(f"p{n}").username)
    with django_assert_num_queries(2):
        found = room_entries(bob)
    assert len(found) == rooms + min(rooms, 10)
    with django_assert_num_queries(1):
        assert len(room_heads([held.room_id for held in found])) == len(found)


def test_the_epoch_is_one(db: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert epoch() == epoch()
    assert len(queries) == 2
