"""Pushes of reactions to the author of a message, for people who opt in."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.identity import Identity
from chat.models import Attention, Block, Membership, Participant, Preferences, PushDelivery, Room
from chat.protocol.errors import ChatError
from chat.services.messages import message_delete, message_react
from chat.services.posting import Draft, messages_post
from chat.services.push_queue import pushes_due
from chat.services.push_subscriptions import subscription_add
from support.push_service import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(alice: Participant, bob: Participant, garden: Room) -> int:
    """The `seq` of a message by Alice, who has a phone and wants pushes of reactions."""
    facts = Browser("https://push.vendor.net/phone").subscription
    subscription_add(identity=Identity(alice, "token", "key"), endpoint=facts["endpoint"], **facts["keys"])
    Attention.objects.create(user=alice, reactions=True)
    [posted] = messages_post([Draft(alice, garden.slug, "The kelp is **in**")])
    assert not isinstance(posted, ChatError)
    return posted.seq


def react(user: Participant, seq: int, emoji: str = "👍", *, on: bool = True) -> None:
    message_react(user=user, room="garden", seq=seq, emoji=emoji, on=on)


def due(seconds: int = 9) -> list[dict[str, Any]]:
    """The pushes due after `seconds`."""
    pushes = pushes_due(limit=10, now=timezone.now() + timedelta(seconds=seconds))
    return [json.loads(push.text) for push in pushes]


def test_a_reaction_is_pushed_after_its_patience_with_who_and_to_what(bob: Participant, said: int) -> None:
    react(bob, said)
    assert due(seconds=5) == []
    assert due() == [
        {
            "type": "notification",
            "room": "garden",
            "seq": said,
            "url": f"/rooms/garden/#m{said}",
            "body": "The kelp is in",
            "title": "Bob reacted with 👍",
            "tag": f"reaction-garden-{said}",
            "count": 1,
        }
    ]


def test_what_was_taken_back_or_deleted_is_not_pushed(alice: Participant, bob: Participant, said: int) -> None:
    react(bob, said)
    react(bob, said, on=False)
    assert due() == []
    assert not PushDelivery.objects.exists()
    react(bob, said)
    message_delete(user=alice, room="garden", seq=said)
    assert due() == []


def test_several_reactions_to_a_message_are_one_push(
    bob: Participant, charlie: Participant, garden: Room, said: int
) -> None:
    Membership.objects.create(user=charlie, room=garden)
    react(bob, said)
    react(bob, said, "🎉")
    react(charlie, said)
    [facts] = due()
    assert (facts["title"], facts["count"]) == ("Charlie and 1 other reacted", 3)


def test_a_later_reaction_is_pushed_by_itself_with_a_higher_count(bob: Participant, garden: Room, said: int) -> None:
    react(bob, said)
    assert len(due()) == 1
    PushDelivery.objects.all().delete()
    react(bob, said, "🎉")
    [facts] = due()
    assert (facts["title"], facts["count"]) == ("Bob reacted with 🎉", 2)


def test_ones_own_reaction_and_one_to_somebody_who_asks_for_none_queue_nothing(
    alice: Participant, bob: Participant, said: int
) -> None:
    react(alice, said)
    Attention.objects.update(reactions=False)
    with CaptureQueriesContext(connection) as queries:
        react(bob, said)
    assert not PushDelivery.objects.exists()
    assert sum("pushsubscription" in query["sql"] for query in queries) == 1


@pytest.mark.parametrize("wish", ["blocked", "muted", "level", "paused", "left"])
def test_it_is_decided_when_it_is_due(wish: str, alice: Participant, bob: Participant, garden: Room, said: int) -> None:
    react(bob, said)
    mine = Membership.objects.filter(user=alice, room=garden)
    match wish:
        case "blocked":
            Block.objects.create(user=alice, blocked=bob)
        case "muted":
            mine.update(muted=True)
        case "level":
            Preferences.objects.create(user=alice, notify="nothing")
        case "paused":
            Attention.objects.update(paused_until=timezone.now() + timedelta(hours=1))
        case "left":
            mine.delete()
    assert due() == []
    assert not PushDelivery.objects.exists()


def test_sounds_are_off_for_what_the_person_says(alice: Participant, bob: Participant, said: int) -> None:
    react(bob, said)
    # The fifth bit of SOUNDS.
    Attention.objects.update(silent=0b10000)
    assert due()[0]["silent"] is True
    Attention.objects.update(silent=0b01111)
    assert "silent" not in due()[0]
    Preferences.objects.create(user=alice, sound=False)
    assert due()[0]["silent"] is True


def test_what_is_shown_holds_for_reactions(bob: Participant, said: int) -> None:
    react(bob, said)
    Attention.objects.update(shown="name")
    assert "body" not in due()[0]
    Attention.objects.update(shown="nothing")
    assert due()[0]["title"] == "New reaction"
    assert "Bob" not in json.dumps(due())
