"""Joining, leaving, being added, and who owns the room afterwards."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import AuditEntry, Ban, Membership, Message, Participant, Room
from chat.protocol.errors import ChatError, Code
from chat.protocol.events import stamp
from chat.queries import people as people_queries
from chat.queries.rooms import room_entries
from chat.services import members
from chat.services.members import member_invite, member_notify, member_role, room_join, room_leave
from chat.services.rooms import direct_room_open, room_update
from support import people
from tests.services.conftest import Heard, make
from tests.services.test_messages import refused


@pytest.fixture
def square(alice: Participant) -> Room:
    """A public room."""
    return people.room("square", owner=alice, kind="public")


def access_rev(user: Participant) -> int:
    return Participant.objects.get(pk=user.pk).access_rev


def test_charlie_enters_a_public_room_and_is_announced(square: Room, charlie: Participant, heard: Heard) -> None:
    with heard() as told:
        membership, is_new = room_join(user=charlie, room="square")
    assert is_new
    assert (membership.role, membership.read_seq, membership.room.last_rev) == ("member", 1, 1)
    [line] = told
    assert (line["kind"], line["message"], line["system"]) == (
        *("system", "charlie joined", {"event": "joined", "username": "charlie"}),
    )
    assert access_rev(charlie) == 1
    with heard() as told:
        again, is_new = room_join(user=charlie, room="square")
    assert (again.pk, is_new, told) == (membership.pk, False, [])


def test_a_hidden_room_cannot_be_joined(garden: Room, charlie: Participant) -> None:
    staff = people.person("dora", is_staff=True)
    for who in (charlie, staff):
        with refused("not_found"):
            room_join(user=who, room="garden")
    with refused("not_found"):
        room_join(user=charlie, room="nowhere")
    with refused("not_found"):
        room_join(user=charlie, room="a\x00b")
    assert garden.memberships.count() == 2


def test_the_banned_and_the_late_stay_outside(square: Room, charlie: Participant) -> None:
    ban = Ban.objects.create(room=square, user=charlie)
    with refused("banned"):
        room_join(user=charlie, room="square")
    ban.delete()
    Room.objects.filter(pk=square.pk).update(archived=True)
    with refused("forbidden"):
        room_join(user=charlie, room="square")
    assert square.memberships.count() == 1


def test_a_crowd_is_joined_in_silence(
    square: Room, charlie: Participant, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_queries, "SMALL_ROOM", 0)
    with heard() as told:
        room_join(user=charlie, room="square")
        room_leave(user=charlie, room="square")
    assert told == [{"type": "left", "user": charlie.pk, "reason": "left"}]


def test_bob_leaves_and_the_live_side_lets_him_go(garden: Room, bob: Participant, heard: Heard) -> None:
    with heard() as told:
        room_leave(user=bob, room="garden")
    line, left = told
    assert line["message"] == "bob left"
    assert left == {"type": "left", "user": bob.pk, "reason": "left"}
    assert access_rev(bob) == 1
    with refused("not_found"):
        room_leave(user=bob, room="garden")


def test_a_direct_room_cannot_be_left(alice: Participant, bob: Participant) -> None:
    room, _ = direct_room_open(user=alice, username="bob")
    with refused("forbidden"):
        room_leave(user=alice, room=room.slug)


def test_the_last_owner_hands_the_room_over(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    Membership.objects.create(user=charlie, room=garden, role="moderator")
    room_leave(user=alice, room="garden")
    assert Membership.objects.get(user=charlie).role == "owner", "a moderator goes before an older member"
    assert access_rev(charlie) == 1
    room_leave(user=charlie, room="garden")
    assert Membership.objects.get(user=bob).role == "owner"


def test_a_room_with_another_owner_is_not_handed_over(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    Membership.objects.create(user=charlie, room=garden, role="owner")
    room_leave(user=alice, room="garden")
    assert Membership.objects.get(user=bob).role == "member"


def test_the_deactivated_inherit_nothing(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    Participant.objects.filter(pk=bob.pk).update(is_active=False)
    Membership.objects.create(user=charlie, room=garden)
    room_leave(user=alice, room="garden")
    assert Membership.objects.get(user=charlie).role == "owner"


def test_a_member_adds_charlie_to_the_private_room(
    garden: Room, bob: Participant, charlie: Participant, heard: Heard
) -> None:
    with heard() as told:
        member_invite(user=bob, room="garden", username="CHARLIE")
    [line] = told
    assert (line["message"], line["username"]) == ("bob added charlie", "bob")
    assert line["system"] == {"event": "added", "username": "charlie", "by": "bob"}
    with refused("conflict"):
        member_invite(user=bob, room="garden", username="charlie")


def test_people_who_cannot_be_added(garden: Room, alice: Participant, bob: Participant, charlie: Participant) -> None:
    people.person("dora", is_active=False)
    for name in ("dora", "nobody"):
        with refused("not_found"):
            member_invite(user=bob, room="garden", username=name)
    Ban.objects.create(room=garden, user=charlie)
    with refused("banned"):
        member_invite(user=alice, room="garden", username="charlie")
    with refused("not_found"):
        member_invite(user=charlie, room="garden", username="alice")


@pytest.mark.usefixtures("charlie")
def test_a_room_leaves_adding_people_to_its_moderators(garden: Room, alice: Participant, bob: Participant) -> None:
    room_update(user=alice, room="garden", adding="moderators")
    with refused("forbidden"):
        member_invite(user=bob, room="garden", username="charlie")
    make("moderator", bob, garden)
    member_invite(user=bob, room="garden", username="charlie")
    assert Membership.objects.filter(room=garden, user__username="charlie").exists()


def test_owners_give_roles_and_it_is_recorded(garden: Room, alice: Participant, bob: Participant) -> None:
    member_role(user=alice, room="garden", username="bob", role="moderator")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target, entry.detail) == ("alice", "role", "bob", {"role": "moderator"})
    assert access_rev(bob) == 1
    member_role(user=alice, room="garden", username="bob", role="moderator")
    assert AuditEntry.objects.count() == 1


def test_roles_are_not_for_everybody_to_give(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    make("moderator", bob, garden)
    with refused("forbidden"):
        member_role(user=bob, room="garden", username="alice", role="member")
    with refused("forbidden"):
        member_role(user=alice, room="garden", username="alice", role="member")
    with refused("not_found"):
        member_role(user=alice, room="garden", username="charlie", role="member")
    with pytest.raises(ChatError, match="invalid"):
        member_role(user=alice, room="garden", username="bob", role="emperor")


def test_an_owner_steps_down_when_there_is_another(garden: Room, alice: Participant, bob: Participant) -> None:
    member_role(user=alice, room="garden", username="bob", role="owner")
    member_role(user=alice, room="garden", username="alice", role="member")
    assert Membership.objects.get(user=alice, room=garden).role == "member"
    with refused("forbidden"):
        member_role(user=bob, room="garden", username="bob", role="member")


def test_leaving_and_coming_back_again_and_again_is_one_line(square: Room, charlie: Participant, heard: Heard) -> None:
    room_join(user=charlie, room="square")
    for _ in range(20):
        room_leave(user=charlie, room="square")
        with heard() as told:
            room_join(user=charlie, room="square")
    lines = Message.objects.filter(room=square).order_by("seq")
    assert [line.text for line in lines] == ["charlie joined", "charlie joined"]
    assert [(state["seq"], state["rev"], state["message"]) for state in told] == [(2, 41, "charlie joined")]
    room_leave(user=charlie, room="square")
    assert lines.last().text == "charlie left"  # type: ignore[union-attr]


def test_coming_back_much_later_is_a_line_of_its_own(square: Room, charlie: Participant) -> None:
    room_join(user=charlie, room="square")
    room_leave(user=charlie, room="square")
    Message.objects.update(created_at=timezone.now() - members.AGAIN_TIME)
    room_join(user=charlie, room="square")
    texts = Message.objects.filter(room=square).order_by("seq").values_list("text", flat=True)
    assert list(texts) == ["charlie joined", "charlie left", "charlie joined"]


def test_nothing_is_written_when_the_budget_is_used_up(square: Room, charlie: Participant) -> None:
    def pay() -> None:
        raise ChatError(Code.RATE_LIMITED, "Too fast.")

    with refused("rate_limited"):
        room_join(user=charlie, room="square", pay=pay)
    assert not square.memberships.filter(user=charlie).exists()
    membership, _ = room_join(user=charlie, room="square")
    assert room_join(user=charlie, room="square", pay=pay) == (membership, False), "who is in pays nothing"


def test_the_only_owner_stays_until_somebody_can_follow(garden: Room, alice: Participant, bob: Participant) -> None:
    staff = people.person("sam", is_staff=True)
    with refused("forbidden"):
        member_role(user=staff, room="garden", username="alice", role="member", via_admin=True)
    Membership.objects.exclude(user=alice).filter(room=garden).delete()
    with refused("forbidden"):
        room_leave(user=alice, room="garden")
    assert Membership.objects.get(user=alice, room=garden).role == "owner"
    Room.objects.filter(pk=garden.pk).update(archived=True)
    room_leave(user=alice, room="garden")
    assert not garden.memberships.exists()


def test_an_owner_who_is_deactivated_is_no_successor(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    Membership.objects.create(user=charlie, room=garden, role="owner")
    Participant.objects.filter(pk=charlie.pk).update(is_active=False)
    room_leave(user=alice, room="garden")
    assert Membership.objects.get(user=bob, room=garden).role == "owner"


def test_a_room_follows_the_persons_choice_until_another_is_made_and_is_muted_apart(
    garden: Room, bob: Participant
) -> None:
    def chosen() -> tuple[str, str, bool]:
        membership = Membership.objects.get(user=bob)
        return membership.level, membership.notify, membership.muted

    assert chosen() == ("default", "all", False)
    member_notify(user=bob, room="garden", notify="all")
    assert chosen() == ("all", "all", False)
    member_notify(user=bob, room="garden", muted=True)
    assert chosen() == ("all", "all", True)
    member_notify(user=bob, room="garden", notify="nothing", muted=False)
    assert chosen() == ("nothing", "nothing", False)
    member_notify(user=bob, room="garden", notify="default")
    assert chosen() == ("default", "all", False)
    with pytest.raises(ChatError, match=r"^invalid: "):
        member_notify(user=bob, room="garden", notify="loudly")


def test_a_mute_with_an_end_ends_by_itself(garden: Room, bob: Participant) -> None:
    until = timezone.now() + timedelta(hours=1)
    member_notify(user=bob, room="garden", muted=True, quiet_until=until)
    [entry] = [held.entry for held in room_entries(bob)]
    assert (entry.muted, entry.quiet_until) == (True, stamp(until))
    assert members.mutes_end() == 0
    Membership.objects.filter(user=bob).update(quiet_until=timezone.now())
    before = access_rev(bob)
    assert members.mutes_end() == 1
    assert access_rev(bob) == before + 1, "open pages are sent the room anew"
    [entry] = [held.entry for held in room_entries(bob)]
    assert (entry.muted, entry.quiet_until) == (False, None)
    assert members.mutes_end() == 0


def test_a_mute_for_ever_takes_the_place_of_one_with_an_end(garden: Room, bob: Participant) -> None:
    member_notify(user=bob, room="garden", muted=True, quiet_until=timezone.now() + timedelta(hours=1))
    member_notify(user=bob, room="garden", muted=True)
    assert Membership.objects.get(user=bob).quiet_until is None
    for wrong in (timezone.now(), timezone.now() + timedelta(days=400)):
        with pytest.raises(ChatError, match=r"^invalid: "):
            member_notify(user=bob, room="garden", muted=True, quiet_until=wrong)
