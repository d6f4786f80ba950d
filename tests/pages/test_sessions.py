"""Sessions on the settings page: listed, ended one by one, and all but the current one."""

import pytest
from allauth.usersessions.models import UserSession
from django.db import OperationalError
from django.test import Client

from chat.identity import jwt
from chat.identity.credentials import identify
from chat.lib.user_agents import device_name
from support.people import alice, bob, login_of
from tests.pages.settings_page import browser_of, page

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


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
