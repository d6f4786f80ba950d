"""The language of the pages: the browser's preference, until the person chooses one."""

import pytest
from django.test import Client

from chat.services.moderation import member_mute
from support.people import PASSWORD, alice, bob, room

pytestmark = pytest.mark.django_db
GERMAN = {"accept-language": "de"}


def german_browser(username: str) -> Client:
    client = Client(headers=GERMAN)
    assert client.post("/accounts/login/", {"login": username, "password": PASSWORD}).status_code == 302
    return client


def test_who_asks_for_german_signs_in_in_german() -> None:
    alice()
    stranger = Client(headers=GERMAN)
    html = stranger.get("/accounts/login/").content.decode()
    assert '<html lang="de"' in html
    assert "Benutzername" in html
    wrong = stranger.post("/accounts/login/", {"login": "alice", "password": "not this one"}).content.decode()
    assert "Benutzername und Passwort passen nicht zusammen." in wrong


def test_a_choice_holds_until_it_is_taken_back() -> None:
    alice()
    browser = german_browser("alice")
    chosen = browser.post("/settings/language/", {"language": "en"}, follow=True)
    assert chosen.redirect_chain == [("/settings/#appearance", 302)]
    assert '<html lang="en"' in chosen.content.decode()
    assert "Saved." in chosen.content.decode()
    assert '<html lang="en"' in browser.get("/accounts/logout/").content.decode()
    back = browser.post("/settings/language/", {"language": ""}, follow=True).content.decode()
    assert '<html lang="de"' in back
    assert "Gespeichert." in back
    assert 'name="language" value="" checked' in back


@pytest.mark.parametrize("language", ["xx", "../de", "de\r\nSet-Cookie: a=b", "d" * 4000])
def test_a_language_we_do_not_have_is_none(language: str) -> None:
    alice()
    browser = german_browser("alice")
    answer = browser.post("/settings/language/", {"language": language})
    assert answer.status_code == 302
    assert answer.cookies["django_language"].value == ""


def test_the_chat_without_scripts_says_in_german_what_happened_and_what_may_not_be() -> None:
    owner, guest = alice(), bob()
    room("garden", owner=owner, members=[guest])
    member_mute(user=owner, room="garden", username="bob", minutes=5)
    html = german_browser("bob").get("/rooms/garden/?plain=1").content.decode()
    assert "Du bist in diesem Raum vorerst stummgeschaltet." in html
    assert "Hier beginnt das Gespräch." in html
    assert "You are" not in html


def test_programs_are_answered_in_english() -> None:
    answer = Client(headers=GERMAN).get("/api/v1/rooms")
    assert answer.json()["message"].startswith("Sign in first")
