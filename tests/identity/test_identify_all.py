"""Callers who arrive at the same time are identified together, each as if alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.session_store import SessionStore
from chat.identity import Identity, jwt
from chat.identity.credentials import Asked, identify, identify_all
from chat.models import ApiToken, Participant
from chat.services.tokens import token_issue
from support import people

pytestmark = pytest.mark.django_db


def session_of(user: Participant) -> str:
    browser = Client()
    browser.force_login(people.login_of(user))
    return browser.cookies["sessionid"].value


def cookie(key: str) -> Asked:
    return Asked({}, {"sessionid": key}, {})


def facts(identity: Identity | None) -> tuple[object, ...] | None:
    if identity is None:
        return None
    return identity.user.pk, identity.kind, identity.key, identity.expires_at, identity.scopes


def compared(callers: list[Asked]) -> list[int | None]:
    """The ids of the callers identified together; identical to identifying each alone."""
    found = identify_all(callers)
    alone = [identify(**caller._asdict()) for caller in callers]
    assert [facts(one) for one in found] == [facts(one) for one in alone]
    assert all("user" not in one.user._state.fields_cache for one in found if one), "no row of a login stays"
    return [one.user.pk if one else None for one in found]


def test_any_number_of_sessions_costs_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    users = [people.person(f"p{number}") for number in range(20)]
    callers = [cookie(session_of(user)) for user in users]
    with django_assert_num_queries(2):
        found = identify_all(callers)
    assert [one and one.user.pk for one in found] == [user.pk for user in users]
    with django_assert_num_queries(2):
        identify_all(callers[:1])
    with django_assert_num_queries(2):
        identify_all(callers[:2])
    assert compared(callers) == [user.pk for user in users]


def test_each_kind_of_caller_is_who_they_are_alone() -> None:
    alice, bob, charlie = people.alice(), people.bob(), people.charlie()
    _, key = token_issue(user=bob, name="robot")
    callers = [
        cookie(session_of(alice)),
        Asked({"authorization": f"Bearer {key}"}, {"sessionid": session_of(alice)}, {}),
        Asked({}, {}, {}),
        Asked({}, {"sessionid": session_of(alice)}, {"token": "wrong"}),
        cookie("' OR 1=1 --"),
        cookie("a" * 32),
        cookie(session_of(charlie)),
    ]
    assert compared(callers) == [alice.pk, bob.pk, None, None, None, None, charlie.pk]


def test_a_ticket_a_signed_token_and_nothing_at_all_are_looked_up_alone_beside_access_tokens() -> None:
    alice, bob = people.alice(), people.bob()
    key, other = (token_issue(user=bob, name=name)[1] for name in ("robot", "spare"))
    callers = [
        # The ticket takes precedence over all other credentials.
        Asked({}, {}, {"ticket": "spent", "token": key}),
        Asked({"authorization": f"Bearer {other}"}, {}, {"ticket": "spent"}),
        bearer(key),
        bearer(other),
        Asked({}, {"sessionid": session_of(alice)}, {"token": ""}),
        bearer(jwt.issue(alice)),
    ]
    assert compared(callers) == [None, None, bob.pk, bob.pk, None, alice.pk]


def test_what_can_be_no_session_key_is_not_sent_to_the_database(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        assert identify_all([cookie("a\x00b"), cookie("a\x00c")]) == [None, None]


def test_sessions_that_are_not_in_the_database_are_looked_up_alone(settings: Any) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    alice, bob = people.alice(), people.bob()
    # Their expiry counts from the moment of the lookup.
    found = identify_all([cookie(session_of(alice)), cookie(session_of(bob)), cookie("a" * 32)])
    assert [one and one.user.pk for one in found] == [alice.pk, bob.pk, None]
    assert not Session.objects.exists()


def test_sessions_that_name_no_one_of_ours_ask_for_no_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    keys = [session_of(people.person(name)) for name in ("dora", "erin")]
    for key in keys:
        store = SessionStore(key)
        store[BACKEND_SESSION_KEY] = "somebody.elses.Backend"
        store.save()
    for callers in ([cookie(key) for key in keys], [cookie(keys[0])]):
        with django_assert_num_queries(1):
            assert identify_all(callers) == [None] * len(callers)


def test_sessions_end_together_at_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = people.alice(), people.bob()
    callers = [cookie(session_of(alice)), cookie(session_of(bob))]
    end = Session.objects.get(pk=callers[0].cookies["sessionid"]).expire_date
    Session.objects.update(expire_date=end)
    monkeypatch.setattr(timezone, "now", lambda: end - timedelta(microseconds=1))
    assert compared(callers) == [alice.pk, bob.pk]
    monkeypatch.setattr(timezone, "now", lambda: end)
    assert compared(callers) == [None, None]


def test_two_sockets_and_two_browsers_of_a_person_share_queries_and_no_participant(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    alice = people.alice()
    here, there = session_of(alice), session_of(alice)
    with django_assert_num_queries(2):
        found = identify_all([cookie(here), cookie(here), cookie(there)])
    assert [one and one.key for one in found] == [here, here, there]
    assert len({id(one.user) for one in found if one}) == 3
    assert compared([cookie(here), cookie(here), cookie(there)]) == [alice.pk] * 3


def test_sessions_that_have_ended_are_refused_beside_one_that_has_not() -> None:
    good, expired, deactivated, changed, foreign = (people.person(f"p{number}") for number in range(5))
    callers = [cookie(session_of(user)) for user in (good, expired, deactivated, changed, foreign)]
    keys = [caller.cookies["sessionid"] for caller in callers]
    Session.objects.filter(pk=keys[1]).update(expire_date=timezone.now() - timedelta(seconds=1))
    User.objects.filter(username=deactivated.username).update(is_active=False)
    login = people.login_of(changed)
    login.set_password("another pass phrase")
    login.save()
    store = SessionStore(keys[4])
    store[BACKEND_SESSION_KEY] = "somebody.elses.Backend"
    store.save()
    assert compared(callers) == [good.pk, None, None, None, None]


def test_a_first_visit_makes_the_participant_beside_others() -> None:
    newcomer = User.objects.create(username="dora")
    Participant.objects.filter(user=newcomer).delete()
    browser = Client()
    browser.force_login(newcomer)
    alice = people.alice()
    [first, second] = identify_all([cookie(browser.cookies["sessionid"].value), cookie(session_of(alice))])
    assert first
    assert second
    assert (first.user.username, second.user.pk) == ("dora", alice.pk)


def bearer(token: str) -> Asked:
    return Asked({"authorization": f"Bearer {token}"}, {}, {})


def test_any_number_of_access_tokens_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    users = [people.person(f"p{number}") for number in range(20)]
    callers = [bearer(token_issue(user=user, name="robot")[1]) for user in users]
    # The first use of each is recorded.
    assert compared(callers) == [user.pk for user in users]
    with django_assert_num_queries(1):
        identify_all(callers)
    with django_assert_num_queries(1):
        identify_all(callers[:1])


def test_tokens_that_have_ended_are_refused_beside_one_that_has_not() -> None:
    good, expired, revoked, deactivated, silent = (people.person(f"p{number}") for number in range(5))
    made = [token_issue(user=user, name="robot") for user in (good, expired, revoked, deactivated, silent)]
    callers = [bearer(key) for _, key in made]
    ApiToken.objects.filter(pk=made[1][0].pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    ApiToken.objects.filter(pk=made[2][0].pk).update(revoked_at=timezone.now())
    User.objects.filter(username=deactivated.username).update(is_active=False)
    Participant.objects.filter(pk=silent.pk).update(is_active=False)
    assert compared([*callers, bearer("bc_" + "0" * 43)]) == [good.pk, None, None, None, None, None]


def test_two_sockets_of_a_token_beside_a_session_share_a_query_and_no_participant(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    alice, bob = people.alice(), people.bob()
    _, narrow = token_issue(user=alice, name="robot", scopes=("read",))
    callers = [bearer(narrow), cookie(session_of(bob)), bearer(narrow), cookie(session_of(alice))]
    # The first use of the token is recorded.
    compared(callers)
    with django_assert_num_queries(3):
        found = identify_all(callers)
    assert [one and one.kind for one in found] == ["token", "session", "token", "session"]
    assert found[0]
    assert found[0].scopes == {"read"}
    assert len({id(one.user) for one in found if one}) == 4
    assert compared(callers) == [alice.pk, bob.pk, alice.pk, alice.pk]
