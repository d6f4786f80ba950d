"""Who gets a push for a message: decided from the rooms' numbers, once per message."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.identity import Identity
from chat.models import (
    Attention,
    Block,
    Membership,
    Message,
    Notification,
    NotificationCursor,
    NotificationWork,
    Participant,
    Preferences,
    Profile,
    PushDelivery,
    PushSubscription,
    Room,
)
from chat.protocol.errors import ChatError
from chat.services import notification_decisions as decisions
from chat.services import notification_work as work
from chat.services.history_epoch import epoch_renew
from chat.services.messages import message_delete, message_edit
from chat.services.notification_closing import read_close
from chat.services.people import person_block
from chat.services.posting import Draft, messages_post
from chat.services.push_queue import Outcome, pushes_due
from chat.services.push_subscriptions import DEVICES_MAX, subscription_add, subscriptions_clean, subscriptions_of
from chat.services.threads import thread_follow, thread_read
from support.push_service import Browser

pytestmark = pytest.mark.django_db

PROCESS = uuid4()
ENDPOINT = "https://push.vendor.net/"


@pytest.fixture(autouse=True)
def _work() -> None:
    NotificationWork.objects.all().delete()
    assert work.work_take(PROCESS, seconds=30)


def device(user: Participant, name: str = "phone", **facts: Any) -> PushSubscription:
    browser = Browser(f"{ENDPOINT}{user.username}/{name}").subscription
    identity = Identity(user, "token", "key")
    return subscription_add(identity=identity, endpoint=browser["endpoint"], **browser["keys"], **facts)


def say(author: Participant, text: str, room: Room) -> int:
    [posted] = messages_post([Draft(author, room.slug, text)])
    assert not isinstance(posted, ChatError), posted
    return posted.seq


def decide() -> None:
    heads = work.new_heads()
    while heads:
        assert decisions.heads_decide(heads, process_id=PROCESS) is not None
        heads = work.new_heads()


def queued() -> list[tuple[str, str, int]]:
    rows = PushDelivery.objects.select_related("subscription__user").order_by("id")
    return [(row.subscription.user.username, row.kind, row.seq) for row in rows]


def test_a_mention_is_pushed_to_each_device_and_other_talk_is_not(
    alice: Participant, bob: Participant, garden: Room
) -> None:
    device(alice)
    device(alice, "laptop")
    device(bob)
    say(bob, "just talk", garden)
    say(bob, "hello @alice", garden)
    decide()
    assert queued() == [("alice", "notification", 2)] * 2
    decide()
    assert len(queued()) == 2, "once"


def reply(author: Participant, text: str, room: Room, thread: int) -> int:
    [posted] = messages_post([Draft(author, room.slug, text, thread=thread, in_room=False)])
    assert not isinstance(posted, ChatError), posted
    return posted.seq


def test_a_reply_is_pushed_to_those_who_follow_its_thread_and_withdrawn_when_it_is_read_there(
    alice: Participant, bob: Participant, charlie: Participant, garden: Room
) -> None:
    Membership.objects.create(room=garden, user=charlie)
    for person in (alice, bob, charlie):
        device(person)
    root = say(alice, "tea?", garden)
    seq = reply(bob, "yes", garden, root)
    decide()
    assert queued() == [("alice", "notification", seq)], "neither the author nor who does not follow it"
    Membership.objects.filter(user=alice, room=garden).update(read_seq=seq)
    assert read_close(process_id=PROCESS) == 0, "the room's mark says nothing of the thread"
    thread_read(user=alice, room=garden.slug, thread=root, seq=seq)
    assert read_close(process_id=PROCESS) == 1
    assert queued() == []


def test_a_thread_that_is_not_followed_any_more_or_not_wished_is_not_pushed(
    alice: Participant, bob: Participant, charlie: Participant, garden: Room
) -> None:
    Membership.objects.create(room=garden, user=charlie)
    Attention.objects.create(user=charlie, threads=False)
    for person in (alice, charlie):
        device(person)
    root = say(alice, "tea?", garden)
    reply(charlie, "no", garden, root)
    thread_follow(user=alice, room=garden.slug, thread=root, on=False)
    decide()
    PushDelivery.objects.all().delete()
    reply(bob, "yes", garden, root)
    decide()
    assert queued() == []
    seq = reply(bob, "well, @charlie?", garden, root)
    decide()
    assert queued() == [("charlie", "notification", seq)]


def test_posting_writes_nothing_for_it(
    alice: Participant, bob: Participant, garden: Room, django_assert_num_queries: Any
) -> None:
    say(bob, "first", garden)
    device(alice)
    models = (Notification, NotificationCursor, PushDelivery)
    before = [model.objects.count() for model in models]
    say(bob, "hello @alice", garden)
    assert [model.objects.count() for model in models] == before


def test_what_was_read_before_is_not_pushed(alice: Participant, bob: Participant, garden: Room) -> None:
    device(alice)
    seq = say(bob, "hello @alice", garden)
    Membership.objects.filter(user=alice, room=garden).update(read_seq=seq)
    decide()
    assert queued() == []


def test_what_is_read_between_is_withdrawn(alice: Participant, bob: Participant, garden: Room) -> None:
    device(alice)
    seq = say(bob, "hello @alice", garden)
    decide()
    Membership.objects.filter(user=alice, room=garden).update(read_seq=seq)
    assert read_close(process_id=PROCESS) == 1
    assert queued() == []
    assert not Notification.objects.exists()


def test_what_was_shown_is_closed_everywhere_when_it_is_read(
    alice: Participant, bob: Participant, garden: Room
) -> None:
    device(alice)
    device(alice, "laptop")
    seq = say(bob, "hello @alice", garden)
    decide()
    sent = pushes_due(limit=10)
    assert pushes_due(limit=10, outcomes=[Outcome(one, 201) for one in sent]) == []
    assert queued() == []
    Membership.objects.filter(user=alice, room=garden).update(read_seq=seq)
    read_close(process_id=PROCESS)
    assert queued() == [("alice", "read", seq)] * 2


def test_a_deleted_message_is_withdrawn_and_an_edit_without_the_mention_as_well(
    alice: Participant, bob: Participant, garden: Room
) -> None:
    device(alice)
    first, second = say(bob, "one @alice", garden), say(bob, "two @alice", garden)
    decide()
    message_delete(user=bob, room=garden.slug, seq=first)
    message_edit(user=bob, room=garden.slug, seq=second, text="two")
    decide()
    assert queued() == []


def test_an_edit_that_adds_a_mention_is_pushed_and_another_edit_is_not(
    alice: Participant, bob: Participant, garden: Room
) -> None:
    device(alice)
    seq = say(bob, "hello", garden)
    decide()
    message_edit(user=bob, room=garden.slug, seq=seq, text="hello @alice")
    decide()
    assert queued() == [("alice", "notification", seq)]
    message_edit(user=bob, room=garden.slug, seq=seq, text="hello there @alice")
    decide()
    assert queued() == [("alice", "notification", seq)]


def test_levels_keywords_quiet_hours_and_a_pause_are_heeded(alice: Participant, bob: Participant, garden: Room) -> None:
    device(alice)
    attention = Attention.objects.create(user=alice, keywords=["buoy 7"])
    say(bob, "Buoy 7 drifts", garden)
    decide()
    assert queued() == [("alice", "notification", 1)]
    Preferences.objects.create(user=alice, notify="all")
    say(bob, "all of it", garden)
    decide()
    assert queued()[1:] == [("alice", "notification", 2)]
    attention.paused_until = timezone.now() + timedelta(hours=1)
    attention.save()
    say(bob, "hello @alice", garden)
    attention.paused_until = None
    attention.quiet, attention.quiet_start, attention.quiet_end = True, 0, 0
    attention.save()
    say(bob, "hello @alice", garden)
    decide()
    assert len(queued()) == 2


def test_a_blocked_author_and_a_busy_person(alice: Participant, bob: Participant, garden: Room) -> None:
    device(alice)
    block = Block.objects.create(user=alice, blocked=bob)
    say(bob, "hello @alice", garden)
    decide()
    block.delete()
    Profile.objects.create(user=alice, presence="busy")
    say(bob, "again @alice", garden)
    decide()
    assert queued() == []


def test_what_waits_of_an_author_is_withdrawn_when_the_person_blocks_them(
    alice: Participant, bob: Participant, charlie: Participant, garden: Room
) -> None:
    Membership.objects.create(room=garden, user=charlie)
    device(alice)
    Attention.objects.create(user=alice, mail=Attention.Mail.DAILY, mail_verified="alice@example.org")
    say(bob, "first @alice", garden)
    decide()
    [shown] = pushes_due(limit=10)
    pushes_due(limit=10, outcomes=[Outcome(shown, 201)])
    kept = say(charlie, "hello @alice", garden)
    say(bob, "second @alice", garden)
    decide()
    person_block(user=alice, username="bob", on=True)
    assert queued() == [("alice", "notification", kept), ("alice", "read", 1)]
    assert list(Notification.objects.filter(mail=True).values_list("seq", flat=True)) == [kept]


def test_a_person_who_was_removed_gets_nothing(alice: Participant, bob: Participant, garden: Room) -> None:
    device(alice)
    say(bob, "hello @alice", garden)
    decide()
    Membership.objects.filter(user=alice, room=garden).delete()
    assert pushes_due(limit=10) == []
    assert queued() == []


def test_only_the_process_with_the_work_decides(alice: Participant, bob: Participant, garden: Room) -> None:
    device(alice)
    say(bob, "hello @alice", garden)
    other = uuid4()
    assert not work.work_take(other, seconds=30)
    assert decisions.heads_decide(work.new_heads(), process_id=other) is None
    assert queued() == []
    NotificationWork.objects.update(expires_at=timezone.now())
    assert work.work_take(other, seconds=30), "the lease of a process that was killed is over"
    assert decisions.heads_decide(work.new_heads(), process_id=PROCESS) is None


def test_a_restored_backup_notifies_of_nothing_in_it(alice: Participant, bob: Participant, garden: Room) -> None:
    device(alice)
    decide()
    say(bob, "decided @alice", garden)
    decide()
    say(bob, "not yet @alice", garden)
    epoch_renew()
    decide()
    assert queued() == []
    say(bob, "after it @alice", garden)
    decide()
    assert queued() == [("alice", "notification", 3)]


def test_what_lay_for_half_a_day_is_not_notified(alice: Participant, bob: Participant, garden: Room) -> None:
    device(alice)
    say(bob, "old @alice", garden)
    Message.objects.update(created_at=timezone.now() - timedelta(hours=13))
    decide()
    assert queued() == []


def test_what_was_posted_just_now_waits_for_its_turn(alice: Participant, bob: Participant, garden: Room) -> None:
    device(alice)
    PushSubscription.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    say(bob, "before @alice", garden)
    Message.objects.update(created_at=timezone.now() - timedelta(seconds=20))
    say(bob, "just now @alice", garden)
    before = timezone.now() - timedelta(seconds=8)
    decisions.heads_decide(work.new_heads(), process_id=PROCESS, before=before)
    assert queued() == [("alice", "notification", 1)]
    decide()
    assert queued() == [("alice", "notification", 1), ("alice", "notification", 2)]


def test_a_room_with_more_than_one_transaction_takes_loses_none(
    alice: Participant, bob: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    device(alice)
    monkeypatch.setattr(decisions, "MESSAGES_STEP", 3)
    messages_post([Draft(bob, garden.slug, f"{number} @alice") for number in range(8)])
    decide()
    assert [seq for _, _, seq in queued()] == [1, 2, 3, 4, 5, 6, 7, 8]


# --- Devices -----------------------------------------------------------------------------------------


def test_a_person_has_at_most_twenty_devices(alice: Participant) -> None:
    for number in range(DEVICES_MAX):
        device(alice, str(number))
    with pytest.raises(ChatError, match="Turn one off"):
        device(alice, "one-more")
    device(alice, "3")
    assert len(subscriptions_of(alice)) == DEVICES_MAX


def test_a_browser_in_which_another_person_signs_in_is_theirs(alice: Participant, bob: Participant) -> None:
    endpoint = Browser(ENDPOINT + "shared")
    for user in (alice, bob):
        facts = endpoint.subscription
        subscription_add(identity=Identity(user, "token", "key"), endpoint=facts["endpoint"], **facts["keys"])
    assert (len(subscriptions_of(alice)), len(subscriptions_of(bob))) == (0, 1)


def test_a_device_ends_with_its_session(alice: Participant, bob: Participant, garden: Room) -> None:
    device(alice)
    say(bob, "hello @alice", garden)
    decide()
    Participant.objects.filter(pk=alice.pk).update(access_rev=alice.access_rev + 1)  # their access changed,
    assert pushes_due(limit=10) == []  # and no token has that key
    assert subscriptions_of(alice) == []


def test_the_clean_up_ends_what_expired(alice: Participant) -> None:
    PushSubscription.objects.filter(pk=device(alice).pk).update(expires_at=timezone.now())
    subscriptions_clean()
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.vendor.net/x",
        "https://localhost/x",
        "https://127.0.0.1/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://127.1/x",
        "https://intranet/x",
        "https://printer.local/x",
        "https://user@push.vendor.net/x",
        "ftp://push.vendor.net/x",
        "https://push.vendor.net:99999/x",
        "https:///x",
        "javascript:alert(1)",
        "",
        "https://push.vendor.net/" + "x" * 1_000,
    ],
)
def test_an_endpoint_that_is_not_on_the_internet_is_refused(alice: Participant, endpoint: str) -> None:
    keys = Browser("").subscription["keys"]
    with pytest.raises(ChatError) as refused:
        subscription_add(identity=Identity(alice, "token", "key"), endpoint=endpoint, **keys)
    assert refused.value.fields is not None
    assert list(refused.value.fields) == ["endpoint"]


@pytest.mark.parametrize("keys", [{"p256dh": ""}, {"p256dh": "A" * 87}, {"auth": "AAAA"}, {"auth": "not base64!"}])
def test_keys_that_do_not_fit_are_refused(alice: Participant, keys: dict[str, str]) -> None:
    good = Browser("").subscription["keys"]
    with pytest.raises(ChatError) as refused:
        subscription_add(identity=Identity(alice, "token", "k"), endpoint=ENDPOINT + "x.net", **{**good, **keys})
    assert refused.value.fields is not None
    assert "keys" in refused.value.fields
