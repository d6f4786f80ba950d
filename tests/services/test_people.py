"""Status, profile, blocks, reports and group conversations."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.models import AuditEntry, Block, Mention, Message, Participant, Profile, Report, Room
from chat.protocol.errors import ChatError
from chat.queries.directory import direct_room
from chat.queries.people import online_near, people_named, room_users
from chat.queries.profiles import blocked_by, card_of, own_facts, profile_of, status_of
from chat.queries.records import conversation_reports, room_reports
from chat.queries.rooms import room_entries
from chat.services import publishing
from chat.services.members import room_leave
from chat.services.messages import message_delete, message_edit
from chat.services.people import person_block, profile_change, status_set
from chat.services.posting import Draft, messages_post
from chat.services.reports import message_report, report_close
from chat.services.rooms import direct_room_open, group_room_open, room_update
from support import people
from tests.queries.test_people import connect
from tests.services.conftest import Heard, make
from tests.services.test_messages import refused


@pytest.fixture
def told(django_capture_on_commit_callbacks: Any) -> Any:
    """The events sent to individual people, by user id."""
    found: list[tuple[int, str]] = []

    def listen(*, user_id: int, text: str, **_: Any) -> None:
        found.append((user_id, text))

    publishing.person_told.connect(listen)
    yield found
    publishing.person_told.disconnect(listen)


def test_a_status_has_an_end_and_its_parts_are_changed_alone(garden: Room, alice: Participant) -> None:
    end = timezone.now() + timedelta(hours=1)
    status_set(user=alice, emoji="🍽️", text="Lunch", until=end)
    status_set(user=alice, presence="busy")
    shown = status_of(profile_of(alice))
    assert shown
    assert (shown.emoji, shown.text, shown.until is None) == ("🍽️", "Lunch", False)
    [entry] = [one for one in room_users(garden) if one.username == "alice"]
    assert (entry.status, entry.presence) == (shown, "online")
    connect([alice])
    [entry] = [one for one in room_users(garden) if one.username == "alice"]
    assert entry.presence == "busy"
    Profile.objects.update(status_until=timezone.now())
    assert status_of(profile_of(alice)) is None
    status_set(user=alice, text="Later")
    assert profile_of(alice).status_until is None
    with refused("invalid"):
        status_set(user=alice, until=timezone.now())


def test_others_are_sent_a_status_as_a_name(garden: Room, alice: Participant, bob: Participant) -> None:
    since = timezone.now()
    status_set(user=alice, text="Away until noon", presence="away")
    [named] = people_named(since, {}).fresh
    assert named.event.status
    assert (named.event.username, named.event.status.text) == ("alice", "Away until noon")
    connect([alice])
    assert online_near(bob.pk, [garden.pk]) == {"alice": "away"}


def test_a_card_shows_the_profile_and_the_rooms_in_common(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    profile_change(user=alice, pronouns="she/her", title=" Gardener ", time_zone="Europe/Berlin")
    card = card_of(bob, alice)
    assert (card.pronouns, card.title, card.time_zone, card.presence) == (
        "she/her",
        "Gardener",
        "Europe/Berlin",
        "offline",
    )
    assert [room.room for room in card.rooms] == ["garden"]
    assert card_of(charlie, alice).rooms == []
    for wrong in ({"time_zone": "Mars/Base"}, {"about": "x" * 161}, {"title": "a\u202eb"}):
        with refused("invalid"):
            profile_change(user=alice, **wrong)


def test_the_blocked_begin_no_direct_message_and_get_no_reason(alice: Participant, bob: Participant) -> None:
    assert person_block(user=alice, username="BOB", on=True) == ["bob"]
    assert person_block(user=alice, username="bob", on=True) == ["bob"]
    with refused("forbidden"):
        direct_room(user=bob, username="alice")
    direct_room_open(user=alice, username="bob")
    assert blocked_by(bob) == []
    with refused("forbidden"):
        person_block(user=alice, username="alice", on=True)
    with refused("not_found"):
        person_block(user=alice, username="ghost", on=True)
    assert person_block(user=alice, username="bob", on=False) == []
    direct_room(user=bob, username="alice")
    assert not Block.objects.exists()


def test_the_same_people_have_one_group(alice: Participant, bob: Participant, charlie: Participant) -> None:
    room, members = group_room_open(user=alice, usernames=["bob", "Charlie", "BOB", "alice"])
    again, _ = group_room_open(user=charlie, usernames=["alice", "bob"])
    assert (room.pk, room.kind, members) == (again.pk, "group", {alice.pk, bob.pk, charlie.pk})
    [entry] = [held.entry for held in room_entries(alice)]
    assert (entry.title, entry.people, entry.username) == ("Bob, Charlie", ["bob", "charlie"], None)
    with refused("forbidden"):
        room_leave(user=bob, room=room.slug)
    for names, code in (
        (["bob"], "invalid"),
        ([f"p{n}" for n in range(10)], "invalid"),
        (["bob", "ghost"], "not_found"),
    ):
        with refused(code):
            group_room_open(user=alice, usernames=names)
    person_block(user=bob, username="alice", on=True)
    with refused("forbidden"):
        group_room_open(user=alice, usernames=["bob", "charlie"])


def post(user: Participant, text: str, room: str = "garden") -> Any:
    [outcome] = messages_post([Draft(user, room, text)])
    return outcome


def test_a_report_keeps_its_copy_and_is_handled_once(
    garden: Room, alice: Participant, bob: Participant, heard: Heard, told: list[tuple[int, str]]
) -> None:
    post(alice, "rude")
    with heard():
        message_report(user=bob, room="garden", seq=1, reason="Harassment")
    # Bob is no moderator: only Alice receives it.
    assert [user_id for user_id, text in told if '"report"' in text] == [alice.pk]
    message_delete(user=alice, room="garden", seq=1)
    [report] = room_reports(garden).reports
    assert (report.by, report.author, report.message, report.reason) == ("bob", "alice", "rude", "Harassment")
    for seq, code in ((1, "not_found"), (9, "not_found")):
        with refused(code):
            message_report(user=bob, room="garden", seq=seq, reason="again")
    with refused("forbidden"):
        report_close(user=bob, report_id=report.id, outcome="dismissed")
    report_close(user=alice, report_id=report.id, outcome="deleted")
    with refused("conflict"):
        report_close(user=alice, report_id=report.id, outcome="dismissed")
    assert room_reports(garden).reports == []
    [closed] = room_reports(garden, closed=True).reports
    assert (closed.outcome, closed.handled_by) == ("deleted", "alice")
    entry = AuditEntry.objects.filter(action="report").get()
    assert (entry.actor, entry.target, entry.detail) == ("alice", "alice", {"seq": 1, "outcome": "deleted"})


def test_a_report_in_a_room_that_one_cannot_see_does_not_exist(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    post(alice, "rude")
    report = message_report(user=bob, room="garden", seq=1, reason="Spam")
    with pytest.raises(ChatError, match=r"^not_found: .*report"):
        report_close(user=charlie, report_id=report.pk, outcome="dismissed")


def test_ones_own_facts_are_one_query(
    alice: Participant, bob: Participant, charlie: Participant, django_assert_num_queries: Any
) -> None:
    assert own_facts(alice.pk) == {
        "status": None,
        "presence": "auto",
        "blocked": [],
        "drafts": False,
        "scheduled": False,
        "saved": 0,
    }
    for username in ("charlie", "bob"):
        person_block(user=alice, username=username, on=True)
    status_set(user=alice, text="Lunch", presence="busy")
    with django_assert_num_queries(1):
        found = own_facts(alice.pk)
    assert found == {
        "status": status_of(profile_of(alice)),
        "presence": "busy",
        "blocked": ["charlie", "bob"],
        "drafts": False,
        "scheduled": False,
        "saved": 0,
    }
    assert found["blocked"] == blocked_by(alice)
    Profile.objects.update(status_until=timezone.now())
    assert own_facts(alice.pk)["status"] is None


def test_no_one_reports_twice_or_themselves(garden: Room, alice: Participant, bob: Participant) -> None:
    post(alice, "rude")
    post(bob, "mine")
    message_report(user=bob, room="garden", seq=1, reason="Spam")
    with refused("conflict"):
        message_report(user=bob, room="garden", seq=1, reason="Spam")
    with refused("forbidden"):
        message_report(user=bob, room="garden", seq=2, reason="Spam")


def test_a_report_of_a_conversation_goes_to_the_administrators(alice: Participant, bob: Participant) -> None:
    boss = people.person("boss", is_staff=True)
    room, _ = direct_room_open(user=alice, username="bob")
    for n in range(8):
        post(alice, f"psst {n}", room.slug)
    report = message_report(user=bob, room=room.slug, seq=1, reason="Harassment")
    [found] = conversation_reports().reports
    assert [one["message"] for one in found.context] == [f"psst {n}" for n in range(6)]
    for who in (alice, bob):
        with refused("not_found"):
            report_close(user=who, report_id=report.pk, outcome="dismissed")
    report_close(user=boss, report_id=report.pk, outcome="dismissed")
    assert Report.objects.get().handled_by == "boss"


def mentioned(user: Participant) -> list[int]:
    return list(Mention.objects.filter(user=user).order_by("seq").values_list("seq", flat=True))


def test_a_moderator_calls_all_members_or_those_who_are_here(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant, heard: Heard
) -> None:
    make("moderator", bob, garden)
    room_update(user=alice, room="garden", slow_seconds=0)
    connect([bob])
    with heard() as said:
        post(alice, "@room tea @bob")
        post(alice, "@here cake")
    assert [message["mentions"] for message in said] == [["bob", "room"], ["here"]]
    assert (mentioned(bob), mentioned(alice), mentioned(charlie)) == ([1, 2], [], [])
    [entry] = [held.entry for held in room_entries(bob)]
    assert (entry.mentions, entry.mentioned) == (2, [1, 2])
    with heard() as said:
        message_edit(user=alice, room="garden", seq=1, text="tea")
    assert said[0]["mentions"] == []
    assert mentioned(bob) == [2]


def test_the_call_of_a_member_reaches_no_one(garden: Room, alice: Participant, bob: Participant, heard: Heard) -> None:
    with heard() as said:
        post(bob, "@room hello")
    assert said[0]["mentions"] == []
    assert not Mention.objects.exists()
    room_update(user=alice, room="garden", calling="everyone")
    post(bob, "@room hello")
    assert mentioned(alice) == [2]
    room, _ = direct_room_open(user=bob, username="alice")
    post(bob, "@room hello", room.slug)
    assert mentioned(alice) == [1, 2]
    assert Message.objects.count() == 3
