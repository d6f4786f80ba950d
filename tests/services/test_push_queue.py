"""The queue of pushes: read and written in bulk, with a separate text for each device."""

import json
import time
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat import metrics
from chat.models import (
    Attention,
    Membership,
    Notification,
    NotificationWork,
    Participant,
    Preferences,
    PushDelivery,
    PushSubscription,
    Room,
)
from chat.services import notification_work as work
from chat.services import push_rows
from chat.services.messages import message_delete
from chat.services.push_queue import Outcome, pushes_due
from chat.services.push_rows import AT_ONCE, DEVICE_AT_ONCE, PERSON_AT_ONCE
from chat.services.push_subscriptions import subscriptions_of
from chat.services.push_texts import Outgoing
from chat.services.sql_pipeline import FEW
from tests.services.test_notifications import PROCESS, decide, device, say

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _work() -> None:
    NotificationWork.objects.all().delete()
    assert work.work_take(PROCESS, seconds=30)


def texts_of(pushes: list[Outgoing]) -> dict[str, dict[str, Any]]:
    """What each device receives, by the end of its endpoint."""
    return {push.endpoint.removeprefix("https://push.vendor.net/"): json.loads(push.text) for push in pushes}


def test_devices_of_one_message_are_sent_what_their_own_people_and_languages_want(
    alice: Participant, bob: Participant, charlie: Participant, garden: Room
) -> None:
    Membership.objects.create(room=garden, user=charlie)
    Attention.objects.create(user=charlie, shown=Attention.Shown.NOTHING)
    Preferences.objects.create(user=charlie, sound=False)
    for name, language in (("phone", "en"), ("tablet", "en"), ("laptop", "de")):
        device(alice, name, language=language)
    device(charlie, "phone", language="de")
    say(bob, "hello @alice and @charlie", garden)
    decide()
    PushDelivery.objects.filter(subscription__endpoint__endswith="tablet").update(short=True)
    sent = texts_of(pushes_due(limit=10))
    english, german, hidden = sent["alice/phone"], sent["alice/laptop"], sent["charlie/phone"]
    assert (english["title"], english["words"]["reply"]) == ("Bob in #Garden", "Reply")
    assert sent["alice/tablet"] == {key: value for key, value in english.items() if key != "body"}
    assert german == english | {"words": german["words"]}
    assert german["words"] == {"reply": "Antworten", "read": "Als gelesen markieren"}
    assert hidden["title"] == "Neue Nachricht"
    assert ("body" in hidden, hidden["silent"], "silent" in english) == (False, True, False)


def test_many_take_as_few_statements_as_one(alice: Participant, bob: Participant, garden: Room) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            pushes = pushes_due(limit=AT_ONCE)
            assert pushes_due(limit=AT_ONCE, outcomes=[Outcome(one, 201) for one in pushes]) == []
        return len(queries)

    device(alice)
    say(bob, "hello @alice", garden)
    decide()
    first = statements()
    for number in range(PERSON_AT_ONCE - 1):
        device(alice, f"device-{number}")
    say(bob, "hello again @alice", garden)
    decide()
    assert PushDelivery.objects.count() == PERSON_AT_ONCE
    # One more statement: it replaces an older notification of the room for the person.
    assert statements() <= first + 1
    assert not PushDelivery.objects.exists()


def queue(subscription: PushSubscription, number: int) -> None:
    now = timezone.now()
    kind = PushDelivery.Kind.TEST
    PushDelivery.objects.bulk_create(
        PushDelivery(subscription=subscription, kind=kind, created_at=now, due_at=now) for _ in range(number)
    )


def test_the_queue_of_one_person_leaves_places_for_the_others(alice: Participant, bob: Participant) -> None:
    many = [device(bob, f"device-{number}") for number in range(5)]
    for one in many:
        queue(one, 40)
    hers = device(alice)
    queue(hers, DEVICE_AT_ONCE + 2)
    pushes = pushes_due(limit=AT_ONCE)
    expected = [many[0].pk] * DEVICE_AT_ONCE + [many[1].pk] * DEVICE_AT_ONCE + [hers.pk] * DEVICE_AT_ONCE
    assert [push.subscription_id for push in pushes] == expected
    ids = [push.delivery_id for push in pushes]
    assert ids == sorted(ids)
    # Pushes in flight count.
    busy, on_way = {many[0].pk}, {bob.pk: PERSON_AT_ONCE - 1}
    pushes = pushes_due(limit=AT_ONCE, but=busy, on_way=on_way)
    assert [push.subscription_id for push in pushes] == [many[1].pk] + [hers.pk] * DEVICE_AT_ONCE
    pushes = pushes_due(limit=3, but=busy, on_way={bob.pk: PERSON_AT_ONCE})
    assert [push.subscription_id for push in pushes] == [hers.pk] * 3
    # The first push of each device comes first, and each comes once.
    sent: list[int] = []
    while pushes := pushes_due(limit=AT_ONCE):
        sent += [push.delivery_id for push in pushes]
        PushDelivery.objects.filter(pk__in=[push.delivery_id for push in pushes]).delete()
    assert len(sent) == len(set(sent)) == 5 * 40 + DEVICE_AT_ONCE + 2


def test_a_long_queue_of_one_person_is_passed_over_without_a_look_at_each(alice: Participant, bob: Participant) -> None:
    queue(device(bob), 4000)
    hers = device(alice)
    queue(hers, 1)
    began = time.process_time()
    pushes = pushes_due(limit=AT_ONCE, on_way={bob.pk: PERSON_AT_ONCE})
    assert time.process_time() - began < 0.5
    assert [push.subscription_id for push in pushes] == [hers.pk]


def test_what_is_pointless_takes_no_place(alice: Participant, bob: Participant, garden: Room) -> None:
    device(alice)
    seqs = [say(bob, f"{number} @alice", garden) for number in range(PERSON_AT_ONCE + 2)]
    decide()
    Membership.objects.filter(user=alice).update(read_seq=seqs[-2])
    assert [json.loads(push.text)["seq"] for push in pushes_due(limit=AT_ONCE)] == [seqs[-1]]


def test_of_many_messages_each_is_queued_once_for_each_device(
    alice: Participant, bob: Participant, garden: Room
) -> None:
    devices = [device(alice).pk, device(alice, "laptop").pk]
    seqs = [say(bob, f"{number} @alice", garden) for number in range(FEW + 4)]
    decide()
    rows = PushDelivery.objects.select_related("notification").order_by("seq", "subscription_id")
    assert [(row.seq, row.subscription_id) for row in rows] == [(seq, one) for seq in seqs for one in devices]
    for row in rows:
        assert row.notification
        assert (row.notification.seq, row.notification.user_id, row.room_id) == (row.seq, alice.pk, garden.pk)
        assert (row.notification.reason, row.kind, row.attempts, row.short) == ("mention", "notification", 0, False)
        assert abs(row.due_at - timezone.now()) < timedelta(minutes=1)
    # A later row gets a new id.
    say(bob, "one more @alice", garden)
    decide()
    assert Notification.objects.count() == len(seqs) + 1


def test_a_device_whose_time_is_over_is_sent_nothing(alice: Participant, bob: Participant, garden: Room) -> None:
    over = device(alice)
    device(alice, "laptop")
    say(bob, "hello @alice", garden)
    decide()
    PushSubscription.objects.filter(pk=over.pk).update(expires_at=timezone.now())
    assert list(texts_of(pushes_due(limit=10))) == ["alice/laptop"]
    assert [one.endpoint.rpartition("/")[2] for one in subscriptions_of(alice)] == ["laptop"]


def test_what_was_read_cleared_or_deleted_since_is_not_sent(alice: Participant, bob: Participant, garden: Room) -> None:
    device(alice)
    first, second, third = (say(bob, f"{number} @alice", garden) for number in range(3))
    decide()
    Membership.objects.filter(user=alice).update(read_seq=first)
    message_delete(user=bob, room=garden.slug, seq=second)
    assert [json.loads(push.text)["seq"] for push in pushes_due(limit=10)] == [third]
    Room.objects.filter(pk=garden.pk).update(cleared_before_seq=third + 1)
    assert pushes_due(limit=10) == []
    assert not PushDelivery.objects.exists()


def test_no_more_are_taken_than_asked_for_and_none_of_devices_that_are_busy(
    alice: Participant, bob: Participant, garden: Room
) -> None:
    made = [device(alice, f"device-{number}").pk for number in range(4)]
    say(bob, "hello @alice", garden)
    decide()
    assert [push.subscription_id for push in pushes_due(limit=2)] == made[:2]
    assert [push.subscription_id for push in pushes_due(limit=9, but=made[:3])] == made[3:]
    assert pushes_due(limit=0) == []


def test_outcomes_are_kept_for_the_next_time_when_what_is_due_cannot_be_read(
    alice: Participant, bob: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are in one transaction: nothing is written, and the caller still has the outcomes."""
    device(alice)
    say(bob, "hello @alice", garden)
    decide()
    [push] = pushes_due(limit=10)
    with monkeypatch.context() as broken:
        broken.setattr("chat.services.push_rows.due", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            pushes_due(limit=10, outcomes=[Outcome(push, 201)])
    assert PushDelivery.objects.count() == 1
    assert pushes_due(limit=10, outcomes=[Outcome(push, 201)]) == []
    assert not PushDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_and_recorded_again_is_counted_once(
    alice: Participant, bob: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    device(alice)
    device(alice, "tablet")
    queued = counted("pushes_queued_total")
    say(bob, "hello @alice", garden)
    decide()
    assert counted("pushes_queued_total") == queued + 2
    taken, gone = pushes_due(limit=10)
    outcomes = [Outcome(taken, 201), Outcome(gone, 410)]
    before = {name: counted(name, labels) for name, labels in COUNTED}
    with monkeypatch.context() as away:
        away.setattr(push_rows, "due", Mock(side_effect=OperationalError("away")))
        for _ in range(2):
            with pytest.raises(OperationalError):
                pushes_due(limit=10, outcomes=outcomes)
    assert {name: counted(name, labels) for name, labels in COUNTED} == before
    assert PushDelivery.objects.count() == 2
    assert pushes_due(limit=10, outcomes=outcomes) == []
    assert {name: counted(name, labels) - before[name] for name, labels in COUNTED} == dict.fromkeys(before, 1)
    assert not PushDelivery.objects.exists()


COUNTED: list[tuple[str, dict[str, str]]] = [
    ("pushes_sent_total", {}),
    ("push_delay_seconds_count", {}),
    ("pushes_failed_total", {"reason": "gone"}),
]


def counted(name: str, labels: dict[str, str] | None = None) -> float:
    return metrics.REGISTRY.get_sample_value(f"backchannel_{name}", labels or {}) or 0.0
