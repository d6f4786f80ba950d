"""Changes to messages: each takes a new number and publishes the whole state."""

import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import AuditEntry, Membership, Mention, Participant, Reaction, Room
from chat.protocol.errors import ChatError
from chat.queries.message_states import message_states
from chat.services.messages import REACTION_KINDS_MAX, Changed, message_delete, message_edit, message_react
from chat.services.moderation import room_clear
from chat.services.posting import Draft, messages_post
from chat.services.rooms import room_update
from tests.services.conftest import Heard, make


@pytest.fixture(autouse=True)
def _something_said(garden: Room, bob: Participant) -> None:
    messages_post([Draft(bob, "garden", "hello @alice"), Draft(bob, "garden", "second")])


def refused(code: str) -> pytest.RaisesExc[ChatError]:
    return pytest.raises(ChatError, match=f"^{code}: ")


def test_bob_edits_his_message(garden: Room, bob: Participant, heard: Heard) -> None:
    with heard() as told:
        changed = message_edit(user=bob, room="garden", seq=1, text="hello @bob")
    [event] = told
    assert (changed.room, changed.seq, changed.rev) == ("garden", 1, 3)
    assert (event["seq"], event["rev"], event["message"], event["mentions"]) == (1, 3, "hello @bob", ["bob"])
    assert event["edited_at"]
    assert [mention.user.username for mention in Mention.objects.all()] == ["bob"]
    garden.refresh_from_db()
    assert (garden.last_seq, garden.last_rev) == (2, 3)


def test_an_edit_that_changes_nothing_takes_no_number(garden: Room, bob: Participant, heard: Heard) -> None:
    with heard() as told:
        changed = message_edit(user=bob, room="garden", seq=2, text="second")
    assert (told, changed.rev) == ([], 2)
    garden.refresh_from_db()
    assert garden.last_rev == 2


def test_other_peoples_messages_cannot_be_edited(garden: Room, alice: Participant, charlie: Participant) -> None:
    with refused("forbidden"):
        message_edit(user=alice, room="garden", seq=1, text="I never said that")
    with refused("not_found"):
        message_edit(user=charlie, room="garden", seq=1, text="I never said that")
    assert garden.messages.get(seq=1).text == "hello @alice"


def test_what_is_not_there_cannot_be_changed(garden: Room, alice: Participant, bob: Participant) -> None:
    message_delete(user=bob, room="garden", seq=2)
    for seq in (0, 2, 3, 2**53):
        with refused("not_found"):
            message_edit(user=bob, room="garden", seq=seq, text="hello")
        with refused("not_found"):
            message_react(user=bob, room="garden", seq=seq, emoji="👍", on=True)
    room_clear(user=alice, room="garden")
    with refused("not_found"):
        message_edit(user=bob, room="garden", seq=1, text="hello")
    with refused("not_found"):
        message_delete(user=bob, room="garden", seq=1)


def test_an_edit_may_not_be_too_long(bob: Participant) -> None:
    with refused("invalid"):
        message_edit(user=bob, room="garden", seq=1, text="x" * 10_001)


def test_a_deleted_message_keeps_its_place_and_nothing_else(
    garden: Room, alice: Participant, bob: Participant, heard: Heard
) -> None:
    message_react(user=alice, room="garden", seq=1, emoji="👍", on=True)
    with heard() as told:
        changed = message_delete(user=bob, room="garden", seq=1)
    [event] = told
    assert (event["seq"], event["rev"], event["message"], event["deleted"], event["deleted_by"]) == (
        *(1, changed.rev, "", True, "bob"),
    )
    assert (event["reactions"], event["mentions"]) == ({}, [])
    assert not Mention.objects.exists()
    assert not Reaction.objects.exists()
    assert not AuditEntry.objects.exists(), "taking back one's own words is no act of moderation"
    with heard() as told:
        assert message_delete(user=bob, room="garden", seq=1).rev == changed.rev
    assert told == []


def test_a_moderator_deletes_what_bob_said_and_it_is_recorded(
    garden: Room, alice: Participant, charlie: Participant
) -> None:
    Membership.objects.create(user=charlie, room=garden)
    with refused("forbidden"):
        message_delete(user=charlie, room="garden", seq=1)
    make("moderator", charlie, garden)
    message_delete(user=charlie, room="garden", seq=1, reason="rude")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.room, entry.target, entry.reason, entry.detail) == (
        *("charlie", "delete_message", "garden", "bob", "rude", {"seq": 1}),
    )
    assert garden.messages.get(seq=1).deleted_by == charlie


def test_reactions_come_and_go(alice: Participant, bob: Participant, heard: Heard) -> None:
    with heard() as told:
        message_react(user=bob, room="garden", seq=1, emoji="🎉", on=True)
        message_react(user=alice, room="garden", seq=1, emoji="🎉", on=True)
        message_react(user=alice, room="garden", seq=1, emoji="👍", on=True)
        message_react(user=bob, room="garden", seq=1, emoji="🎉", on=False)
    assert [event["rev"] for event in told] == [3, 4, 5, 6]
    assert told[-1]["reactions"] == {"🎉": ["alice"], "👍": ["alice"]}
    assert told[1]["reactions"] == {"🎉": ["bob", "alice"]}


def test_a_reaction_that_is_there_already_takes_no_number(garden: Room, bob: Participant, heard: Heard) -> None:
    message_react(user=bob, room="garden", seq=1, emoji="🎉", on=True)
    with heard() as told:
        message_react(user=bob, room="garden", seq=1, emoji="🎉", on=True)
        message_react(user=bob, room="garden", seq=1, emoji="👍", on=False)
    assert told == []
    garden.refresh_from_db()
    assert garden.last_rev == 3


def test_a_message_takes_a_limited_number_of_different_reactions(
    garden: Room, alice: Participant, bob: Participant
) -> None:
    message = garden.messages.get(seq=1)
    emoji = [chr(0x1F600 + n) for n in range(REACTION_KINDS_MAX)]
    Reaction.objects.bulk_create(Reaction(message=message, user=bob, emoji=one) for one in emoji)
    with refused("invalid"):
        message_react(user=alice, room="garden", seq=1, emoji="🦔", on=True)
    message_react(user=alice, room="garden", seq=1, emoji=emoji[0], on=True)


def test_system_lines_belong_to_no_author(garden: Room, alice: Participant, bob: Participant, heard: Heard) -> None:
    room_update(user=alice, room="garden", topic="roses")
    line = garden.messages.get(kind="system")
    with pytest.raises(ChatError):
        message_edit(user=alice, room="garden", seq=line.seq, text="hm")
    with refused("forbidden"):
        message_delete(user=bob, room="garden", seq=line.seq)
    with heard() as told:
        message_delete(user=alice, room="garden", seq=line.seq)
    assert (told[0]["kind"], told[0]["deleted"], "system" in told[0]) == ("text", True, False)


@pytest.mark.parametrize(
    ("forms", "form"),
    [
        (["❤", "❤️", "❤\ufe0e"], "❤️"),
        (["👍", "👍️"], "👍"),
        (["1\u20e3", "1\ufe0f\u20e3"], "1\ufe0f\u20e3"),
        (["✌🏽", "✌️🏽"], "✌🏽"),
        (["🏃‍♂", "🏃‍♂️"], "🏃‍♂️"),
        (["⛹🏻‍♀", "⛹️🏻‍♀️"], "⛹🏻‍♀️"),
        (["👁‍🗨", "👁️‍🗨️"], "👁️‍🗨️"),
        (["→", "→️"], "→"),
    ],
)
def test_what_is_drawn_the_same_is_one_reaction(forms: list[str], form: str, alice: Participant) -> None:
    for emoji in forms:
        message_react(user=alice, room="garden", seq=1, emoji=emoji, on=True)
    assert list(Reaction.objects.values_list("emoji", flat=True)) == [form]
    message_react(user=alice, room="garden", seq=1, emoji=forms[0], on=False)
    assert not Reaction.objects.exists()


def test_skins_are_reactions_of_their_own(alice: Participant) -> None:
    for emoji in ("👍", "👍🏽", "👍🏿"):
        message_react(user=alice, room="garden", seq=1, emoji=emoji, on=True)
    assert Reaction.objects.count() == 3


CHANGES: dict[str, Callable[[Participant, Participant], Changed]] = {
    "edit": lambda bob, _alice: message_edit(user=bob, room="garden", seq=1, text="hello @alice and @bob"),
    "react": lambda _bob, alice: message_react(user=alice, room="garden", seq=1, emoji="🎉", on=True),
    "delete": lambda bob, _alice: message_delete(user=bob, room="garden", seq=1),
    "delete as a moderator": lambda _bob, alice: message_delete(user=alice, room="garden", seq=1),
    "delete a system line": lambda _bob, alice: message_delete(user=alice, room="garden", seq=3),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_published_of_a_change_is_what_history_shows(
    name: str, garden: Room, alice: Participant, bob: Participant, heard: Heard
) -> None:
    make("moderator", alice, garden)
    room_update(user=alice, room="garden", topic="roses")
    message_react(user=alice, room="garden", seq=1, emoji="👍", on=True)
    message_react(user=bob, room="garden", seq=1, emoji="👍", on=True)
    # Open sockets hold them with their earlier names.
    Participant.objects.filter(pk=bob.pk).update(display_name="Robert", name_shared=True)
    Participant.objects.filter(pk=alice.pk).update(username="alicia")
    with heard() as told:
        changed = CHANGES[name](bob, alice)
    [state] = message_states(garden.messages.filter(seq=changed.seq))
    assert changed.state == state
    assert told == [json.loads(state.encode())]


@pytest.mark.parametrize(("name", "selects"), [("edit", 7), ("react", 9), ("delete", 5)])
def test_a_change_does_not_read_back_what_it_wrote(
    name: str, selects: int, garden: Room, alice: Participant, bob: Participant
) -> None:
    with CaptureQueriesContext(connection) as queries:
        CHANGES[name](bob, alice)
    # The room, the membership, the message and whether a hold covers it; and what the change does not know of the
    # message: its mentions, its reactions, which devices of the author to notify of a reaction, and whether it was
    # imported, as it has no `client_id`.
    assert sum(query["sql"].startswith("SELECT") for query in queries) == selects
