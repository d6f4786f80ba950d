"""A token allows what its scopes allow while it is valid, and so does anything created with it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from chat.access import access_room
from chat.identity import Identity, tickets
from chat.identity.credentials import identify, token_of
from chat.models import ApiToken, Participant
from chat.protocol.errors import ChatError
from chat.queries.reconcile import Known, person_now
from chat.rules import Action
from chat.services.moderation import broadcast
from chat.services.posting import Draft, messages_post
from chat.services.push_subscriptions import subscription_add
from chat.services.reports import check_administrator, message_report, report_close
from chat.services.rooms import direct_room_open
from chat.services.tokens import token_issue, token_revoke
from support import people
from tests.services.test_messages import refused

pytestmark = pytest.mark.django_db


def caller(key: str) -> Identity | None:
    return identify(headers={"authorization": f"Bearer {key}"}, cookies={}, query={})


def with_token(user: Participant, scopes: Sequence[str], **fields: Any) -> Identity:
    found = caller(token_issue(user=user, name="bot", scopes=scopes, **fields)[1])
    assert found
    return found


def test_a_token_stays_limited_when_its_sockets_are_checked_again() -> None:
    alice = people.alice()
    people.room("garden", owner=alice)
    narrow, wide = with_token(alice, ["read", "write"]), with_token(alice, ["read", "write", "moderate"])
    now = person_now(alice.pk, [Known(one, frozenset(), None) for one in (narrow, wide)]).identities
    for identity in (narrow, now[narrow]):
        with pytest.raises(ChatError, match="forbidden"):
            access_room(user=identity.user, slug="garden", action=Action.CLEAR)
    access_room(user=now[wide].user, slug="garden", action=Action.CLEAR)


def test_a_token_that_may_not_moderate_does_not_act_as_staff() -> None:
    boss, alice, bob = people.person("boss", is_staff=True), people.alice(), people.bob()
    room, _ = direct_room_open(user=alice, username="bob")
    messages_post([Draft(alice, room.slug, "psst")])
    report = message_report(user=bob, room=room.slug, seq=1, reason="Spam")
    narrow = with_token(boss, ["read", "write"]).user
    for act in (
        lambda: broadcast(user=narrow, message="hello"),
        lambda: check_administrator(narrow),
        lambda: report_close(user=narrow, report_id=report.pk, outcome="dismissed"),
    ):
        with refused("forbidden"):
            act()
    wide = with_token(boss, ["read", "write", "moderate"]).user
    check_administrator(wide)
    assert report_close(user=wide, report_id=report.pk, outcome="dismissed").outcome == "dismissed"


def test_a_token_has_no_rights_that_its_person_lost_behind_our_back() -> None:
    boss = people.person("boss", is_staff=True)
    _, key = token_issue(user=boss, name="bot")
    User.objects.filter(participant=boss).update(is_staff=False)
    identity = caller(key)
    assert identity
    assert not identity.user.is_staff
    assert "user" not in identity.user._state.fields_cache, "a socket keeps the participant, and no login"


def test_what_is_made_with_a_token_ends_with_it() -> None:
    alice = people.alice()
    first = with_token(alice, ["read", "write"], lifetime=timedelta(hours=1))
    made, key = token_issue(user=alice, name="child", made_with=token_of(first))
    long, _ = token_issue(user=alice, name="long", lifetime=timedelta(days=9), made_with=token_of(first))
    assert [made.expires_at, long.expires_at] == [first.expires_at] * 2
    _, other = token_issue(user=alice, name="other")
    _, grandchild = token_issue(user=alice, name="grandchild", made_with=made)
    parent = token_of(first)
    assert parent
    token_revoke(token=parent)
    assert [bool(caller(one)) for one in (key, grandchild, other)] == [False, False, True]
    assert ApiToken.objects.usable().get().name == "other"


def test_behind_a_person_who_signed_in_there_is_no_token() -> None:
    browser = Client()
    browser.force_login(people.login_of(people.alice()))
    signed_in = identify(headers={}, cookies={"sessionid": browser.cookies["sessionid"].value}, query={})
    assert signed_in
    assert token_of(signed_in) is None


def test_the_token_behind_a_ticket_is_the_one_that_requested_it() -> None:
    first = with_token(people.alice(), ["read"])
    second = identify(headers={}, cookies={}, query={"ticket": tickets.issue(first)})
    assert second
    parent = token_of(second)
    assert parent == token_of(first)
    assert parent
    token_revoke(token=parent)
    with refused("forbidden"):
        token_of(second)


def test_a_token_that_may_not_read_registers_no_device() -> None:
    with refused("forbidden"):
        subscription_add(identity=with_token(people.alice(), ["write"]), endpoint="", p256dh="", auth="")
