"""The settings page, as a browser without scripts meets it, and what its scripts are answered."""

import re
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.test import AsyncClient, Client
from django.utils import translation
from pytest_django.fixtures import Settings

from accounts.models import User
from chat.identity import jwt
from chat.identity.credentials import identify
from chat.models import Membership, Message, Participant, Preferences, Room
from chat.services.members import room_join, room_leave
from chat.services.moderation import member_ban, member_kick
from chat.services.posting import Draft, messages_post
from chat.services.profile import preferences_change
from chat.services.rooms import direct_room_open
from chat.services.tokens import token_issue
from lib.user_agents import device_name
from support.people import PASSWORD, alice, bob, login_of, person, room
from your_project.env import Rate

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def browser_of(user: Participant, **headers: str) -> Client:
    """Signed in by the page, as people are."""
    client = Client(headers=headers)
    assert client.post("/accounts/login/", {"login": user.username, "password": PASSWORD}).status_code == 302
    return client


def page(client: Client) -> str:
    response = client.get("/settings/")
    assert response.status_code == 200
    return response.content.decode()


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
    with translation.override("en"):  # What the request chooses ends with it.
        german = browser.post(f"/settings/{path}", headers={"accept-language": "de"}).content.decode()
    assert "Dieses Formular ist abgelaufen" in german


def test_who_had_to_sign_in_again_comes_to_the_page(client: Client) -> None:
    client.force_login(login_of(alice()))
    assert client.get("/settings/profile/").headers["Location"] == "/settings/"
    assert client.put("/settings/profile/").status_code == 405


class TestProfile:
    def test_a_person_changes_their_name_and_reads_so(self) -> None:
        browser = browser_of(alice())
        answer = browser.post("/settings/profile/", {"display_name": " Alice Arden "}, follow=True)
        assert answer.redirect_chain == [("/settings/#profile", 302)]
        assert "Your name is saved." in answer.content.decode()
        assert Participant.objects.get().display_name == "Alice Arden"

    @pytest.mark.parametrize("name", ["Do\nra\x00", "a" * 65, "\u202eecila"])
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

    @pytest.mark.parametrize("field", ["theme", "density", "clock", "notify"])
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
        settings.RESET_BY_EMAIL = False
        assert "E-mail address" not in page(browser_of(alice()))


class TestSessions:
    def test_they_are_listed_with_device_and_time(self) -> None:
        user = alice()
        browser_of(user, user_agent=FIREFOX)
        html = page(browser_of(user, user_agent="curl/8"))
        assert "Firefox on Linux" in html
        assert html.count("This one") == 1
        assert "127.0.0.1" in html
        assert "last active just now" in html
        for session in UserSession.objects.all():
            assert session.session_key not in html

    def test_one_is_ended_and_the_others_stay(self) -> None:
        user = alice()
        here, there, elsewhere = (browser_of(user) for _ in range(3))
        ended = UserSession.objects.get(session_key=there.session.session_key)
        assert (
            "That session has been signed out."
            in here.post(f"/settings/sessions/{ended.pk}/", follow=True).content.decode()
        )
        assert there.get("/settings/").status_code == 302
        assert here.get("/settings/").status_code == elsewhere.get("/settings/").status_code == 200

    def test_ending_ones_own_is_signing_out(self) -> None:
        here = browser_of(alice())
        own = UserSession.objects.get()
        assert here.post(f"/settings/sessions/{own.pk}/").headers["Location"] == "/accounts/login/"
        assert here.get("/settings/").status_code == 302

    def test_another_persons_session_cannot_be_ended(self) -> None:
        first, other = browser_of(alice()), browser_of(bob())
        theirs = UserSession.objects.get(user__username="bob")
        first.post(f"/settings/sessions/{theirs.pk}/")
        assert other.get("/settings/").status_code == 200

    def test_everywhere_else_ends_all_but_this_one(self) -> None:
        user = alice()
        here, there = browser_of(user), browser_of(user)
        unlisted = Client()
        unlisted.force_login(login_of(user))
        token = jwt.issue(user)
        key = here.session.session_key
        html = here.post("/settings/sessions/others/", follow=True).content.decode()
        assert "Signed out everywhere else." in html
        assert html.count("Sign out of ") == 0
        assert there.get("/settings/").status_code == unlisted.get("/settings/").status_code == 302
        assert here.session.session_key == key
        assert identify(headers={}, cookies={"sessionid": key or ""}, query={}), "and its sockets stay"
        assert identify(headers={"authorization": f"Bearer {token}"}, cookies={}, query={}) is None

    def test_a_session_from_before_there_was_a_list_is_taken_in_when_it_opens_a_page(self) -> None:
        user = alice()
        browser = Client()
        browser.force_login(login_of(user))
        assert "A browser <span" in page(browser)

    def test_a_busy_database_does_not_block_the_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def busy(*_: object) -> None:
            raise OperationalError("database is locked")

        browser = Client()
        browser.force_login(login_of(alice()))
        monkeypatch.setattr(UserSession.objects, "create_from_request", busy)
        assert "Sessions" in page(browser)

    def test_the_administration_shows_no_session_keys(self) -> None:
        user = alice()
        login = login_of(user)
        login.is_staff = login.is_superuser = True
        login.save()
        assert browser_of(user).get("/admin/usersessions/usersession/").status_code == 404

    @pytest.mark.parametrize(
        ("user_agent", "name"),
        [
            (FIREFOX, "Firefox on Linux"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
            ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome on iPad"),
            ("Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox on Android"),
            ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            ("Mozilla/5.0 (X11; CrOS x86_64 16002.0.0) Chrome/140.0 Safari/537.36", "Chrome on ChromeOS"),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Vivaldi/7.1", "Vivaldi on Windows"),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
            ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15) Version/18.0 Safari/605.1", "Safari on macOS"),
            ("", "A browser"),
            ("<script>", "A browser"),
        ],
    )
    def test_a_device_is_named_as_people_call_it(self, user_agent: str, name: str) -> None:
        assert device_name(user_agent) == name


class TestDelete:
    def delete(self, browser: Client, password: str = PASSWORD) -> str:
        return browser.post("/settings/delete/", {"delete-password": password}).content.decode()

    def test_the_person_goes_and_what_they_wrote_stays(self) -> None:
        owner, guest = alice(), bob()
        login = login_of(guest)
        login.email = "bob@example.org"
        login.save()
        garden = room("garden", owner=owner, members=[guest])
        direct, _ = direct_room_open(user=guest, username="alice")
        messages_post([Draft(guest, "garden", "hello"), Draft(guest, direct.slug, "psst")])
        _, key = token_issue(user=guest, name="bot")
        browser, elsewhere = browser_of(guest), browser_of(guest)

        assert "Your account is deleted." in self.delete(browser)

        guest.refresh_from_db()
        login.refresh_from_db()
        assert (guest.username, guest.display_name, login.email) == (f"deleted-{guest.pk}", "Deleted account", "")
        assert not guest.is_active
        assert (login.username, login.is_active) == (guest.username, False)
        assert not login.has_usable_password()
        assert elsewhere.get("/settings/").status_code == 302
        assert browser.get("/settings/").status_code == 302
        assert identify(headers={"authorization": f"Bearer {key}"}, cookies={}, query={}) is None
        assert list(garden.memberships.values_list("user__username", flat=True)) == ["alice"]
        assert Membership.objects.filter(room=direct).count() == 2, "the conversation stays with the other person"
        texts = Message.objects.filter(author=guest).values_list("text", flat=True)
        assert set(texts) == {"hello", "psst", f"{guest.username} left"}

    def test_no_line_of_a_room_names_them_any_more(self) -> None:
        owner, guest = alice(), bob()
        garden = room("garden", owner=owner, kind="public")
        browser = browser_of(guest)
        room_join(user=guest, room="garden")
        before = Message.objects.get()
        garden.refresh_from_db()
        rev = garden.last_rev
        self.delete(browser)
        lines = list(Message.objects.order_by("seq"))
        assert [line.text for line in lines] == [f"deleted-{guest.pk} joined", f"deleted-{guest.pk} left"]
        assert not any("bob" in str(line.system) for line in lines)
        assert lines[0].seq == before.seq
        assert lines[0].rev == rev + 1, "who was away is told of it"

    def test_the_lines_of_rooms_they_left_before_name_them_no_more(self) -> None:
        owner, guest = alice(), bob()
        for slug in ("garden", "square", "attic"):
            room(slug, owner=owner, kind="public")
        room_join(user=guest, room="garden")
        room_leave(user=guest, room="garden")
        room_join(user=guest, room="square")
        member_kick(user=owner, room="square", username="bob")
        member_ban(user=owner, room="attic", username="bob")
        messages_post([Draft(owner, "attic", "bob left")])
        untouched = Room.objects.get(slug="attic").last_rev
        self.delete(browser_of(guest))
        lines = Message.objects.exclude(system=None)
        assert {line.room.slug for line in lines} == {"garden", "square"}
        assert not any("bob" in f"{line.text} {line.system}" for line in lines)
        assert Message.objects.get(room__slug="attic").text == "bob left", "what others wrote is theirs"
        assert Room.objects.get(slug="attic").last_rev == untouched

    def test_somebody_called_like_what_happened_leaves_it_readable(self) -> None:
        owner, guest = alice(), person("joined")
        room("garden", owner=owner, kind="public")
        room_join(user=guest, room="garden")
        self.delete(browser_of(guest))
        line = Message.objects.earliest("seq")
        assert (line.text, line.system) == (
            *(f"deleted-{guest.pk} joined", {"event": "joined", "username": f"deleted-{guest.pk}"}),
        )

    def test_it_takes_the_password(self) -> None:
        browser = browser_of(alice())
        assert "That is not your password." in self.delete(browser, "wrong")
        assert Participant.objects.get().is_active

    def test_the_last_administrator_stays(self) -> None:
        user = alice()
        login = login_of(user)
        login.is_staff = login.is_superuser = True
        login.save()
        browser = browser_of(user)
        assert "You are the only administrator." in page(browser)
        assert "You are the only administrator." in self.delete(browser)
        assert Participant.objects.get().is_active

    def test_the_name_of_a_deleted_account_stays_taken(self, client: Client) -> None:
        alice()
        form = {"username": "deleted-7", "password": PASSWORD, "display_name": ""}
        assert "That username is reserved." in client.post("/accounts/signup/", form).content.decode()


def test_the_page_runs_no_inline_script_and_no_style() -> None:
    user = alice()
    room("garden", owner=user)
    html = page(browser_of(user))
    # The import map is no script: it says where modules are.
    assert not re.search(r'<script(?! type="importmap"|[^>]*\bsrc=)|<style|\sstyle=|\son\w+=', html)
