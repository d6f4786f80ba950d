"""Access to rooms and messages from the database: membership, ban, mute and clearing as currently in effect."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.access import Access, access_found, access_message, access_room, actor_of, ban_of
from chat.models import Ban, Membership, Message, Participant, Room
from chat.protocol.errors import ChatError, Code
from chat.rules import Action
from chat.services.messages import message_delete
from chat.services.moderation import room_clear
from chat.services.posting import Draft, messages_post
from chat.services.rooms import room_update
from support import people
from support.cast import alice, bob, charlie, garden

__all__ = ["alice", "bob", "charlie", "garden"]


def refusal_of(call: Callable[[], object]) -> str:
    with pytest.raises(ChatError) as refused:
        call()
    return refused.value.code.value


@pytest.fixture
def park(alice: Participant) -> Room:
    """A public room that Alice owns, without Bob and Charlie."""
    return people.room("park", owner=alice, kind="public")


@pytest.fixture
def staff(db: None) -> Participant:
    return people.person("dora", is_staff=True)


def ban(user: Participant, room: Room, *, until: datetime | None = None) -> Ban:
    return Ban.objects.create(user=user, room=room, until=until, reason="noise")


# --- Rooms -------------------------------------------------------------------------------------------


def test_a_member_has_access_with_membership_and_role(garden: Room, alice: Participant, bob: Participant) -> None:
    access = access_room(user=bob, slug="garden")
    assert (access.user, access.room, access.membership) == (bob, garden, Membership.objects.get(user=bob))
    assert (access.actor.role, access.actor.kind, access.actor.via_admin) == ("member", "private", False)
    assert access_room(user=alice, slug="garden").actor.role == "owner"


def test_the_room_of_a_member_takes_one_query(
    garden: Room, bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    access_room(user=bob, slug="garden")
    with django_assert_num_queries(1):
        access_room(user=bob, slug="garden")


@pytest.mark.parametrize("lock", [True, False])
def test_a_membership_is_of_one_person_in_one_room(
    garden: Room, park: Room, bob: Participant, charlie: Participant, lock: bool
) -> None:
    assert refusal_of(lambda: access_room(user=charlie, slug="garden", lock=lock)) == "not_found"
    access = access_room(user=bob, slug="park", lock=lock)
    assert (access.room, access.membership, access.actor.role) == (park, None, None)
    assert refusal_of(lambda: access_room(user=bob, slug="park", action=Action.POST, lock=lock)) == "forbidden"
    assert access_room(user=bob, slug="garden", action=Action.POST, lock=lock).membership


@pytest.mark.parametrize("slug", ["", "no such room", "garden\n", "gar\x00den", "gärten", "x" * 65, "nowhere"])
def test_a_slug_without_a_room_is_not_found(garden: Room, bob: Participant, slug: str) -> None:
    assert refusal_of(lambda: access_room(user=bob, slug=slug)) == "not_found"


def test_a_slug_that_no_room_can_have_is_not_sent_to_the_database(
    bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        refusal_of(lambda: access_room(user=bob, slug="gar\x00den"))


def test_a_room_is_locked_on_request_only_and_without_its_key(
    garden: Room, bob: Participant, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    locks: list[dict[str, Any]] = []
    lock = QuerySet.select_for_update

    def select_for_update(rows: QuerySet[Any], **options: Any) -> QuerySet[Any]:
        locks.append(options)
        return lock(rows, **options)

    monkeypatch.setattr(QuerySet, "select_for_update", select_for_update)
    # The room's row, then the membership: in a single query, the membership could be older than the lock.
    with django_assert_num_queries(2):
        access_room(user=bob, slug="garden", lock=True)
    # Other transactions may still reference a locked room, as a new membership does.
    assert locks == [{"no_key": True}]
    access_room(user=bob, slug="garden")
    with pytest.raises(ChatError):
        access_room(user=bob, slug="nowhere")
    assert len(locks) == 1


@pytest.mark.parametrize("slug", ["no such room", "nowhere", "garden"])
def test_an_absent_and_a_hidden_room_are_refused_in_the_same_words(
    garden: Room, charlie: Participant, slug: str
) -> None:
    with pytest.raises(ChatError) as refused:
        access_room(user=charlie, slug=slug)
    assert refused.value.message == "There is no such room, or you may not see it."


def test_an_action_beyond_the_role_is_refused(garden: Room, bob: Participant) -> None:
    assert refusal_of(lambda: access_room(user=bob, slug="garden", action=Action.KICK)) == "forbidden"
    access = access_room(user=bob, slug="garden")
    assert (access.may(Action.POST), access.may(Action.KICK)) == (True, False)


def test_a_room_that_was_read_is_checked_in_the_same_way(
    garden: Room, park: Room, bob: Participant, charlie: Participant
) -> None:
    assert access_found(user=bob, room=garden, action=Action.READ).membership == Membership.objects.get(user=bob)
    assert access_found(user=bob, room=garden, action=Action.POST).actor.role == "member"
    assert refusal_of(lambda: access_found(user=bob, room=garden, action=Action.BAN)) == "forbidden"
    assert refusal_of(lambda: access_found(user=charlie, room=garden, action=Action.READ)) == "not_found"
    assert access_found(user=bob, room=park, action=Action.READ).membership is None


@pytest.mark.parametrize("lock", [True, False])
def test_staff_see_hidden_rooms_through_the_admin_only(garden: Room, staff: Participant, lock: bool) -> None:
    assert refusal_of(lambda: access_room(user=staff, slug="garden", lock=lock)) == "not_found"
    assert access_room(user=staff, slug="garden", lock=lock, via_admin=True).actor.via_admin
    assert refusal_of(lambda: access_found(user=staff, room=garden, action=Action.READ)) == "not_found"
    assert access_found(user=staff, room=garden, action=Action.READ, via_admin=True).actor.via_admin


def test_staff_who_belong_to_the_room_act_through_the_admin_as_staff(garden: Room, staff: Participant) -> None:
    Membership.objects.create(user=staff, room=garden)
    assert access_room(user=staff, slug="garden", action=Action.POST)
    assert refusal_of(lambda: access_room(user=staff, slug="garden", action=Action.POST, via_admin=True)) == "forbidden"


# --- Bans and mutes ----------------------------------------------------------------------------------


def test_a_person_who_is_banned_from_one_room_is_admitted_to_another(
    park: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    people.room("shed", owner=alice, kind="public")
    ban(bob, park)
    assert refusal_of(lambda: access_room(user=bob, slug="park", action=Action.JOIN)) == "banned"
    assert access_room(user=bob, slug="shed", action=Action.JOIN)
    assert access_room(user=charlie, slug="park", action=Action.JOIN), "the ban is Bob's"


def test_a_ban_names_its_reason_and_its_end(park: Room, bob: Participant) -> None:
    until = timezone.now() + timedelta(minutes=5)
    ban(bob, park, until=until)
    with pytest.raises(ChatError) as refused:
        access_room(user=bob, slug="park")
    assert refused.value.fields == {"reason": "noise", "until": until.isoformat(timespec="microseconds")}


def test_a_permanent_ban_names_no_end(park: Room, bob: Participant) -> None:
    ban(bob, park)
    with pytest.raises(ChatError) as refused:
        access_room(user=bob, slug="park")
    assert refused.value.fields == {"reason": "noise"}


def test_a_ban_that_has_ended_admits(park: Room, bob: Participant) -> None:
    ban(bob, park, until=timezone.now() - timedelta(seconds=1))
    assert access_room(user=bob, slug="park", action=Action.JOIN)


def test_a_ban_ends_at_its_end(park: Room, bob: Participant) -> None:
    until = timezone.now() + timedelta(minutes=5)
    lasting = ban(bob, park, until=until)
    before = until - timedelta(microseconds=1)
    assert ban_of(user_id=bob.pk, room_id=park.pk, now=before) == lasting
    assert ban_of(user_id=bob.pk, room_id=park.pk, now=until) is None


def test_a_ban_is_of_one_person_in_one_room(park: Room, garden: Room, bob: Participant, charlie: Participant) -> None:
    lasting, now = ban(bob, park), timezone.now()
    assert ban_of(user_id=bob.pk, room_id=park.pk, now=now) == lasting
    assert ban_of(user_id=charlie.pk, room_id=park.pk, now=now) is None
    assert ban_of(user_id=bob.pk, room_id=garden.pk, now=now) is None


def test_a_member_is_not_banned_whatever_an_old_ban_says(garden: Room, bob: Participant) -> None:
    ban(bob, garden)
    assert not access_room(user=bob, slug="garden", action=Action.POST).actor.banned


def test_a_muted_member_reads_and_does_not_write(garden: Room, bob: Participant) -> None:
    until = timezone.now() + timedelta(minutes=5)
    Membership.objects.filter(user=bob).update(muted_until=until)
    access = access_room(user=bob, slug="garden")
    assert access.actor.muted_until == until
    assert (access.may(Action.READ), access.may(Action.POST)) == (True, False)
    assert refusal_of(lambda: access_room(user=bob, slug="garden", action=Action.POST)) == "muted"


def test_an_actor_is_described_by_user_room_membership_and_ban(garden: Room, park: Room, bob: Participant) -> None:
    until = timezone.now() + timedelta(minutes=5)
    ban(bob, park, until=until)
    Participant.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.refresh_from_db()
    park.archived = True
    outside = actor_of(user=bob, room=park, membership=None)
    assert (outside.kind, outside.archived, outside.role, outside.staff) == ("public", True, None, True)
    assert (outside.banned, outside.ban_reason, outside.banned_until) == (True, "noise", until)
    assert (outside.muted_until, outside.via_admin) == (None, False)
    inside = actor_of(user=bob, room=garden, membership=Membership.objects.get(user=bob))
    assert (inside.kind, inside.archived, inside.role, inside.banned) == ("private", False, "member", False)
    assert (inside.ban_reason, inside.banned_until, inside.muted_until) == ("", None, None)


@pytest.mark.parametrize(
    ("fact", "of_the_room", "expected"),
    [
        ("announcing", {"posting": "moderators"}, True),
        ("announcing", {"posting": "everyone"}, False),
        ("pinning", {"pinning": "everyone"}, True),
        ("pinning", {"pinning": "moderators"}, False),
        ("calling", {"calling": "everyone"}, True),
        ("calling", {"calling": "moderators"}, False),
        ("adding", {"adding": "everyone"}, True),
        ("adding", {"adding": "moderators"}, False),
        ("edit_history", {"edit_history": "members"}, "members"),
        ("edit_history", {"edit_history": "off"}, "off"),
    ],
)
def test_an_actor_is_described_by_what_the_room_lets_its_members_do(
    garden: Room, bob: Participant, fact: str, of_the_room: dict[str, str], expected: bool | str
) -> None:
    Room.objects.filter(pk=garden.pk).update(**of_the_room)
    assert getattr(access_room(user=bob, slug="garden").actor, fact) == expected


def test_a_program_without_the_scope_acts_as_one_who_does_not_moderate(garden: Room, alice: Participant) -> None:
    assert access_room(user=alice, slug="garden", action=Action.KICK)
    alice.may_moderate = False
    assert refusal_of(lambda: access_room(user=alice, slug="garden", action=Action.KICK)) == "forbidden"


def test_in_slow_mode_the_next_message_is_counted_from_the_last_one(garden: Room, park: Room, bob: Participant) -> None:
    def slow_until() -> datetime | None:
        return access_room(user=bob, slug="garden").actor.slow_until

    posted = timezone.now() - timedelta(seconds=5)
    Room.objects.filter(pk=garden.pk).update(slow_seconds=60)
    assert slow_until() is None, "nothing was posted yet"
    Membership.objects.filter(user=bob, room=garden).update(posted_at=posted)
    assert slow_until() == posted + timedelta(seconds=60)
    assert refusal_of(lambda: access_room(user=bob, slug="garden", action=Action.POST)) == "rate_limited"
    Room.objects.update(slow_seconds=0)
    assert slow_until() is None
    Room.objects.update(slow_seconds=60)
    assert access_room(user=bob, slug="park").actor.slow_until is None, "one who is no member"


# --- Messages ----------------------------------------------------------------------------------------


@pytest.fixture
def talk(garden: Room, alice: Participant, bob: Participant) -> Room:
    """Alice posted 1 and 3, Bob 2, and 4 is the system line about Alice's topic."""
    drafts = [Draft(alice, "garden", "one"), Draft(bob, "garden", "two"), Draft(alice, "garden", "three")]
    messages_post(drafts)
    room_update(user=alice, room="garden", topic="roses")
    garden.refresh_from_db()
    return garden


def of(user: Participant, **options: Any) -> Access:
    return access_room(user=user, slug="garden", **options)


def test_a_message_is_found_by_its_place_in_the_room(talk: Room, alice: Participant, bob: Participant) -> None:
    people.room("shed", owner=alice, members=[bob])
    messages_post([Draft(alice, "shed", "in the shed"), Draft(alice, "shed", "also there")])
    found = access_message(access=of(bob), seq=2, action=Action.READ)
    assert (found.room, found.seq, found.text) == (talk, 2, "two")
    elsewhere = access_message(access=access_room(user=bob, slug="shed"), seq=2, action=Action.READ)
    assert elsewhere.text == "also there"


def test_the_author_comes_with_the_message(
    talk: Room, bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    access = of(bob)
    with django_assert_num_queries(1):
        assert access_message(access=access, seq=2, action=Action.EDIT).author.username == "bob"


@pytest.mark.parametrize("seq", [0, 5, 2**53])
def test_a_place_without_a_message_is_not_found(talk: Room, bob: Participant, seq: int) -> None:
    with pytest.raises(ChatError) as refused:
        access_message(access=of(bob), seq=seq, action=Action.READ)
    assert (refused.value.code, refused.value.message) == (
        Code.NOT_FOUND,
        "There is no such message, or you may not see it.",
    )


def test_own_messages_are_edited_and_deleted_and_those_of_others_are_not(
    talk: Room, alice: Participant, bob: Participant
) -> None:
    for action in (Action.EDIT, Action.DELETE):
        assert access_message(access=of(bob), seq=2, action=action).text == "two"
        assert refusal_of(partial(access_message, access=of(bob), seq=1, action=action)) == "forbidden"
    assert refusal_of(lambda: access_message(access=of(alice), seq=2, action=Action.EDIT)) == "forbidden"
    assert access_message(access=of(alice), seq=2, action=Action.DELETE), "an owner may"


def test_the_author_of_a_system_line_may_neither_delete_nor_edit_it(talk: Room, bob: Participant) -> None:
    Message.objects.filter(seq=4).update(author=bob)
    line = Message.objects.get(seq=4)
    assert (line.kind, line.author) == ("system", bob)
    for action in (Action.DELETE, Action.EDIT):
        assert refusal_of(partial(access_message, access=of(bob), seq=4, action=action)) == "forbidden"


def test_what_was_cleared_is_not_found_and_the_first_message_after_it_is(
    talk: Room, alice: Participant, bob: Participant
) -> None:
    Room.objects.filter(pk=talk.pk).update(cleared_before_seq=3)
    assert refusal_of(lambda: access_message(access=of(bob), seq=2, action=Action.READ)) == "not_found"
    assert access_message(access=of(bob), seq=3, action=Action.READ).text == "three"


def test_the_admin_reaches_what_was_cleared(talk: Room, alice: Participant, staff: Participant) -> None:
    room_clear(user=alice, room="garden")
    access = of(staff, via_admin=True)
    assert access_message(access=access, seq=1, action=Action.DELETE).text == "one"
    with pytest.raises(ChatError):
        message_delete(user=alice, room="garden", seq=1)
    assert refusal_of(lambda: access_message(access=access, seq=1, action=Action.REACT)) == "forbidden"
    assert refusal_of(lambda: access_message(access=access, seq=99, action=Action.DELETE)) == "not_found"
