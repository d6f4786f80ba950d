"""Saved messages: private, with reminders that are sent once, and without the texts of deleted messages."""

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from chat.identity import Identity
from chat.models import NotificationWork, Participant, PushDelivery, Room, SavedMessage
from chat.protocol import events
from chat.protocol.errors import ChatError
from chat.queries.saved import saved_of
from chat.queries.search import search
from chat.services import notification_work as work
from chat.services.members import room_leave
from chat.services.messages import message_delete
from chat.services.moderation import room_clear
from chat.services.participants import participant_erase
from chat.services.posting import Draft, messages_post
from chat.services.publishing import person_told
from chat.services.push_queue import pushes_due
from chat.services.push_subscriptions import subscription_add
from chat.services.reminders import reminders_send
from chat.services.saved import SAVED_MAX, message_save, message_unsave
from chat.services.search_index import index_step
from support.people import room
from support.push_service import Browser

PROCESS = uuid4()


@pytest.fixture(autouse=True)
def _something_said(garden: Room, bob: Participant) -> None:
    messages_post([Draft(bob, "garden", text) for text in ("one", "two", "three")])
    NotificationWork.objects.all().delete()
    assert work.work_take(PROCESS, seconds=30)


@pytest.fixture
def told() -> Generator[list[tuple[int, str]]]:
    heard: list[tuple[int, str]] = []

    def hear(*, user_id: int, text: str, **_: Any) -> None:
        heard.append((user_id, text))

    person_told.connect(hear)
    yield heard
    person_told.disconnect(hear)


def refused(code: str, match: str = "") -> pytest.RaisesExc[ChatError]:
    return pytest.raises(ChatError, match=f"^{code}: .*{match}")


def saved(user: Participant, **options: Any) -> list[tuple[int, str]]:
    return [(item.seq, item.state) for item in saved_of(user, **options).saved]


def remind(user: Participant, seq: int, **facts: Any) -> SavedMessage:
    return message_save(user=user, room="garden", seq=seq, remind_at=_in(hours=1), **facts)


def _in(**delta: int) -> str:
    return (timezone.now() + timedelta(**delta)).isoformat()


def test_what_is_saved_is_listed_for_one_person_last_saved_first(alice: Participant, bob: Participant) -> None:
    for seq in (1, 3, 2, 1):
        message_save(user=alice, room="garden", seq=seq)
    assert saved(alice) == [(2, "here"), (3, "here"), (1, "here")]
    assert saved(bob) == []
    page = saved_of(alice, limit=2)
    assert page.places == {"garden": [1, 3, 2]}
    assert [item.seq for item in saved_of(alice, before=page.next).saved] == [1]
    message_save(user=alice, room="garden", seq=3, done=True)
    assert saved(alice) == [(2, "here"), (1, "here")]
    assert saved(alice, done=True) == [(3, "here")]
    for _ in range(2):
        message_unsave(user=alice, room="garden", seq=2)
    assert saved(alice) == [(1, "here")]


def test_each_change_reaches_the_persons_other_sockets(
    alice: Participant, told: list[tuple[int, str]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        message_save(user=alice, room="garden", seq=1, socket="here")
        message_save(user=alice, room="garden", seq=1, done=True)
        message_unsave(user=alice, room="garden", seq=1)
    heard = [events.Saved.model_validate_json(text) for _, text in told]
    assert {user_id for user_id, _ in told} == {alice.pk}
    assert [(one.seq, one.on, one.done) for one in heard] == [(1, True, False), (1, True, True), (1, False, False)]


def test_only_what_a_person_reads_can_be_saved(garden: Room, alice: Participant, charlie: Participant) -> None:
    with refused("not_found"):
        message_save(user=charlie, room="garden", seq=1)
    message_delete(user=alice, room="garden", seq=2)
    for seq in (2, 77):
        with refused("not_found"):
            message_save(user=alice, room="garden", seq=seq)
    room_clear(user=alice, room="garden")
    for seq in (1, 4):
        with refused("not_found"):
            message_save(user=alice, room="garden", seq=seq)


def test_a_person_saves_a_limited_number(garden: Room, alice: Participant) -> None:
    messages_post([Draft(alice, "garden", f"{n}") for n in range(SAVED_MAX - 1)])
    SavedMessage.objects.bulk_create(
        SavedMessage(user=alice, message=message) for message in garden.messages.filter(seq__gt=2)
    )
    with refused("conflict", "1,000"):
        message_save(user=alice, room="garden", seq=1)
    message_save(user=alice, room="garden", seq=3, done=True)


def test_what_is_deleted_cleared_or_left_shows_no_text_and_can_be_removed(
    garden: Room, alice: Participant, bob: Participant
) -> None:
    for seq in (1, 2):
        message_save(user=bob, room="garden", seq=seq)
    message_delete(user=bob, room="garden", seq=1)
    assert saved(bob) == [(2, "here"), (1, "deleted")]
    room_leave(user=bob, room="garden")
    assert saved(bob) == [(2, "hidden"), (1, "hidden")]
    assert "two" not in saved_of(bob).encode()
    assert {item.title for item in saved_of(bob).saved} == {""}
    with refused("not_found"):
        message_save(user=bob, room="garden", seq=2, done=True)
    message_unsave(user=bob, room="garden", seq=2)
    assert saved(bob) == [(1, "hidden")]
    message_save(user=alice, room="garden", seq=2)
    room_clear(user=alice, room="garden")
    assert saved(alice) == [(2, "deleted")]


def test_the_search_finds_what_is_saved(alice: Participant, bob: Participant) -> None:
    def found(user: Participant, query: str) -> list[int]:
        return [hit.message.seq for hit in search(user=user, query=query).hits]

    while index_step():
        pass
    for seq in (1, 3):
        message_save(user=alice, room="garden", seq=seq)
    assert found(alice, "is:saved") == [3, 1]
    assert found(alice, "is:saved one") == [1]
    assert found(alice, "in:garden -is:saved") == [2]
    assert found(bob, "is:saved") == []
    message_delete(user=bob, room="garden", seq=3)
    assert found(alice, "is:saved") == [1]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"remind_at": "2020-01-01T00:00:00Z"}, "remind_at"),
        ({"remind_at": "2099-01-01T00:00:00Z"}, "remind_at"),
        ({"remind_at": "2027-01-01T09:00", "tz": "Mars/Olympus"}, "tz"),
        ({"remind_at": "2027-01-01T09:00"}, "tz"),
        ({"remind_at": "2027-03-28T02:30", "tz": "Europe/Berlin"}, "remind_at"),
    ],
)
def test_a_reminder_needs_a_moment_to_come_that_there_is(alice: Participant, facts: dict[str, Any], field: str) -> None:
    with refused("invalid") as problem:
        message_save(user=alice, room="garden", seq=1, **facts)
    assert list(problem.value.fields or {}) == [field]
    assert not SavedMessage.objects.exists()


def test_a_time_of_a_zone_is_that_of_its_clocks_the_first_of_two(alice: Participant) -> None:
    row = message_save(user=alice, room="garden", seq=1, remind_at="2027-10-31T02:30", tz="Europe/Berlin")
    assert row.remind_at == datetime(2027, 10, 31, 0, 30, tzinfo=ZoneInfo("UTC"))
    assert message_save(user=alice, room="garden", seq=1, remind_at=None).remind_at is None


def test_a_reminder_is_sent_once_to_sockets_and_devices(
    alice: Participant, told: list[tuple[int, str]], django_capture_on_commit_callbacks: Any
) -> None:
    browser = Browser("https://push.vendor.net/alice/phone").subscription
    subscription_add(identity=Identity(alice, "token", "key"), endpoint=browser["endpoint"], **browser["keys"])
    remind(alice, 1)
    at = timezone.now() + timedelta(hours=2)
    assert reminders_send(process_id=PROCESS) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert reminders_send(process_id=PROCESS, now=at) == 1
        assert reminders_send(process_id=PROCESS, now=at) == 0
    [(user_id, text)] = told
    event = events.Saved.model_validate_json(text)
    assert (user_id, event.reminded, event.message and event.message.message) == (alice.pk, True, "one")
    [item] = saved_of(alice).saved
    assert (item.remind_at, item.reminded_at) == (None, events.stamp(at))
    [push] = pushes_due(limit=10, now=at)
    assert (b"Reminder: " in push.text, b"one" in push.text, push.urgency, push.topic) == (True, True, "high", None)


def test_a_reminder_of_what_the_person_cannot_read_any_more_says_nothing_of_it(
    alice: Participant, bob: Participant, told: list[tuple[int, str]], django_capture_on_commit_callbacks: Any
) -> None:
    browser = Browser("https://push.vendor.net/bob/phone").subscription
    subscription_add(identity=Identity(bob, "token", "key"), endpoint=browser["endpoint"], **browser["keys"])
    for seq in (1, 2):
        remind(bob, seq)
    at = timezone.now() + timedelta(hours=2)
    message_delete(user=bob, room="garden", seq=1)
    reminders_send(process_id=PROCESS, now=at)
    assert PushDelivery.objects.count() == 1
    room_leave(user=bob, room="garden")
    assert pushes_due(limit=10, now=at) == []
    message_save(user=alice, room="garden", seq=2, remind_at=_in(hours=1))
    with django_capture_on_commit_callbacks(execute=True):
        room_clear(user=alice, room="garden")
        reminders_send(process_id=PROCESS, now=at)
    assert all("two" not in text for _, text in told)


def test_only_the_process_with_the_work_reminds_and_a_reminder_alone_is_work(alice: Participant) -> None:
    assert not work.work_exists()
    remind(alice, 1)
    assert work.work_exists()
    assert reminders_send(process_id=uuid4(), now=timezone.now() + timedelta(hours=2)) == 0
    assert SavedMessage.objects.exclude(remind_at=None).exists()


def test_what_is_done_is_not_reminded_of_and_a_reminder_brings_it_back(alice: Participant) -> None:
    remind(alice, 1)
    message_save(user=alice, room="garden", seq=1, done=True)
    assert not SavedMessage.objects.exclude(remind_at=None).exists()
    remind(alice, 1)
    assert saved(alice) == [(1, "here")]


def test_an_account_that_is_erased_leaves_nothing_saved(alice: Participant, bob: Participant) -> None:
    message_save(user=bob, room="garden", seq=1)
    participant_erase(user=bob)
    assert not SavedMessage.objects.exists()


def test_a_list_costs_the_same_for_any_number(
    alice: Participant, bob: Participant, django_assert_num_queries: Any
) -> None:
    room("square", owner=alice, members=[bob])
    messages_post([Draft(bob, "square", "four")])
    message_save(user=bob, room="garden", seq=1)
    with django_assert_num_queries(6):
        saved(bob)
    message_save(user=bob, room="square", seq=1)
    message_save(user=bob, room="garden", seq=2)
    with django_assert_num_queries(6):
        saved(bob)
