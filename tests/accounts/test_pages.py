"""The sign-in pages in a browser without scripts."""

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import services
from accounts.models import Invitation, User
from chat.identity import jwt, throttle
from chat.identity.credentials import identify
from chat.pages import scripts
from support.accounts import PASSWORD, alice, bob

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Page

pytestmark = pytest.mark.django_db

ASK = "Ask an administrator for an invitation."
MISMATCH = "That username and password do not match."


def sign_up(browser: Client, /, query: str = "", **fields: str) -> "Page":
    form = {"display_name": "Dora", "username": "dora", "password": PASSWORD} | fields
    return browser.post(f"/accounts/signup/{query}", form)


def sign_in(browser: Client, /, query: str = "", **fields: str) -> "Page":
    return browser.post(f"/accounts/login/{query}", {"login": "alice", "password": PASSWORD} | fields)


def error_under(response: "Page", field: str) -> str:
    """The error under a field, found as a screen reader finds it."""
    page = response.content.decode()
    tag = re.search(rf'<input[^>]*name="{field}"[^>]*>', page)
    assert tag, f"no field {field}"
    if 'aria-invalid="true"' not in tag[0]:
        return ""
    described = re.search(r'aria-describedby="([^"]*)"', tag[0])
    assert described
    [line] = [found for one in described[1].split() if (found := re.search(rf'id="{one}".*?<span>(.*?)</span>', page))]
    return line[1]


class TestSignUp:
    def test_the_first_person_becomes_the_administrator_and_is_signed_in(self, client: Client) -> None:
        assert client.get("/accounts/login/").headers["Location"] == "/accounts/signup/"
        assert b"The first account becomes the administrator" in client.get("/accounts/signup/").content
        response = sign_up(client)
        assert (response.status_code, response.headers["Location"]) == (302, "/welcome/")
        user = User.objects.get()
        assert (user.username, user.display_name, user.is_founder) == ("dora", "Dora", True)
        assert user.is_staff
        assert user.is_superuser
        assert client.session["_auth_user_id"] == str(user.pk)

    def test_the_second_is_an_ordinary_person(self, client: Client) -> None:
        alice()
        assert b"administrator" not in client.get("/accounts/signup/").content
        sign_up(client)
        user = User.objects.get(username="dora")
        assert (user.is_founder, user.is_staff, user.is_superuser) == (False, False, False)

    @pytest.mark.parametrize(
        ("fields", "field", "sentence"),
        [
            ({"username": "alice"}, "username", "That username is taken."),
            ({"username": "ALICE"}, "username", "That username is taken."),
            ({"username": ""}, "username", "This field is required."),
            ({"username": "-dora"}, "username", "Use 1 to 32 letters"),
            ({"username": "dora."}, "username", "Use 1 to 32 letters"),
            ({"username": "dörte"}, "username", "Use 1 to 32 letters"),
            ({"username": "do ra"}, "username", "Use 1 to 32 letters"),
            ({"username": "dora\u202e"}, "username", "Use 1 to 32 letters"),
            ({"username": "d" * 33}, "username", "at most 32 characters"),
            ({"username": "do\0ra"}, "username", "Null characters are not allowed."),
            ({"username": "Here"}, "username", "That username is reserved."),
            ({"password": "short"}, "password", "at least 10 characters"),
            ({"password": ""}, "password", "This field is required."),
            ({"password": "password123"}, "password", "too common"),
            ({"password": "dora-dora-dora", "username": "dora-dora-dor"}, "password", "too similar"),
            ({"password": "nul\0nul\0nul\0"}, "password", "Null characters are not allowed."),
            ({"display_name": "D" * 65}, "display_name", "at most 64 characters"),
            ({"display_name": "Dora\0"}, "display_name", "Null characters are not allowed."),
            (
                {"display_name": "Dora\u202eecila"},
                "display_name",
                "Use only letters, digits, punctuation, symbols and spaces.",
            ),
            ({"display_name": "Do\nra"}, "display_name", "Use only letters, digits, punctuation, symbols and spaces."),
        ],
    )
    def test_what_will_not_do_is_said_under_its_field(
        self, client: Client, fields: dict[str, str], field: str, sentence: str
    ) -> None:
        alice()
        response = sign_up(client, **fields)
        assert response.status_code == 200
        assert sentence in error_under(response, field)
        assert User.objects.count() == 1
        assert PASSWORD.encode() not in response.content

    def test_what_was_typed_is_kept_and_shown_harmless(self, client: Client) -> None:
        response = sign_up(client, username="-", display_name='"><script>alert(1)</script>')
        assert b"&quot;&gt;&lt;script&gt;" in response.content
        assert b"<script>alert" not in response.content

    def test_names_from_all_over_the_world_are_welcome(self, client: Client) -> None:
        sign_up(client, display_name="Zoë 王小明 محمد 👩‍👩‍👧")
        assert User.objects.get().display_name == "Zoë 王小明 محمد 👩‍👩‍👧"

    def test_a_form_of_another_site_is_refused(self) -> None:
        assert sign_up(Client(enforce_csrf_checks=True)).status_code == 403
        assert not User.objects.exists()

    @pytest.mark.parametrize("mode", ["invite", "closed"])
    def test_where_sign_up_is_not_open_one_asks_an_administrator(
        self, client: Client, settings: Any, mode: str
    ) -> None:
        alice()
        settings.CHAT_SIGNUP = mode
        for response in (client.get("/accounts/signup/"), sign_up(client), sign_up(client, "?invitation=guess")):
            assert response.status_code == 403
            assert ASK in response.content.decode()
        assert ASK in client.get("/accounts/login/").content.decode()
        assert User.objects.count() == 1

    @pytest.mark.parametrize("mode", ["invite", "closed"])
    def test_the_first_account_may_always_sign_up(self, client: Client, settings: Any, mode: str) -> None:
        settings.CHAT_SIGNUP = mode
        assert sign_up(client).status_code == 302
        assert User.objects.get().is_founder

    def test_an_invited_person_signs_up_once(self, client: Client, settings: Any) -> None:
        settings.CHAT_SIGNUP = "invite"
        _, code = services.invitation_issue(created_by=alice())
        page = client.get(f"/accounts/signup/?invitation={code}").content.decode()
        assert "You were invited to Backchannel by Alice." in page
        assert f'name="invitation" value="{code}"' in page
        assert sign_up(client, invitation=code).status_code == 302
        invitation = Invitation.objects.get()
        assert invitation.used_by == User.objects.get(username="dora")
        assert sign_up(Client(), invitation=code, username="erik").status_code == 403
        assert not User.objects.filter(username="erik").exists()

    def test_a_mistyped_password_does_not_use_up_the_invitation(self, client: Client, settings: Any) -> None:
        settings.CHAT_SIGNUP = "invite"
        _, code = services.invitation_issue(created_by=alice())
        assert sign_up(client, invitation=code, password="short").status_code == 200
        assert sign_up(client, invitation=code).status_code == 302

    def test_an_invitation_does_not_open_a_closed_server(self, client: Client, settings: Any) -> None:
        settings.CHAT_SIGNUP = "closed"
        _, code = services.invitation_issue(created_by=alice())
        assert sign_up(client, invitation=code).status_code == 403
        with pytest.raises(services.NotInvited):
            services.sign_up(username="dora", password=PASSWORD, display_name="", invitation=code)
        assert User.objects.count() == 1

    def test_a_signed_in_person_goes_to_the_conversation(self, client: Client) -> None:
        client.force_login(alice())
        for page in ("/accounts/signup/", "/accounts/login/"):
            assert client.get(page).headers["Location"] == "/"

    def test_one_address_cannot_fill_the_server(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        alice()
        monkeypatch.setattr(throttle.LIMITS["sign_up"].address, "amount", 1)
        assert sign_up(client).status_code == 302
        response = sign_up(Client(), username="erik")
        assert b"Too many accounts have been created from your network" in response.content
        assert not User.objects.filter(username="erik").exists()


class TestUsernameCheck:
    @pytest.mark.parametrize(
        ("username", "error"),
        [
            ("dora", ""),
            ("Alice", "That username is taken."),
            ("room", "That username is reserved."),
            ("", "This field cannot be blank."),
            ("a\0b", "Use 1 to 32 letters"),
            ("a" * 5000, "Use 1 to 32 letters"),
        ],
    )
    def test_it_says_what_sign_up_would_say(self, client: Client, username: str, error: str) -> None:
        alice()
        answer = client.get("/accounts/signup/username/", {"username": username}).json()["error"]
        assert answer.startswith(error) if error else answer == ""

    def test_where_sign_up_is_not_open_it_answers_nothing(self, client: Client, settings: Any) -> None:
        alice()
        settings.CHAT_SIGNUP = "invite"
        assert client.get("/accounts/signup/username/", {"username": "alice"}).status_code == 404

    def test_it_is_no_way_to_list_everybody(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(throttle.LIMITS["username"].address, "amount", 1)
        client.get("/accounts/signup/username/", {"username": "alice"})
        refused = client.get("/accounts/signup/username/", {"username": "alice"})
        assert (refused.status_code, refused.json()) == (429, {"error": ""})


class TestSignIn:
    def test_a_person_signs_in_whatever_the_case_of_the_name(self, client: Client) -> None:
        user = alice()
        response = sign_in(client, login=" ALICE ")
        assert (response.status_code, response.headers["Location"]) == (302, "/")
        assert client.session["_auth_user_id"] == str(user.pk)

    def test_they_go_on_where_they_wanted_to_go_but_nowhere_else(self, client: Client) -> None:
        alice()
        page = client.get("/accounts/login/?next=/rooms/garden/").content
        assert b'name="next" value="/rooms/garden/"' in page
        assert sign_in(client, next="/rooms/garden/").headers["Location"] == "/rooms/garden/"
        assert sign_in(Client(), next="https://evil.example/").headers["Location"] == "/"

    @pytest.mark.parametrize(
        "fields",
        [
            {"password": "wrong"},
            {"login": "nobody"},
            {"login": "zoë"},
            {"login": "' OR 1=1 --"},
            {"login": "bob"},  # deactivated
        ],
    )
    def test_no_error_says_which_of_the_two_was_wrong(self, client: Client, fields: dict[str, str]) -> None:
        alice()
        services.account_deactivate(user=bob())
        response = sign_in(client, **fields)
        assert error_under(response, "password") == MISMATCH
        assert f'value="{fields.get("login", "alice")}"'.replace("'", "&#x27;") in response.content.decode()
        assert PASSWORD.encode() not in response.content
        assert not Session.objects.exists()

    @pytest.mark.parametrize("fields", [{"login": "al\0ice"}, {"login": "a" * 5000}, {"login": ""}, {"password": "\0"}])
    def test_hostile_input_gets_a_form_error(self, client: Client, fields: dict[str, str]) -> None:
        alice()
        response = sign_in(client, **fields)
        assert response.status_code == 200
        assert any(error_under(response, field) for field in ("login", "password"))

    def test_without_keep_me_signed_in_the_browser_forgets(self) -> None:
        alice()
        keeps, forgets = Client(), Client()
        sign_in(keeps, remember="on")
        sign_in(forgets)
        assert keeps.cookies["sessionid"]["max-age"] == 1209600
        assert forgets.cookies["sessionid"]["max-age"] == ""

    def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(self, client: Client) -> None:
        alice()
        sign_in(client)
        cookie = client.cookies["sessionid"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"

    def test_guessing_is_slowed_down_even_for_the_right_guess(self, client: Client) -> None:
        alice()
        for _ in range(10):
            sign_in(client, password="wrong")
        refused = error_under(sign_in(client), "password")
        assert re.fullmatch(r"Too many attempts\. Try again in [1-5] minutes?\.", refused)
        assert not Session.objects.exists()
        bob()
        assert sign_in(client, login="bob").status_code == 302

    def test_signing_in_often_is_no_guessing(self) -> None:
        alice()
        for _ in range(12):
            assert sign_in(Client()).status_code == 302

    def test_the_page_runs_no_inline_script_and_no_style(self, client: Client) -> None:
        alice()
        response = client.get("/accounts/login/")
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        page = response.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)


@pytest.mark.parametrize("key", [r'"aaaaaaaaaaaa\000b"', "aaaaaaaaaaaa\0", "a" * 5000, "é" * 32, "' OR 1=1 --"])
@pytest.mark.parametrize("page", ["/accounts/login/", "/accounts/password/change/", "/admin/"])
def test_a_forged_cookie_is_a_strangers(client: Client, key: str, page: str) -> None:
    alice()
    response = client.get(page, headers={"cookie": f"sessionid={key}"})
    assert response.status_code == (200 if page == "/accounts/login/" else 302)


class TestSignOut:
    def test_the_page_alone_signs_no_one_out(self, client: Client) -> None:
        client.force_login(alice())
        assert b"You are signed in as Alice." in client.get("/accounts/logout/").content
        assert Session.objects.exists()
        response = client.post("/accounts/logout/")
        assert response.headers["Location"] == "/accounts/login/"
        assert not Session.objects.exists()

    def test_everywhere_means_every_browser_and_every_jwt(self, client: Client) -> None:
        user = alice()
        client.force_login(user)
        elsewhere = Client()
        elsewhere.force_login(user)
        token = jwt.issue(user.participant)
        assert client.post("/accounts/logout/", {"everywhere": "1"}).headers["Location"] == "/accounts/login/"
        assert elsewhere.get("/accounts/password/change/").status_code == 302
        assert identify(headers={"authorization": f"Bearer {token}"}, cookies={}, query={}) is None

    def test_nothing_stays_on_the_device(self, client: Client) -> None:
        client.force_login(alice())
        client.cookies["last_room"] = "garden"
        response = client.post("/accounts/logout/")
        assert response.cookies["last_room"]["max-age"] == 0

    def test_an_anonymous_request_signs_no_one_out(self, client: Client) -> None:
        alice()
        assert client.post("/accounts/logout/", {"everywhere": "1"}).status_code == 302
        assert User.objects.get().session_generation == 0

    def test_another_site_cannot_sign_somebody_out(self) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(alice())
        assert browser.post("/accounts/logout/").status_code == 403
        assert Session.objects.exists()


class TestPasswordChange:
    def change(self, browser: Client, **fields: str) -> "Page":
        form = {"oldpassword": PASSWORD, "password1": "a longer horse"} | fields
        return browser.post("/accounts/password/change/", form, follow=True)

    def test_a_person_changes_their_password_and_stays_signed_in(self, client: Client) -> None:
        user = alice()
        client.force_login(user)
        assert b"Your password has been changed." in self.change(client).content
        user.refresh_from_db()
        assert user.check_password("a longer horse")
        assert client.get("/accounts/password/change/").status_code == 200

    @pytest.mark.parametrize(
        ("fields", "field", "sentence"),
        [
            ({"oldpassword": "wrong"}, "oldpassword", "That is not your current password."),
            ({"oldpassword": "a\0b"}, "oldpassword", "Null characters are not allowed."),
            ({"password1": "short"}, "password1", "at least 10 characters"),
            ({"password1": ""}, "password1", "This field is required."),
        ],
    )
    def test_what_will_not_do_is_said_under_its_field(
        self, client: Client, fields: dict[str, str], field: str, sentence: str
    ) -> None:
        user = alice()
        client.force_login(user)
        assert sentence in error_under(self.change(client, **fields), field)
        user.refresh_from_db()
        assert user.check_password(PASSWORD)

    def test_an_open_session_is_no_way_to_guess(self, client: Client) -> None:
        client.force_login(alice())
        for _ in range(10):
            self.change(client, oldpassword="wrong")
        assert "Too many attempts." in error_under(self.change(client), "oldpassword")

    def test_a_stranger_is_sent_to_sign_in(self, client: Client) -> None:
        alice()
        response = client.get("/accounts/password/change/")
        assert response.headers["Location"] == "/accounts/login/?next=/accounts/password/change/"


def test_the_sign_in_page_waits_for_one_group_of_styles() -> None:
    alice()
    page = Client().get("/accounts/login/").content.decode()
    assert re.findall(r'<link rel="stylesheet" href="([^"]+)"', page) == scripts.styles("sign_in")
    assert f"css/{scripts.STYLES['base'][0]}.css" in page or "bundles/sign_in.css" in page
