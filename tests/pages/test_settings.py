"""The settings page in a browser without scripts, and the responses to its scripts."""

import re
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client
from django.utils import translation
from pytest_django.fixtures import Settings

from accounts.models import User
from chat.lib.amounts import Rate
from chat.models import Membership, Participant, Preferences
from chat.services.profile import preferences_change
from support.people import PASSWORD, alice, bob, login_of, room
from tests.pages.settings_page import browser_of, page

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


@pytest.mark.parametrize(
    "path",
    [
        *("", "profile/", "preferences/", "language/", "rooms/garden/"),
        *("email/", "sessions/others/", "sessions/1/", "delete/"),
    ],
)
def test_a_stranger_is_sent_to_sign_in(client: Client, path: str) -> None:
    alice()
    response = client.get("/settings/") if not path else client.post(f"/settings/{path}")
    assert response.headers["Location"] == f"/accounts/login/?next=/settings/{path}"


@pytest.mark.parametrize("path", ["profile/", "preferences/", "language/", "email/", "sessions/others/", "delete/"])
def test_another_site_changes_nothing(path: str) -> None:
    alice()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(login_of(Participant.objects.get()))
    refused = browser.post(f"/settings/{path}", {"display_name": "Mallory"})
    assert refused.status_code == 403
    assert "This form has expired" in refused.content.decode()
    assert "Go back, reload the page and try again." in refused.content.decode()
    with translation.override("en"):  # The request's language ends with this block.
        german = browser.post(f"/settings/{path}", headers={"accept-language": "de"}).content.decode()
    assert "Dieses Formular ist abgelaufen" in german


def test_who_had_to_sign_in_again_comes_to_the_page(client: Client) -> None:
    client.force_login(login_of(alice()))
    assert client.get("/settings/profile/").headers["Location"] == "/settings/"
    assert client.put("/settings/profile/").status_code == 405


class TestProfile:
    @pytest.mark.django_db(transaction=True)
    def test_a_person_changes_their_name_and_reads_so(self) -> None:
        browser = browser_of(alice())
        answer = browser.post("/settings/profile/", {"display_name": " Alice Arden "}, follow=True)
        assert answer.redirect_chain == [("/settings/#profile", 302)]
        assert "Your profile is saved." in answer.content.decode()
        assert Participant.objects.get().display_name == "Alice Arden"

    @pytest.mark.parametrize("name", ["Do\nra\x00", "a" * 65, "\u202eecila"])
    @pytest.mark.django_db(transaction=True)
    def test_what_will_not_do_is_said_and_kept(self, name: str) -> None:
        browser = browser_of(alice())
        answer = browser.post("/settings/profile/", {"display_name": name})
        assert 'aria-invalid="true"' in answer.content.decode()
        refused = browser.post("/settings/profile/", {"display_name": name}, headers=JSON)
        assert refused.status_code == 422
        assert list(refused.json()["errors"]) == ["display_name"]
        assert Participant.objects.get().display_name == "Alice"

    @pytest.mark.django_db(transaction=True)
    async def test_names_that_change_too_fast_are_paid_for_like_messages(self, settings: Settings) -> None:
        settings.CHAT_SEND_LIMIT = Rate(2, 60.0)
        browser = AsyncClient()
        await browser.aforce_login(login_of(await sync_to_async(alice)()))
        answers = [
            await browser.post("/settings/profile/", {"display_name": name}, headers=JSON)
            for name in ("Al", "Al", "Ali", "Alic", "Ali")
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 422, 200], "the same name costs nothing"
        assert answers[3].json()["errors"]["display_name"][0].startswith("You are sending too fast. Try again in ")
        assert (await Participant.objects.aget()).display_name == "Ali"

    def test_a_hostile_name_is_shown_harmless(self) -> None:
        browser = browser_of(alice())
        browser.post("/settings/profile/", {"display_name": "<script>alert(1)</script>"})
        assert "<script>alert" not in page(browser)


class TestPreferences:
    def test_each_is_saved_by_itself(self) -> None:
        user = alice()
        browser = browser_of(user)
        assert browser.post("/settings/preferences/", {"theme": "dark"}, headers=JSON).json() == {"saved": "Saved."}
        browser.post("/settings/preferences/", {"enter_sends": ["false"]}, headers=JSON)
        browser.post("/settings/preferences/", {"clock": "24", "density": "compact"}, headers=JSON)
        chosen = Preferences.of(user)
        assert (chosen.theme, chosen.density, chosen.clock, chosen.enter_sends) == ("dark", "compact", "24", False)
        assert (chosen.notify, chosen.sound) == ("mentions", True)

    def test_a_box_that_is_ticked_wins_over_the_field_that_stands_for_an_empty_one(self) -> None:
        user = alice()
        browser = browser_of(user)
        browser.post("/settings/preferences/", {"sound": ["false"]})
        assert Preferences.of(user).sound is False
        browser.post("/settings/preferences/", {"sound": ["false", "true"]})
        assert Preferences.of(user).sound is True

    @pytest.mark.parametrize("field", ["theme", "density", "clock", "animated_emoji", "notify"])
    @pytest.mark.parametrize("value", ["", "purple", "x" * 5000])
    def test_what_there_is_not_is_refused(self, field: str, value: str) -> None:
        user = alice()
        browser = browser_of(user)
        assert browser.post("/settings/preferences/", {field: value}, headers=JSON).status_code == 422
        assert browser.post("/settings/preferences/", {field: value}).status_code == 404
        assert not Preferences.objects.exists()

    def test_another_persons_settings_cannot_be_changed(self) -> None:
        first, other = alice(), bob()
        browser_of(first).post("/settings/preferences/", {"theme": "dark", "user": other.pk})
        assert list(Preferences.objects.values_list("user", "theme")) == [(first.pk, "dark")]

    def test_the_theme_is_in_every_page_before_any_script(self) -> None:
        user = alice()
        room("garden", owner=user)
        browser = browser_of(user)
        assert "data-theme" not in browser.get("/rooms/garden/").content.decode()
        browser.post("/settings/preferences/", {"theme": "dark"})
        for path in ("/rooms/garden/", "/settings/", "/accounts/password/change/", "/nothing/"):
            assert '<html lang="en" data-theme="dark"' in browser.get(path).content.decode()
        browser.post("/accounts/logout/")
        assert '<html lang="en" data-theme="dark"' in browser.get("/accounts/login/").content.decode()

    def test_a_device_that_did_not_know_the_theme_learns_it(self) -> None:
        user = alice()
        preferences_change(user=user, theme="dark")
        room("garden", owner=user)
        browser = browser_of(user)
        browser.get("/rooms/garden/")
        assert browser.cookies["theme"].value == "dark"
        preferences_change(user=user, theme="system")
        browser.get("/rooms/garden/")
        assert browser.cookies["theme"].value == ""

    def test_a_forged_theme_is_none(self) -> None:
        answer = Client(headers={"cookie": 'theme="><script>'}).get("/accounts/login/", follow=True)
        assert "data-theme" not in answer.content.decode()

    def test_density_and_clock_come_with_the_chat(self) -> None:
        user = alice()
        room("garden", owner=user)
        preferences_change(user=user, density="compact", clock="12")
        html = browser_of(user).get("/rooms/garden/").content.decode()
        assert '<html lang="en" data-density="compact" data-clock="12">' in html

    def test_when_emoji_move_comes_with_the_chat(self) -> None:
        user = alice()
        room("garden", owner=user)
        browser = browser_of(user)
        assert '"animated_emoji": "auto"' in browser.get("/rooms/garden/").content.decode()
        browser.post("/settings/preferences/", {"animated_emoji": "hover"}, headers=JSON)
        assert '"animated_emoji": "hover"' in browser.get("/rooms/garden/").content.decode()


class TestRooms:
    def test_a_room_is_made_quieter(self) -> None:
        user = alice()
        room("garden", owner=user)
        browser = browser_of(user)
        assert "#<bdi>Garden</bdi>" in page(browser)
        browser.post("/settings/rooms/garden/", {"notify": "nothing"})
        assert Membership.objects.get().notify == "nothing"

    def test_a_hidden_room_an_absent_one_and_no_such_level_look_the_same(self) -> None:
        room("vault", owner=bob())
        browser = browser_of(alice())
        answers = [
            browser.post("/settings/rooms/vault/", {"notify": "all"}),
            browser.post("/settings/rooms/nothing/", {"notify": "all"}),
            browser.post("/settings/rooms/nothing/", {"notify": "loud"}),
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1


class TestEmail:
    def test_it_is_changed_with_the_password(self) -> None:
        browser = browser_of(alice())
        form = {"email": "Alice@Example.org", "password": PASSWORD}
        assert "Your e-mail address is saved." in browser.post("/settings/email/", form, follow=True).content.decode()
        assert User.objects.get().email == "alice@example.org"
        browser.post("/settings/email/", {"email": "", "password": PASSWORD})
        assert User.objects.get().email == ""

    def test_an_open_session_alone_is_not_enough(self) -> None:
        browser = browser_of(alice())
        answer = browser.post("/settings/email/", {"email": "mallory@example.org", "password": "wrong"})
        assert "That is not your password." in answer.content.decode()
        assert 'value="mallory@example.org"' in answer.content.decode(), "what was typed is kept"
        assert User.objects.get().email == ""
        for _ in range(10):
            browser.post("/settings/email/", {"email": "mallory@example.org", "password": "wrong"})
        answer = browser.post("/settings/email/", {"email": "mallory@example.org", "password": PASSWORD})
        assert "Too many attempts" in answer.content.decode()

    def test_where_no_letter_can_be_sent_none_is_asked_for(self, settings: Any) -> None:
        settings.CHAT_RESET_BY_EMAIL = False
        assert "E-mail address" not in page(browser_of(alice()))


def test_the_page_runs_no_inline_script_and_no_style() -> None:
    user = alice()
    room("garden", owner=user)
    html = page(browser_of(user))
    # The import map is no script: it maps modules to addresses.
    assert not re.search(r'<script(?! type="importmap"|[^>]*\bsrc=)|<style|\sstyle=|\son\w+=', html)
