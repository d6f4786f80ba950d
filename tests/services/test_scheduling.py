"""Scheduled messages: the time is that of a clock in the zone, and a due message is posted once."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from chat.models import Ban, File, KeptDraft, Membership, Message, Participant, Room, ScheduledMessage
from chat.protocol.errors import ChatError
from chat.queries.scheduled import scheduled_of
from chat.services import notification_work as work
from chat.services import scheduling
from chat.services.drafts import draft_save
from chat.services.due_moments import due_moment
from chat.services.files import sweep
from chat.services.messages import message_delete
from chat.services.participants import participant_erase
from chat.services.posting import Draft, messages_post
from tests.services.test_messages import refused
from tests.services.test_people import told

__all__ = ["told"]

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_moment_is_what_the_clocks_of_the_zone_show() -> None:
    assert due_moment("2026-03-28T09:00", BERLIN, None, now=NOW) == datetime(2026, 3, 28, 8, tzinfo=UTC)
    assert due_moment("2026-03-30T09:00", BERLIN, None, now=NOW) == datetime(2026, 3, 30, 7, tzinfo=UTC)
    assert due_moment("2026-10-25T02:30", BERLIN, 0, now=NOW) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert due_moment("2026-10-25T02:30", BERLIN, 1, now=NOW) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    # The fold has no effect where the clocks show a time once.
    assert due_moment("2026-03-28T09:00", BERLIN, 1, now=NOW) == datetime(2026, 3, 28, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "field", "sentence"),
    [
        ("2026-03-29T02:30", BERLIN, "at", "2026-03-29 02:30 does not exist in Europe/Berlin"),
        ("2011-12-30T12:00", "Pacific/Apia", "at", "does not exist in Pacific/Apia"),
        ("2026-10-25T02:30", BERLIN, "fold", "comes twice in Europe/Berlin"),
        ("2026-02-28T23:59", "UTC", "at", "is over"),
        ("2027-03-03T00:00", "UTC", "at", "up to a year ahead"),
        ("2026-04-01T00:00", "Mars/Olympus", "zone", "is not a known time zone"),
        ("2026-04-01T00:00", "../etc/passwd", "zone", "is not a known time zone"),
        ("2026-04-01T00:00", "/etc/passwd", "zone", "is not a known time zone"),
        ("2026-04-01T00:00", "Europe", "zone", "is not a known time zone"),
    ],
)
def test_a_moment_that_is_not_one_is_refused_with_the_reason(at: str, zone: str, field: str, sentence: str) -> None:
    with pytest.raises(ChatError) as caught:
        due_moment(at, zone, None, now=NOW)
    assert sentence in caught.value.message
    assert list(caught.value.fields or {}) == [field]


def clock(**ahead: int) -> str:
    return f"{datetime.now(ZoneInfo(BERLIN)) + timedelta(**ahead):%Y-%m-%dT%H:%M}"


def schedule(user: Participant, text: str = "good morning", **more: Any) -> int:
    fields = {"at": clock(days=2), "zone": "UTC"} | more
    return scheduling.schedule_make(user=user, room="garden", text=text, **fields).id


def due(ago: timedelta = timedelta(seconds=1)) -> None:
    ScheduledMessage.objects.update(due_at=timezone.now() - ago)


def send(number: int) -> Any:
    """Send as the process that holds the lease does."""
    draft = scheduling.schedule_begin(number)
    if draft is None:
        return None
    [outcome] = messages_post([draft])
    if isinstance(outcome, ChatError):
        scheduling.schedule_refuse(number, outcome)
    else:
        scheduling.schedule_end(number, seq=outcome.seq)
    return outcome


def texts() -> list[str]:
    return list(Message.objects.filter(kind="text").order_by("seq").values_list("text", flat=True))


def test_what_is_due_is_posted_once_also_after_a_crash(garden: Room, alice: Participant) -> None:
    number = schedule(alice)
    assert (scheduling.schedules_pending(), scheduling.schedules_soon()) == ([], False)
    due()
    assert (scheduling.schedules_pending(), scheduling.schedules_soon()) == ([number], True)
    draft = scheduling.schedule_begin(number)
    assert draft
    # The process dies after it committed the message.
    [first] = messages_post([draft])
    assert scheduling.schedules_pending() == [number]
    again = send(number)
    assert (again.seq, again.duplicate) == (first.seq, True)  # type: ignore[union-attr]
    assert texts() == ["good morning"]
    assert scheduled_of(alice).schedules == []
    assert send(number) is None


def test_a_reply_is_scheduled_for_its_thread(garden: Room, alice: Participant, bob: Participant) -> None:
    messages_post([Draft(bob, "garden", "the root")])
    messages_post([Draft(bob, "garden", "a reply", thread=1, in_room=False)])
    shown, hidden = schedule(alice, "for both", thread=1), schedule(alice, "for the thread", thread=2, in_room=False)
    assert [(item.thread, item.in_room) for item in scheduled_of(alice).schedules] == [(1, True), (1, False)]
    due()
    seqs = [send(number).seq for number in (shown, hidden)]
    posted = Message.objects.filter(seq__in=seqs).order_by("seq").values_list("text", "thread", "in_room")
    assert list(posted) == [("for both", 1, True), ("for the thread", 1, False)]
    assert Message.objects.get(seq=1).reply_count == 3


def test_a_thread_is_there_when_a_reply_is_scheduled_and_when_it_is_due(garden: Room, alice: Participant) -> None:
    messages_post([Draft(alice, "garden", "the root")])
    for thread in (2, 99):
        with refused("not_found"):
            schedule(alice, thread=thread)
    number = schedule(alice, thread=1, in_room=False)
    message_delete(user=alice, room="garden", seq=1)
    with refused("not_found"):
        schedule(alice, thread=1)
    due()
    assert send(number).code == "not_found"
    [kept] = scheduled_of(alice).schedules
    assert (kept.state, kept.thread) == ("refused", 1)
    assert texts() == [""], "the reply was not posted to the room instead"


def test_what_is_being_sent_is_not_changed(garden: Room, alice: Participant) -> None:
    number = schedule(alice)
    scheduling.schedule_begin(number)
    with refused("conflict"):
        scheduling.schedule_change(user=alice, schedule=number, text="good night")
    with refused("conflict"):
        scheduling.schedule_cancel(user=alice, schedule=number)


def test_it_is_changed_cancelled_and_not_by_another(garden: Room, alice: Participant, bob: Participant) -> None:
    number = schedule(alice)
    for act in (
        lambda: scheduling.schedule_change(user=bob, schedule=number, text="x"),
        lambda: scheduling.schedule_cancel(user=bob, schedule=number),
        lambda: scheduling.schedule_begin(number, user=bob),
    ):
        with refused("not_found"):
            act()
    assert scheduled_of(bob).schedules == []
    changed = scheduling.schedule_change(user=alice, schedule=number, text="good evening", zone="Asia/Tokyo")
    assert (changed.message, changed.zone, changed.state) == ("good evening", "Asia/Tokyo", "waiting")
    before = ScheduledMessage.objects.get().due_at
    scheduling.schedule_change(user=alice, schedule=number, zone="UTC")
    assert ScheduledMessage.objects.get().due_at - before == timedelta(hours=9)
    scheduling.schedule_cancel(user=alice, schedule=number)
    assert not ScheduledMessage.objects.exists()


@pytest.mark.parametrize(
    ("hindrance", "code"),
    [
        (lambda room, alice: Membership.objects.filter(user=alice).delete(), "not_found"),
        (lambda room, alice: Room.objects.update(archived=True), "forbidden"),
        (lambda room, alice: Membership.objects.update(muted_until=timezone.now() + timedelta(hours=1)), "muted"),
        (lambda room, alice: room.delete(), "not_found"),
        (lambda room, alice: Participant.objects.filter(pk=alice.pk).update(is_active=False), "forbidden"),
    ],
    ids=["left", "archived", "muted", "deleted", "deactivated"],
)
def test_what_cannot_be_posted_stays_with_the_reason(
    garden: Room,
    alice: Participant,
    hindrance: Any,
    code: str,
    told: list[tuple[int, str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    number = schedule(alice)
    hindrance(garden, alice)
    due()
    with django_capture_on_commit_callbacks(execute=True):
        send(number)
    assert texts() == []
    [kept] = scheduled_of(alice).schedules
    assert (kept.state, kept.code, kept.message) == ("refused", code, "good morning")
    assert kept.problem.endswith(".")
    assert scheduling.schedules_pending() == []
    [(user_id, event)] = [(one, json.loads(text)) for one, text in told]
    assert (user_id, event["type"], event["state"]) == (alice.pk, "scheduled", "refused")


def test_a_ban_and_slow_mode_are_reasons_too(garden: Room, alice: Participant, bob: Participant) -> None:
    Room.objects.update(kind="public", slow_seconds=60)
    number, other = schedule(bob), schedule(alice)
    due()
    assert send(number).seq
    slow = schedule(bob, "again")
    due()
    send(slow)
    assert [one.code for one in scheduled_of(bob).schedules] == ["rate_limited"]
    Membership.objects.filter(user=alice).delete()
    Ban.objects.create(user=alice, room=garden)
    due()
    send(other)
    assert [one.code for one in scheduled_of(alice).schedules] == ["banned"]


def test_what_is_far_too_late_is_not_sent(garden: Room, alice: Participant) -> None:
    number = schedule(alice)
    due(timedelta(hours=25))
    assert send(number) is None
    [kept] = scheduled_of(alice).schedules
    assert (kept.state, kept.problem) == ("refused", "The server did not run at that time.")
    # It can be scheduled for another time, or sent by the person.
    scheduling.schedule_change(user=alice, schedule=number, at=clock(days=3))
    assert scheduled_of(alice).schedules[0].state == "waiting"
    draft = scheduling.schedule_begin(number, user=alice)
    assert draft


def test_files_stay_until_the_message_takes_them(garden: Room, alice: Participant) -> None:
    file = File.objects.create(uploader=alice, name="cat.png", length=1, size=1, state=File.State.READY)
    number = schedule(alice, "", files=(file.key,))
    File.objects.update(created_at=timezone.now() - timedelta(days=3))
    sweep()
    assert [one.name for one in scheduled_of(alice).schedules[0].files] == ["cat.png"]
    with refused("invalid"):
        schedule(alice, files=(file.key,))
    with refused("invalid"):
        scheduling.schedule_change(user=alice, schedule=schedule(alice), text=" ")
    due()
    seq = send(number).seq
    assert File.objects.get(message__seq=seq).key == file.key
    other = File.objects.create(uploader=alice, name="dog.png", length=1, size=1, state=File.State.READY)
    number = schedule(alice, files=(other.key,))
    scheduling.schedule_cancel(user=alice, schedule=number)
    File.objects.filter(pk=other.pk).update(created_at=timezone.now() - timedelta(days=3))
    sweep()
    assert not File.objects.filter(pk=other.pk).exists()


def test_who_may_not_write_here_schedules_nothing(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    with refused("not_found"):
        schedule(charlie)
    Membership.objects.filter(user=bob).update(muted_until=timezone.now() + timedelta(hours=1))
    assert schedule(bob)
    Room.objects.update(archived=True)
    with refused("forbidden"):
        schedule(alice)


def test_scheduled_messages_are_bounded(
    garden: Room, alice: Participant, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CHAT_MESSAGE_MAX_CHARS = 10
    monkeypatch.setattr(scheduling, "SCHEDULED_MAX", 2)
    monkeypatch.setattr(scheduling, "CHARS_MAX", 15)
    with refused("invalid"):
        schedule(alice, "x" * 11)
    schedule(alice, "x" * 10)
    with refused("forbidden"):
        schedule(alice, "x" * 6)
    short = schedule(alice, "x")
    with refused("forbidden"):
        schedule(alice, "x")
    with refused("forbidden"):
        scheduling.schedule_change(user=alice, schedule=short, text="x" * 6)
    assert scheduling.schedule_change(user=alice, schedule=short, text="x" * 5).message == "x" * 5
    participant_erase(user=alice)
    assert not ScheduledMessage.objects.exists()


def test_what_is_being_written_meanwhile_stays(garden: Room, alice: Participant) -> None:
    number = schedule(alice)
    draft_save(user=alice, room="garden", text="half a thou")
    due()
    send(number)
    assert KeptDraft.objects.get().text == "half a thou"


def test_the_lease_of_the_schedule_is_apart_from_that_of_notifications(garden: Room) -> None:
    one, other = uuid4(), uuid4()
    assert work.work_take(one, seconds=30)
    assert work.work_take(other, seconds=30, place=work.SCHEDULED)
    assert not work.work_take(one, seconds=30, place=work.SCHEDULED)
    work.work_leave(other, place=work.SCHEDULED)
    assert work.work_take(one, seconds=30, place=work.SCHEDULED)
    assert not work.work_take(other, seconds=30)
