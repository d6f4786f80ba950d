"""Pins: the message shows who pinned it, the room lists it, and both changes are numbered."""

import pytest

from chat.models import AuditEntry, Message, Participant, Room
from chat.protocol.errors import ChatError
from chat.queries.history import resumed_after
from chat.queries.search import search
from chat.services.emptying import messages_empty
from chat.services.messages import message_delete, message_edit
from chat.services.moderation import room_clear
from chat.services.participants import participant_erase
from chat.services.pins import PINS_MAX, message_pin, pin_move, pins_of
from chat.services.posting import Draft, messages_post
from chat.services.rooms import direct_room_open, room_update
from chat.services.search_index import index_step
from tests.services.conftest import Heard


@pytest.fixture(autouse=True)
def _something_said(garden: Room, bob: Participant) -> None:
    messages_post([Draft(bob, "garden", text) for text in ("one", "two", "three")])


def refused(code: str) -> pytest.RaisesExc[ChatError]:
    return pytest.raises(ChatError, match=f"^{code}: ")


def pins(user: Participant) -> list[int]:
    found = pins_of(user=user, room="garden").messages
    return [state.seq for state in found]


def test_a_pin_changes_the_message_writes_a_line_and_is_a_fact_of_the_room(
    garden: Room, alice: Participant, bob: Participant, heard: Heard
) -> None:
    with heard() as told:
        changed = message_pin(user=alice, room="garden", seq=2, on=True)
    state, line, facts = told
    assert (state["seq"], state["rev"], state["pinned"]["by"]) == (2, changed.rev, "alice")
    assert state["edited_at"] is None
    assert (line["rev"], line["message"], line["system"]["seq"]) == (5, "alice pinned a message", 2)
    assert (facts["type"], facts["rev"], facts["pins"]) == ("room", 6, [2])
    garden.refresh_from_db()
    assert (garden.last_seq, garden.last_rev, garden.facts_rev) == (4, 6, 6)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.target, entry.detail) == ("pin_message", "alice", "bob", {"seq": 2})
    with heard() as told:
        message_pin(user=alice, room="garden", seq=2, on=False)
    assert [(event["type"], event["rev"]) for event in told] == [("message", 7), ("room", 8)]
    assert (told[0]["pinned"], told[1]["pins"]) == (None, [])
    assert AuditEntry.objects.first().action == "unpin_message"  # type: ignore[union-attr]


def test_the_search_finds_what_is_pinned(alice: Participant) -> None:
    def found(query: str) -> list[int]:
        while index_step():
            pass
        return [hit.message.seq for hit in search(user=alice, query=query).hits]

    for seq in (1, 3):
        message_pin(user=alice, room="garden", seq=seq, on=True)
    assert found("has:pin") == [3, 1]
    assert found("has:pin one") == [1]
    assert found("in:garden -has:pin two") == [2]
    message_pin(user=alice, room="garden", seq=3, on=False)
    assert found("has:pin") == [1]


def test_a_repeated_pin_takes_no_number(alice: Participant, heard: Heard) -> None:
    first = message_pin(user=alice, room="garden", seq=1, on=True)
    with heard() as told:
        again = message_pin(user=alice, room="garden", seq=1, on=True)
        message_pin(user=alice, room="garden", seq=2, on=False)
    assert (told, again.rev) == ([], first.rev)


def test_who_was_away_gets_pins_as_any_change(garden: Room, alice: Participant) -> None:
    message_pin(user=alice, room="garden", seq=1, on=True)
    garden.refresh_from_db()
    state, line, facts = resumed_after(garden, 3).messages
    assert (state.pinned.by, facts.pins) == ("alice", [1])  # type: ignore[union-attr]
    assert line.seq == 4  # type: ignore[union-attr]


def test_the_newest_pin_is_first_until_they_are_moved(garden: Room, alice: Participant, bob: Participant) -> None:
    for seq in (1, 2, 3):
        message_pin(user=alice, room="garden", seq=seq, on=True)
    assert pins(bob) == [3, 2, 1]
    pin_move(user=alice, room="garden", seq=3, below=1)
    assert pins(bob) == [2, 1, 3]
    pin_move(user=alice, room="garden", seq=1)
    assert pins(bob) == [1, 2, 3]
    garden.refresh_from_db()
    rev = pin_move(user=alice, room="garden", seq=2, below=2)
    assert rev == pin_move(user=alice, room="garden", seq=2, below=1) == garden.facts_rev
    with refused("forbidden"):
        pin_move(user=bob, room="garden", seq=3)
    message_pin(user=alice, room="garden", seq=2, on=False)
    for seq, below in ((2, None), (1, 2)):
        with refused("not_found"):
            pin_move(user=alice, room="garden", seq=seq, below=below)


def test_moderators_pin_and_members_where_the_room_lets_them(
    alice: Participant, bob: Participant, charlie: Participant
) -> None:
    with refused("forbidden"):
        message_pin(user=bob, room="garden", seq=1, on=True)
    with refused("not_found"):
        message_pin(user=charlie, room="garden", seq=1, on=True)
    with refused("not_found"):
        pins(charlie)
    room_update(user=alice, room="garden", pinning="everyone")
    message_pin(user=bob, room="garden", seq=1, on=True)
    assert pins(alice) == [1]


def test_both_people_of_a_conversation_pin(alice: Participant, bob: Participant) -> None:
    direct, _ = direct_room_open(user=alice, username="bob")
    messages_post([Draft(alice, direct.slug, "psst")])
    message_pin(user=bob, room=direct.slug, seq=1, on=True)
    assert not AuditEntry.objects.exists()
    assert [state.seq for state in pins_of(user=alice, room=direct.slug).messages] == [1]


def test_what_is_not_there_or_is_a_line_cannot_be_pinned(alice: Participant, bob: Participant) -> None:
    message_pin(user=alice, room="garden", seq=1, on=True)
    message_delete(user=bob, room="garden", seq=2)
    for seq in (2, 4, 77):
        with refused("not_found"):
            message_pin(user=alice, room="garden", seq=seq, on=True)


def test_a_room_holds_a_limited_number_of_pins(garden: Room, alice: Participant) -> None:
    Room.objects.filter(pk=garden.pk).update(pins=list(range(100, 100 + PINS_MAX)))
    with pytest.raises(ChatError, match=r"This room has 100 pins\. Unpin one first\.") as error:
        message_pin(user=alice, room="garden", seq=1, on=True)
    assert error.value.code == "conflict"


def test_an_edit_keeps_the_pin_and_a_deletion_ends_it(alice: Participant, bob: Participant, heard: Heard) -> None:
    for seq in (1, 2):
        message_pin(user=alice, room="garden", seq=seq, on=True)
    with heard() as told:
        message_edit(user=bob, room="garden", seq=1, text="one, really")
    assert told[0]["pinned"]["by"] == "alice"
    with heard() as told:
        message_delete(user=bob, room="garden", seq=1)
    assert (told[0]["pinned"], told[1]["pins"]) == (None, [2])
    assert told[1]["rev"] == told[0]["rev"] + 1
    assert pins(bob) == [2]


def test_what_is_cleared_or_emptied_is_not_pinned_any_more(
    garden: Room, alice: Participant, bob: Participant, heard: Heard
) -> None:
    for seq in (1, 2):
        message_pin(user=alice, room="garden", seq=seq, on=True)
    with heard() as told:
        messages_empty(garden, list(Message.objects.filter(seq=1)))
    assert [event.get("pins") for event in told] == [None, [2]]
    with heard() as told:
        room_clear(user=alice, room="garden")
    assert [event["type"] for event in told] == ["cleared", "message", "room"]
    assert told[2]["pins"] == pins(bob) == []
    assert not Message.objects.exclude(pinned_at=None).exists()


def test_a_pin_is_shown_under_the_name_of_an_account_that_is_gone(alice: Participant, bob: Participant) -> None:
    room_update(user=alice, room="garden", pinning="everyone")
    message_pin(user=bob, room="garden", seq=1, on=True)
    participant_erase(user=bob)
    [state] = pins_of(user=alice, room="garden").messages
    assert state.pinned
    assert state.pinned.by == Participant.objects.get(pk=bob.pk).username != "bob"


def test_a_list_of_pins_costs_the_same_for_any_number(
    alice: Participant, bob: Participant, django_assert_num_queries: object
) -> None:
    for seq in (1, 2, 3):
        message_pin(user=alice, room="garden", seq=seq, on=True)
        with django_assert_num_queries(4):  # type: ignore[operator]
            pins(bob)
