"""Each login has a participant, created on the first visit and kept in step with the login, however that changes."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chat.identity.credentials import identify, of_session
from chat.identity.participants import handle_of, participant_of
from chat.models import Connection, Membership, Participant
from chat.queries.reconcile import Sums, pulse
from chat.services.connections import lease_renew
from chat.services.posting import Draft, Posted, messages_post
from chat.services.tokens import token_issue
from support import people
from support.people import login_of
from tests.services.test_races import at_once

pytestmark = pytest.mark.django_db


def newcomer(username: str = "dora") -> User:
    """A login created outside the chat: by a query, an import, or another app."""
    [user] = User.objects.bulk_create([User(username=username, password=make_password("a long password"))])
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("ada", "ada"),
        ("Ada.Lovelace@example.org", "Ada.Lovelace"),
        ("zoë@example.org", "zoe"),
        ("a b+c@example.org", "a-b-c"),
        (".dots.@example.org", "dots"),
        ("x" * 60, "x" * 32),
        ("王小明", "WangXiaoMing"),
        ("   ", "user"),
        ("", "user"),
        ("all@example.org", "user-all"),
        ("deleted-7@example.org", "user-deleted-7"),
    ],
)
def test_a_handle_is_made_of_whatever_name_a_login_has(name: str, handle: str) -> None:
    assert handle_of(User(username=name)) == handle


def test_a_project_derives_handles_by_a_function_of_its_own(settings: Any) -> None:
    settings.CHAT = {"HANDLE": f"{__name__}.by_email"}
    assert handle_of(User(username="ada", email="countess@example.org")) == "countess"


def by_email(user: User) -> str:
    return user.email.partition("@")[0]


def test_the_first_visit_makes_the_participant_and_the_second_finds_it() -> None:
    user = newcomer()
    made = participant_of(user)
    assert (made.username, made.kind, made.is_active, made.is_staff) == ("dora", "person", True, False)
    assert participant_of(User.objects.get(pk=user.pk)) == made


def test_handles_that_collide_get_numbers_also_beside_those_without_a_login() -> None:
    Participant.objects.create(username="Dora", kind="imported")
    Participant.objects.create(username="dora2", kind="bot")
    assert participant_of(newcomer()).username == "dora3"


def test_a_handle_that_many_have_gets_a_random_end_after_a_few_questions(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    Participant.objects.bulk_create(
        Participant(username=f"dora{number}" if number > 1 else "dora") for number in range(1, 200)
    )
    with django_assert_max_num_queries(35):
        made = participant_of(newcomer()).username
    assert re.fullmatch("dora-[0-9a-f]{8}", made)


@pytest.mark.django_db(transaction=True)
def test_two_first_visits_at_once_make_one_participant() -> None:
    user = newcomer()
    found = at_once(*[lambda: participant_of(User.objects.get(pk=user.pk)).pk for _ in range(3)])
    assert len(set(found)) == 1
    assert Participant.objects.filter(user=user).count() == 1


def test_a_session_of_a_login_that_never_visited_is_a_participants() -> None:
    user = newcomer()
    browser = Client()
    browser.force_login(user)
    identity = identify(headers={}, cookies={"sessionid": browser.cookies["sessionid"].value}, query={})
    assert identity
    assert identity.user == Participant.objects.get(user=user)


def test_a_login_that_was_deactivated_before_its_first_visit_makes_no_participant() -> None:
    user = newcomer()
    browser = Client()
    browser.force_login(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert identify(headers={}, cookies={"sessionid": browser.cookies["sessionid"].value}, query={}) is None
    assert not Participant.objects.filter(user=user).exists()


def test_whom_the_middleware_of_a_project_found_is_who_the_session_says() -> None:
    user = newcomer()
    browser = Client()
    browser.force_login(user)
    # Part of the session's lifetime has passed.
    Session.objects.update(expire_date=timezone.now() + timedelta(hours=1))
    identity = of_session(user, browser.session)
    by_cookie = identify(headers={}, cookies={"sessionid": browser.cookies["sessionid"].value}, query={})
    assert identity
    assert by_cookie
    assert (identity.credential, identity.user) == (by_cookie.credential, by_cookie.user)
    assert identity.expires_at == by_cookie.expires_at == Session.objects.get().expire_date
    assert (identity.user.username, identity.kind, identity.key) == ("dora", "session", browser.session.session_key)
    assert "user" not in identity.user._state.fields_cache, "a socket keeps the participant, and no login"
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert of_session(User.objects.get(pk=user.pk), browser.session) is None


def test_a_session_costs_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    browser = Client()
    browser.force_login(login_of(people.alice()))
    cookies = {"sessionid": browser.cookies["sessionid"].value}
    with django_assert_num_queries(2):
        identity = identify(headers={}, cookies=cookies, query={})
    assert identity
    assert "user" not in identity.user._state.fields_cache, "a socket keeps the participant, and no login"


# --- In step with the login --------------------------------------------------------------------------------


@pytest.fixture
def process_id() -> UUID:
    made = uuid4()
    lease_renew(made)
    return made


def look(process_id: UUID, *sockets: Participant) -> dict[int, int] | None:
    ids = [user.pk for user in sockets]
    known = Sums(len(ids), sum(ids), sum(user.access_rev for user in sockets))
    return pulse(process_id=process_id, room_ids=[0], user_ids=set(ids), known=known).access_revs


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": True}, {"password": "pbkdf2$another$hash"}])
def test_what_is_changed_behind_our_back_is_found_by_the_process_of_the_socket(
    process_id: UUID, change: dict[str, Any]
) -> None:
    alice, bob = people.alice(), people.bob()
    for user in (alice, bob):
        Connection.objects.create(process_id=process_id, user=user)
    assert look(process_id, alice, bob) is None
    User.objects.filter(participant=bob).update(**change)
    assert look(process_id, alice, bob) == {alice.pk: 0, bob.pk: 1}
    bob.refresh_from_db()
    assert (bob.is_active, bob.is_staff) == (change.get("is_active", True), change.get("is_staff", False))
    assert look(process_id, alice, bob) is None


@pytest.mark.django_db(transaction=True)
def test_a_login_that_was_activated_behind_our_back_comes_in() -> None:
    bob = people.person("bob", is_active=False)
    User.objects.filter(participant=bob).update(is_active=True)
    browser = Client()
    browser.force_login(User.objects.get(participant=bob))
    assert browser.get("/rooms/").status_code == 200
    bob.refresh_from_db()
    assert bob.is_active


def test_saving_what_a_participant_does_not_repeat_asks_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = login_of(people.bob())
    with transaction.atomic(), django_assert_num_queries(3):
        # A savepoint surrounds the row.
        user.save(update_fields=["last_login"])


def test_a_participant_whose_login_is_deleted_stays_with_the_messages() -> None:
    alice, bob = people.alice(), people.bob()
    garden = people.room("garden", owner=alice, members=[bob])
    messages_post([Draft(bob, "garden", "hello")])
    _, key = token_issue(user=bob, name="bot")
    login_of(bob).delete()
    bob.refresh_from_db()
    assert (bob.user, bob.is_active, bob.access_rev > 0) == (None, False, True)
    assert garden.messages.get().author == bob
    assert identify(headers={"authorization": f"Bearer {key}"}, cookies={}, query={}) is None


# --- Without a login ---------------------------------------------------------------------------------------


def test_a_bot_without_a_login_speaks_with_its_token() -> None:
    bot = Participant.objects.create(username="deploys", kind="bot")
    people.room("garden", owner=people.alice(), members=[bot])
    _, key = token_issue(user=bot, name="ci", lifetime=timedelta(days=1))
    identity = identify(headers={"authorization": f"Bearer {key}"}, cookies={}, query={})
    assert identity
    [posted] = messages_post([Draft(identity.user, "garden", "deployed")])
    assert isinstance(posted, Posted)
    assert Membership.objects.get(user=bot).user.username == "deploys"
