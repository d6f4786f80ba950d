"""Pending work for notifications, as the process that does it sees it each second."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import Membership, Notification, Participant, PushDelivery, Room
from chat.services import notification_work as work
from chat.services.notification_closing import read_close
from chat.services.notification_look import Look, work_look
from chat.services.push_queue import Outcome, pushes_due
from chat.services.reminders import reminders_send
from chat.services.saved import message_save
from tests.services.test_notifications import PROCESS, decide, device, say

pytestmark = pytest.mark.django_db

NOTHING = Look(work.Heads(), over=False, reminders=False, pushes=False)


@pytest.fixture(autouse=True)
def _work(garden: Room) -> None:
    assert work.work_take(PROCESS, seconds=30)
    decide()


def test_each_kind_of_work_is_seen_until_it_is_done(alice: Participant, bob: Participant, garden: Room) -> None:
    device(alice)
    assert work_look() == NOTHING
    seq = say(bob, "hello @alice", garden)
    assert work_look() == NOTHING._replace(heads=work.new_heads())
    assert list(work.new_heads()) == [garden.pk]
    decide()
    assert work_look() == NOTHING._replace(pushes=True)
    [push] = pushes_due(limit=10)
    assert pushes_due(limit=10, outcomes=[Outcome(push, 201)]) == []
    assert work_look() == NOTHING, "it stands on the device, unread"
    Membership.objects.filter(user=alice, room=garden).update(read_seq=seq)
    assert work_look() == NOTHING._replace(over=True)
    assert read_close(process_id=PROCESS) == 0
    assert not Notification.objects.exists()
    assert work_look() == NOTHING._replace(pushes=True), "the device is to close it"
    PushDelivery.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    assert work_look() == NOTHING
    assert work_look(now=timezone.now() + timedelta(minutes=2)).pushes


def test_a_reminder_is_seen_when_it_is_due_and_until_it_is_sent(
    alice: Participant, bob: Participant, garden: Room
) -> None:
    seq = say(bob, "hello", garden)
    decide()
    at = timezone.now() + timedelta(hours=1)
    message_save(user=alice, room="garden", seq=seq, remind_at=at.isoformat())
    assert work_look() == NOTHING
    late = at + timedelta(minutes=1)
    assert work_look(now=late) == NOTHING._replace(reminders=True)
    assert reminders_send(process_id=uuid4(), now=late) == 0, "another process has the work"
    assert reminders_send(process_id=PROCESS, now=late) == 1
    assert work_look(now=late) == NOTHING


def test_a_look_is_one_round_trip_and_takes_no_lock(alice: Participant, bob: Participant, garden: Room) -> None:
    device(alice)
    for text in ("hello @alice", "and @alice"):
        say(bob, text, garden)
        decide()
        say(bob, text, garden)
    with CaptureQueriesContext(connection) as asked:
        work_look()
    # SQLite runs one query for each, without a round trip.
    assert len(asked) == (1 if connection.vendor == "postgresql" else 4)
    assert not any(word in one["sql"] for one in asked for word in ("UPDATE", "BEGIN"))
