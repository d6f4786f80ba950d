"""A new SECRET_KEY signs out no one while the old one is among SECRET_KEY_FALLBACKS, and otherwise everyone."""

from collections.abc import Callable

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.session_store import SessionStore
from chat.identity import Identity, jwt, tickets
from chat.identity.credentials import identify, still_valid
from chat.services.tokens import token_issue
from support.accounts import alice

pytestmark = pytest.mark.django_db

OLD, NEW = "the-0ld-key/that-signed-9-until-today", "the-N3w-key/that-signs-8-from-now-on"


@pytest.fixture(params=[True, False], ids=["kept", "dropped"])
def rotate(request: pytest.FixtureRequest, settings: Settings) -> Callable[[], bool]:
    """Switches to the new key; returns whether the old one is still valid."""
    settings.SECRET_KEY = OLD

    def change() -> bool:
        settings.SECRET_KEY = NEW
        settings.SECRET_KEY_FALLBACKS = [OLD] if request.param else []
        return bool(request.param)

    return change


def ask(**shown: str) -> Identity | None:
    bearer, cookie = shown.get("bearer"), shown.get("cookie")
    return identify(
        headers={"authorization": f"Bearer {bearer}"} if bearer else {},
        cookies={"sessionid": cookie} if cookie else {},
        query={"ticket": shown["ticket"]} if "ticket" in shown else {},
    )


def test_a_browser_and_its_open_sockets(rotate: Callable[[], bool]) -> None:
    user, browser = alice(), Client()
    browser.force_login(user)
    key = browser.cookies["sessionid"].value
    identity = ask(cookie=key)
    assert identity
    kept = rotate()
    assert bool(ask(cookie=key)) == still_valid(identity) == kept
    assert browser.get("/settings/").status_code == (200 if kept else 302)
    if kept:
        # The same session, now signed with the new key: the sockets of other windows stay open.
        assert browser.cookies["sessionid"].value == key
        assert Session.objects.get(pk=key).get_decoded()[HASH_SESSION_KEY] == user.get_session_auth_hash()
        assert still_valid(identity)


def test_a_web_token_and_a_ticket_that_was_asked_with_it(rotate: Callable[[], bool]) -> None:
    user = alice()
    token = jwt.issue(user.participant)
    identity = ask(bearer=token)
    assert identity
    ticket = tickets.issue(identity)
    kept = rotate()
    assert bool(ask(bearer=token)) == bool(ask(ticket=ticket)) == still_valid(identity) == kept


def test_a_web_token_of_before_ends_with_the_password_all_the_same(rotate: Callable[[], bool]) -> None:
    user = alice()
    token = jwt.issue(user.participant)
    rotate()
    user.set_password("another one, and longer")
    user.save()
    assert ask(bearer=token) is None


def test_an_access_token_knows_no_key(rotate: Callable[[], bool]) -> None:
    _, token = token_issue(user=alice().participant, name="bot")
    rotate()
    assert ask(bearer=token)


def test_the_link_of_a_forgotten_password(rotate: Callable[[], bool]) -> None:
    user = alice()
    link = default_token_generator.make_token(user)
    assert default_token_generator.check_token(user, link)
    assert rotate() == default_token_generator.check_token(user, link)


def test_a_device_in_the_list_of_sessions_stays(rotate: Callable[[], bool]) -> None:
    user, here, there = alice(), Client(), Client()
    for browser in (here, there):
        browser.force_login(user)
        browser.get("/settings/")
    kept = rotate()
    assert here.get("/settings/").status_code == (200 if kept else 302)
    assert bool(ask(cookie=there.cookies["sessionid"].value)) == kept
    assert there.get("/settings/").status_code == (200 if kept else 302)


@pytest.mark.django_db(transaction=True)
async def test_a_page_that_asks_without_a_thread(rotate: Callable[[], bool]) -> None:
    user = await sync_to_async(alice)()
    browser = Client()
    await sync_to_async(browser.force_login)(user)
    kept = rotate()
    signed = await SessionStore(browser.cookies["sessionid"].value).aget(HASH_SESSION_KEY)
    assert signed == (user.get_session_auth_hash() if kept else None)
