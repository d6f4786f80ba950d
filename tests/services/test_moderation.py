"""Moderation: who may do what, what happens, and the audit entry of each action."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.access import access_room
from chat.models import AuditEntry, Ban, Membership, Participant, Room
from chat.protocol.errors import ChatError
from chat.services import moderation
from chat.services.members import member_invite, room_join, room_leave
from chat.services.posting import Draft, messages_post
from chat.services.rooms import room_update
from support import people
from tests.services.conftest import Heard, make
from tests.services.test_messages import refused


@pytest.fixture
def square(alice: Participant, bob: Participant, charlie: Participant) -> Room:
    """A public room: Alice owns it, Bob moderates, Charlie talks."""
    room = people.room("square", owner=alice, members=[bob, charlie], kind="public")
    make("moderator", bob, room)
    return room


def entry() -> tuple[str, str, str, str, str, dict[str, Any]]:
    """The only entry of the audit log."""
    one = AuditEntry.objects.get()
    return one.actor, one.action, one.room, one.target, one.reason, one.detail


def access_rev(user: Participant) -> int:
    return Participant.objects.get(pk=user.pk).access_rev


def test_a_kick_takes_charlie_out_and_he_may_come_back(
    square: Room, bob: Participant, charlie: Participant, heard: Heard
) -> None:
    with heard() as told:
        moderation.member_kick(user=bob, room="square", username="Charlie", reason="noise")
    line, left = told
    assert (line["message"], line["username"]) == ("bob removed charlie from the room", "bob")
    assert line["system"] == {"event": "kicked", "username": "charlie", "by": "bob", "reason": "noise"}
    assert left == {"type": "left", "user": charlie.pk, "reason": "kicked"}
    assert entry() == ("bob", "kick", "square", "charlie", "noise", {})
    assert access_rev(charlie) == 1
    assert room_join(user=charlie, room="square")[1]


def test_a_ban_keeps_charlie_out(square: Room, bob: Participant, charlie: Participant, heard: Heard) -> None:
    with heard() as told:
        moderation.member_ban(user=bob, room="square", username="charlie", minutes=5, reason="spam")
    assert told[-1] == {"type": "left", "user": charlie.pk, "reason": "banned"}
    assert entry() == ("bob", "ban", "square", "charlie", "spam", {"minutes": 5})
    with refused("banned"):
        room_join(user=charlie, room="square")
    with refused("banned"):
        access_room(user=charlie, slug="square")
    until = Ban.objects.get().until
    assert until
    assert timedelta(minutes=4) < until - timezone.now() < timedelta(minutes=5)
    Ban.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert room_join(user=charlie, room="square")[1], "it has run out"


def test_a_second_ban_sets_the_time_anew(square: Room, bob: Participant) -> None:
    moderation.member_ban(user=bob, room="square", username="charlie", minutes=5)
    moderation.member_ban(user=bob, room="square", username="charlie")
    assert Ban.objects.get().until is None
    assert AuditEntry.objects.count() == 2


def test_a_stranger_can_be_banned_beforehand(square: Room, bob: Participant, heard: Heard) -> None:
    dora = people.person("dora")
    with heard() as told:
        moderation.member_ban(user=bob, room="square", username="dora")
    assert told == []
    assert access_rev(dora) == 1
    with refused("banned"):
        room_join(user=dora, room="square")


def test_a_ban_is_lifted(square: Room, bob: Participant, charlie: Participant) -> None:
    moderation.member_ban(user=bob, room="square", username="charlie")
    AuditEntry.objects.all().delete()
    moderation.member_unban(user=bob, room="square", username="CHARLIE")
    assert entry() == ("bob", "unban", "square", "charlie", "", {})
    assert not Membership.objects.filter(user=charlie, room=square).exists()
    assert room_join(user=charlie, room="square")[1]
    with refused("not_found"):
        moderation.member_unban(user=bob, room="square", username="charlie")


def test_the_muted_read_and_do_not_speak(square: Room, bob: Participant, charlie: Participant) -> None:
    moderation.member_mute(user=bob, room="square", username="charlie", minutes=5, reason="cool down")
    assert entry() == ("bob", "mute", "square", "charlie", "cool down", {"minutes": 5})
    [outcome] = messages_post([Draft(charlie, "square", "but")])
    assert isinstance(outcome, ChatError)
    assert outcome.code == "muted"
    assert outcome.retry_after
    assert 290 < outcome.retry_after <= 300
    assert access_room(user=charlie, slug="square").membership
    moderation.member_unmute(user=bob, room="square", username="charlie")
    assert AuditEntry.objects.first().action == "unmute"  # type: ignore[union-attr]
    assert not isinstance(messages_post([Draft(charlie, "square", "thanks")])[0], ChatError)


@pytest.mark.parametrize("by_kick", [False, True])
def test_going_and_coming_back_does_not_lift_a_mute(
    square: Room, bob: Participant, charlie: Participant, by_kick: bool
) -> None:
    moderation.member_mute(user=bob, room="square", username="charlie", minutes=5)
    if by_kick:
        moderation.member_kick(user=bob, room="square", username="charlie")
    else:
        room_leave(user=charlie, room="square")
    with refused("banned"):
        room_join(user=charlie, room="square")
    Ban.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert room_join(user=charlie, room="square")[1]


def test_a_ban_that_has_run_out_opens_no_way_round_a_mute(square: Room, bob: Participant, charlie: Participant) -> None:
    moderation.member_ban(user=bob, room="square", username="charlie", minutes=5)
    Ban.objects.update(until=timezone.now() - timedelta(seconds=1))
    room_join(user=charlie, room="square")
    moderation.member_mute(user=bob, room="square", username="charlie", minutes=5)
    room_leave(user=charlie, room="square")
    with refused("banned"):
        room_join(user=charlie, room="square")


def test_clearing_hides_what_was_said_from_everybody(
    square: Room, bob: Participant, charlie: Participant, heard: Heard
) -> None:
    messages_post([Draft(charlie, "square", f"{n}") for n in range(3)])
    with heard() as told:
        rev = moderation.room_clear(user=bob, room="square")
    cleared, line = told
    assert cleared == {"type": "cleared", "room": "square", "before_seq": 4, "rev": 4}
    assert (line["seq"], line["rev"], line["message"]) == (4, 5, "bob cleared the history")
    assert line["system"] == {"event": "cleared", "username": "bob"}
    assert rev == 4
    square.refresh_from_db()
    assert (square.last_seq, square.last_rev, square.cleared_before_seq, square.cleared_rev) == (4, 5, 4, 4)
    assert entry() == ("bob", "clear", "square", "", "", {"before_seq": 4})


ACTS: dict[str, Callable[..., object]] = {
    "kick": moderation.member_kick,
    "ban": moderation.member_ban,
    "mute": lambda **names: moderation.member_mute(minutes=1, **names),
    "unmute": moderation.member_unmute,
}


@pytest.mark.parametrize("act", ACTS)
def test_only_downwards_and_nothing_is_left_behind(
    act: str, square: Room, alice: Participant, bob: Participant, charlie: Participant, heard: Heard
) -> None:
    people.person("staff", is_staff=True)
    Membership.objects.create(user=Participant.objects.get(username="staff"), room=square)
    with heard() as told:
        for who, target in ((charlie, "bob"), (bob, "alice"), (bob, "bob"), (alice, "staff"), (charlie, "charlie")):
            with refused("forbidden"):
                ACTS[act](user=who, room="square", username=target)
        with refused("not_found"):
            ACTS[act](user=bob, room="square", username="nobody")
        with refused("not_found"):
            ACTS[act](user=bob, room="nowhere", username="charlie")
    assert told == []
    assert not AuditEntry.objects.exists()
    assert not Ban.objects.exists()
    assert square.memberships.filter(muted_until=None).count() == 4


@pytest.mark.parametrize("act", ACTS)
def test_a_moderator_of_another_room_is_a_stranger_here(
    act: str, garden: Room, bob: Participant, charlie: Participant
) -> None:
    people.room("shed", owner=charlie)
    with refused("not_found"):
        ACTS[act](user=charlie, room="garden", username="bob")
    assert not AuditEntry.objects.exists()


def test_staff_put_a_public_room_in_order_without_being_in_it(square: Room, alice: Participant) -> None:
    staff = people.person("staff", is_staff=True)
    moderation.member_kick(user=staff, room="square", username="alice")
    assert not square.memberships.filter(user=alice).exists()
    assert square.memberships.filter(role="owner", user__username="bob").exists(), "handed over"
    assert entry()[:4] == ("staff", "kick", "square", "alice")


def silence(user: Participant, room: Room) -> None:
    Membership.objects.filter(user=user, room=room).update(muted_until=timezone.now() + timedelta(minutes=5))


def test_the_muted_write_no_line_by_adding_people_topics_titles_or_reasons(
    square: Room, alice: Participant, bob: Participant, charlie: Participant, heard: Heard
) -> None:
    people.person("dora")
    for user in (alice, bob, charlie):
        silence(user, square)
    with heard() as told:
        for user in (alice, bob, charlie):
            with refused("muted"):
                member_invite(user=user, room="square", username="dora")
        with refused("muted"):
            room_update(user=bob, room="square", topic="What I could not say")
        with refused("muted"):
            room_update(user=alice, room="square", title="What I could not say")
        with refused("muted"):
            moderation.member_kick(user=bob, room="square", username="charlie", reason="What I could not say")
        with refused("muted"):
            moderation.member_ban(user=alice, room="square", username="bob", reason="What I could not say")
    assert told == []
    moderation.member_kick(user=bob, room="square", username="charlie")
    assert not square.memberships.filter(user=charlie).exists(), "without words of their own they still keep order"
