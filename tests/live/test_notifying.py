"""Pushes from post to device: a push service that fails as vendors' services do, and processes that are killed."""

import threading
import time
from collections.abc import Generator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from chat.identity import Identity
from chat.live import db, notifying
from chat.live.notifying import PATIENCE_SECONDS, Notifying, Patience, notify_once
from chat.live.push_sender import seconds_of
from chat.models import (
    Attention,
    File,
    Membership,
    NotificationWork,
    Participant,
    PushDelivery,
    PushSubscription,
    Room,
)
from chat.protocol.errors import ChatError
from chat.services import notification_work, push_queue
from chat.services.notification_work import Heads, new_heads
from chat.services.posting import Draft, messages_post
from chat.services.push_rows import AT_ONCE, PERSON_AT_ONCE
from chat.services.push_subscriptions import push_test, subscription_add
from support import people
from support.push_service import PushService

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service(settings: Settings) -> Generator[PushService]:
    settings.CHAT_PUSH_ALLOW = ["127.0.0.1"]
    with PushService() as made:
        yield made


@pytest.fixture
async def garden(transactional_db: None) -> Room:
    return await db.run(_garden)


def _garden() -> Room:
    NotificationWork.objects.all().delete()
    return people.room(owner=people.alice(), members=[people.bob()])


def register(service: PushService, username: str, name: str) -> int:
    facts = service.browser(name).subscription
    identity = Identity(Participant.objects.get(username=username), "token", "key")
    return subscription_add(identity=identity, endpoint=facts["endpoint"], **facts["keys"]).pk


def say(text: str, room: str = "garden", author: str = "bob") -> None:
    [posted] = messages_post([Draft(Participant.objects.get(username=author), room, text)])
    assert not isinstance(posted, ChatError)


def send_file(name: str) -> None:
    bob = Participant.objects.get(username="bob")
    file = File.objects.create(uploader=bob, name=name, state=File.State.READY, length=1, size=1)
    [posted] = messages_post([Draft(bob, "garden", "", files=(file.key,))])
    assert not isinstance(posted, ChatError)


async def once() -> None:
    assert await notify_once(patience=0)


def due_again() -> list[tuple[int, int]]:
    """Attempts of each row in the queue and seconds until the next one; makes the rows due now."""
    now = timezone.now()
    rows = [(row.attempts, round((row.due_at - now).total_seconds())) for row in PushDelivery.objects.order_by("id")]
    PushDelivery.objects.update(due_at=now)
    return rows


async def test_a_mention_arrives_encrypted_with_what_the_contract_says(service: PushService, garden: Room) -> None:
    await db.run(register, service, "alice", "phone")
    await db.run(say, "**hello** @alice, look at `this`")
    await once()
    [push] = service.pushes
    assert push.facts == {
        "type": "notification",
        "room": "garden",
        "title": "Bob in #Garden",
        "body": "hello @alice, look at this",
        "seq": 1,
        "url": "/rooms/garden/#m1",
        "tag": "room-garden",
        "words": {"reply": "Reply", "read": "Mark as read"},
    }
    assert int(push.headers["TTL"]) >= 3600
    assert (push.headers["Urgency"], len(push.headers["Topic"])) == ("high", 32)
    assert push.headers["Content-Encoding"] == "aes128gcm"
    assert push.claims["aud"] == service.origin
    await once()
    assert len(service.pushes) == 1


async def test_a_picture_without_words_is_notified_by_its_name(service: PushService, garden: Room) -> None:
    await db.run(register, service, "alice", "phone")
    await db.run(lambda: Membership.objects.filter(user__username="alice").update(notify="all", loud=True))
    await db.run(send_file, "pier at low tide <b>.png")
    await once()
    [push] = service.pushes
    assert push.facts["body"] == "pier at low tide <b>.png"


async def test_reading_closes_it_on_every_device(service: PushService, garden: Room) -> None:
    for name in ("phone", "laptop"):
        await db.run(register, service, "alice", name)
    await db.run(say, "hello @alice")
    await once()
    await db.run(lambda: Membership.objects.filter(user__username="alice").update(read_seq=1))
    await once()
    assert [push.facts for push in service.pushes[2:]] == [{"type": "read", "room": "garden", "seq": 1}] * 2


@pytest.mark.parametrize(
    ("shown", "title", "body"), [("name", "Bob in #Garden", None), ("nothing", "New message", None)]
)
async def test_a_lock_screen_shows_what_the_person_chose(
    service: PushService, garden: Room, shown: str, title: str, body: str | None
) -> None:
    await db.run(register, service, "alice", "phone")
    await db.run(lambda: Attention.objects.create(user=Participant.objects.get(username="alice"), shown=shown))
    await db.run(say, "a secret, @alice")
    await once()
    [push] = service.pushes
    assert (push.facts["title"], push.facts.get("body")) == (title, body)


@pytest.mark.parametrize("status", [404, 410])
async def test_a_device_that_is_gone_is_ended(service: PushService, garden: Room, status: int) -> None:
    await db.run(register, service, "alice", "phone")
    service.answers["phone"] = [(status, {"Cache-Control": "max-age=86400"})]
    await db.run(say, "hello @alice")
    await once()
    assert await db.run(lambda: [one.ended_at is not None for one in PushSubscription.objects.all()]) == [True]
    await db.run(say, "again @alice")
    await once()
    assert service.attempts == ["phone"]


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (401, {}, 900),
        (403, {}, 900),
        (413, {}, 15),
        (429, {}, 15),
        (429, {"Retry-After": "120"}, 120),
        (500, {}, 15),
        (503, {"Retry-After": "90000"}, 3600),
        (302, {"Location": "http://127.0.0.1:1/"}, 15),
    ],
)
async def test_what_was_not_taken_waits_and_is_sent_later(
    service: PushService, garden: Room, status: int, headers: dict[str, str], wait: int
) -> None:
    await db.run(register, service, "alice", "phone")
    service.answers["phone"] = [(status, headers)]
    await db.run(say, "hello @alice")
    await once()
    [(attempts, seconds)] = await db.run(due_again)
    assert attempts == 1
    assert wait - 5 <= seconds <= wait
    await once()
    [push] = service.pushes
    assert ("body" in push.facts) is (status != 413), "too large: without the text"
    assert await db.run(PushSubscription.objects.filter(ended_at=None).count) == 1


async def test_a_push_that_is_refused_is_given_up(service: PushService, garden: Room) -> None:
    await db.run(register, service, "alice", "phone")
    service.answers["phone"] = [(400, {})]
    await db.run(say, "one @alice")
    await db.run(say, "two @alice")
    await once()
    assert [push.facts["seq"] for push in service.pushes] == [2]
    assert await db.run(PushDelivery.objects.count) == 0


async def test_after_an_outage_only_the_newest_of_a_room_is_sent(service: PushService, garden: Room) -> None:
    await db.run(register, service, "alice", "phone")
    service.answers["phone"] = [(503, {})]
    for number in range(10):
        await db.run(say, f"{number} @alice")
    await once()
    assert service.attempts == ["phone"]
    await db.run(due_again)
    await once()
    assert [push.facts["seq"] for push in service.pushes] == [10]


async def test_a_late_push_is_given_up(service: PushService, garden: Room) -> None:
    await db.run(register, service, "alice", "phone")
    service.answers["phone"] = [(503, {})]
    await db.run(say, "hello @alice")
    await once()
    long_ago = timezone.now() - timedelta(hours=13)
    await db.run(lambda: PushDelivery.objects.update(created_at=long_ago, due_at=long_ago))
    await once()
    assert service.pushes == []
    assert await db.run(PushDelivery.objects.count) == 0


async def test_a_device_of_another_key_is_ended_and_one_of_a_fallback_goes_on(
    service: PushService, garden: Room, settings: Settings
) -> None:
    from chat.lib.push_keys import new_private_key

    await db.run(register, service, "alice", "phone")
    settings.CHAT_PUSH_KEY, settings.CHAT_PUSH_KEY_FALLBACKS = new_private_key(), [settings.CHAT_PUSH_KEY]
    await db.run(say, "one @alice")
    await once()
    assert len(service.pushes) == 1
    settings.CHAT_PUSH_KEY_FALLBACKS = []
    await db.run(say, "two @alice")
    await once()
    assert len(service.pushes) == 1
    assert await db.run(PushSubscription.objects.filter(ended_at=None).count) == 0


async def test_a_test_arrives(service: PushService, garden: Room) -> None:
    await db.run(register, service, "alice", "phone")
    assert await db.run(lambda: push_test(user=Participant.objects.get(username="alice"))) == 1
    await once()
    [push] = service.pushes
    assert (push.facts["tag"], push.facts["title"]) == ("test", "Notifications work on this device.")


async def test_a_process_that_dies_while_it_sends_loses_none(
    service: PushService, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pushes that it sent but did not record are sent again; the device deduplicates them by room, tag and seq."""
    for number in range(6):
        await db.run(register, service, "alice", f"device{number}")
    await db.run(say, "hello @alice")
    with monkeypatch.context() as dying:
        dying.setattr(push_queue, "outcomes_record", _die)
        with pytest.raises(ConnectionError):
            await notify_once(patience=0)
    assert len(service.pushes) == 6
    await once()
    assert {push.device for push in service.pushes} == {f"device{number}" for number in range(6)}
    assert {(push.facts["tag"], push.facts["seq"]) for push in service.pushes} == {("room-garden", 1)}
    await once()
    assert len(service.pushes) == 12


async def test_what_was_sent_while_the_database_was_away_is_not_sent_again(
    service: PushService, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    await db.run(register, service, "alice", "phone")
    await db.run(say, "hello @alice")
    work = Notifying(uuid4())
    await work._decide(await db.run(new_heads))
    with monkeypatch.context() as away:
        away.setattr(push_queue, "outcomes_record", _die)
        with pytest.raises(ConnectionError):
            await work._send()
    await work._turn()
    await work.end()
    await once()
    assert [push.facts["seq"] for push in service.pushes] == [1]


async def test_a_push_service_that_hangs_delays_its_own_devices_only(service: PushService, garden: Room) -> None:
    for name in ("slow", "phone"):
        await db.run(register, service, "alice", name)
    await db.run(say, "hello @alice")
    goes_on = threading.Event()
    service.on_push = lambda device: goes_on.wait(10) if device == "slow" else None  # type: ignore[assignment]
    work = Notifying(uuid4())
    await work._decide(await db.run(new_heads))
    await work._send()
    assert [push.device for push in service.pushes] == ["phone"]
    goes_on.set()
    await work.end()
    assert [push.device for push in service.pushes] == ["phone", "slow"]
    assert await db.run(PushDelivery.objects.count) == 0


async def test_one_person_with_many_slow_devices_delays_no_one_else(service: PushService, garden: Room) -> None:
    slow = [await db.run(register, service, "bob", f"slow{number}") for number in range(16)]
    await db.run(queue_tests, slow, 5)
    await db.run(register, service, "alice", "phone")
    await db.run(say, "hello @alice")
    goes_on = threading.Event()
    service.on_push = lambda device: goes_on.wait(10) if device != "phone" else None  # type: ignore[assignment]
    work = Notifying(uuid4())
    await work._decide(await db.run(new_heads))
    await work._send()
    assert [push.device for push in service.pushes] == ["phone"]
    assert work._sender
    assert work._sender.places == AT_ONCE - PERSON_AT_ONCE
    goes_on.set()
    await work._send()
    await work.end()
    sent = [push.device for push in service.pushes]
    assert sorted(sent) == sorted(["phone", *[f"slow{number}" for number in range(16)] * 5])
    assert await db.run(PushDelivery.objects.count) == 0


async def test_what_is_posted_while_a_queue_is_sent_is_decided_before_its_end(
    service: PushService, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "SEND_SECONDS", 0.2)
    device = await db.run(register, service, "bob", "slow")
    await db.run(queue_tests, [device], 60)
    await db.run(register, service, "alice", "phone")
    service.on_push = lambda device: time.sleep(0.05) if device == "slow" else None
    work = Notifying(uuid4())
    await work._turn()
    await db.run(say, "hello @alice")
    await work._decide(await db.run(new_heads))
    await work._turn()
    assert "phone" in [push.device for push in service.pushes]
    assert len(service.pushes) < 61
    assert work._more
    await work.end()
    await once()
    assert len(service.pushes) == 61


def queue_tests(devices: list[int], number: int) -> None:
    now = timezone.now()
    for _ in range(number):
        PushDelivery.objects.bulk_create(
            PushDelivery(subscription_id=device, kind=PushDelivery.Kind.TEST, created_at=now, due_at=now)
            for device in devices
        )


async def test_without_a_device_no_process_takes_the_lease_or_reads_rooms(
    service: PushService, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []
    monkeypatch.setattr(notification_work, "new_heads", lambda: looks.append(1) or Heads())  # type: ignore[func-returns-value]
    await db.run(say, "hello @alice")
    work = Notifying(uuid4())
    for _ in range(2):
        work.stir()
        await work._turn()
    assert not looks
    assert await db.run(NotificationWork.objects.count) == 0
    await db.run(register, service, "alice", "phone")
    work.device_added()
    await work._turn()
    assert looks
    await work.end()


async def test_what_was_posted_before_the_first_device_is_not_for_it(service: PushService, garden: Room) -> None:
    await db.run(say, "before @alice")
    await once()
    await db.run(register, service, "alice", "phone")
    await db.run(say, "after @alice")
    await once()
    assert [push.facts["seq"] for push in service.pushes] == [2]


def _die(_outcomes: object) -> None:
    raise ConnectionError


def test_a_message_waits_eight_seconds_and_no_longer() -> None:
    patience = Patience()
    patience.see(Heads({1: (5, 5)}), 100.0)
    assert patience.ripe(107.9) == {}
    patience.see(Heads({1: (6, 7), 2: (1, 1)}), 104.0)
    assert patience.ripe(108.0) == {1: (5, 5)}
    patience.decided(Heads({1: (5, 5)}))
    assert patience.ripe(104.0 + PATIENCE_SECONDS) == {1: (6, 7), 2: (1, 1)}
    patience.see(Heads({2: (1, 1)}), 113.0)
    assert patience.ripe(120.0) == {2: (1, 1)}


@pytest.mark.parametrize(("header", "seconds"), [("120", 120.0), ("", None), ("soon", None), ("-5", None)])
def test_retry_after_in_seconds(header: str, seconds: float | None) -> None:
    assert seconds_of(header) == seconds


def test_retry_after_as_a_date() -> None:
    assert seconds_of("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


# Dates that are too large for `datetime`, by year and by time zone.
TOO_LARGE = [f"Wed, 21 Oct {'9' * 20} 07:28:00 GMT", f"Wed, 21 Oct 2015 07:28:00 +{'9' * 20}"]


@pytest.mark.parametrize("header", TOO_LARGE)
async def test_a_retry_after_that_is_no_date_delays_its_own_device_only(
    header: str, service: PushService, garden: Room
) -> None:
    await db.run(register, service, "alice", "phone")
    await db.run(register, service, "alice", "tablet")
    service.answers["phone"] = [(503, {"Retry-After": header})]
    await db.run(say, "hello @alice")
    await once()
    assert await db.run(due_again) == [(1, 15)]
    await once()
    assert sorted(push.device for push in service.pushes) == ["phone", "tablet"]
