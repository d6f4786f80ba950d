"""The administration of accounts, as a browser sees it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation, User
from chat.identity.credentials import identify
from chat.models import ApiToken
from chat.services.tokens import token_issue
from support.accounts import PASSWORD, alice, bob, charlie, person

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    user = person("ada", is_staff=True)
    user.is_superuser = True
    user.save()
    return user


@pytest.fixture
def office(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def run_action(office: Client, page: str, action: str, *rows: Any) -> "Page":
    form = {"action": action, "_selected_action": [row.pk for row in rows]}
    app = "chat" if page == "apitoken" else "accounts"
    return office.post(f"/admin/{app}/{page}/", form, follow=True)


def helper(*codenames: str) -> Client:
    """The browser of a staff member with a few rights."""
    user = person("helper", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


class TestDoor:
    def test_it_opens_by_the_products_own_sign_in(self, client: Client, admin: User) -> None:
        response = client.get("/admin/login/?next=/admin/accounts/user/")
        assert response.headers["Location"] == "/accounts/login/?next=%2Fadmin%2Faccounts%2Fuser%2F"
        response = client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
        assert response.headers["Location"].startswith("/accounts/login/")
        assert not Session.objects.exists()

    def test_an_ordinary_person_is_refused(self, client: Client) -> None:
        client.force_login(alice())
        assert client.get("/admin/login/").status_code == 403
        assert client.get("/admin/accounts/user/").status_code == 302

    def test_it_wears_the_products_colours(self, office: Client) -> None:
        page = office.get("/admin/").content
        assert b"Backchannel admin" in page
        assert b"css/admin.css" in page
        assert not re.search(rb"<script(?![^>]*\bsrc=)|<style", page)


class TestUsers:
    @pytest.mark.parametrize("query", ["?q=ali", "?is_active__exact=1", "?is_staff__exact=0", "?o=1", ""])
    def test_people_are_found(self, office: Client, query: str) -> None:
        alice()
        assert b"alice" in office.get(f"/admin/accounts/user/{query}").content
        assert b"alice" not in office.get("/admin/accounts/user/?q=nobody").content

    def test_a_person_is_added_by_the_rules_of_sign_up(self, office: Client) -> None:
        form = {"username": "dora", "display_name": "Dora", "usable_password": "true"}
        form |= {"password1": PASSWORD, "password2": PASSWORD}
        response = office.post("/admin/accounts/user/add/", form | {"username": "ADA"})
        assert b"That username is taken." in response.content
        assert office.post("/admin/accounts/user/add/", form).status_code == 302
        user = User.objects.get(username="dora")
        assert user.check_password(PASSWORD)
        assert not user.is_staff

    def edit(self, office: Client, user: User, **fields: str) -> "Page":
        form = {"username": user.username, "display_name": user.display_name, "is_active": "on", "email": ""} | fields
        form = {name: value for name, value in form.items() if value or name == "email"}
        return office.post(f"/admin/accounts/user/{user.pk}/change/", form)

    def test_a_person_is_renamed_to_no_other(self, office: Client) -> None:
        user, _ = alice(), bob()
        assert b"That username is taken." in self.edit(office, user, username="BOB").content
        assert self.edit(office, user, username="alicia").status_code == 302

    @pytest.mark.django_db(transaction=True)
    def test_deactivating_and_promoting_reach_the_open_sockets(self, office: Client, told: list[int]) -> None:
        user = alice()
        assert self.edit(office, user, display_name="Alice L.").status_code == 302
        assert told == []
        self.edit(office, user, is_staff="on")
        self.edit(office, user, is_staff="on", is_active="")
        assert told == [user.participant.pk] * 2
        user.refresh_from_db()
        assert (user.is_active, user.is_staff, user.participant.access_rev, user.session_generation) == (
            False,
            True,
            2,
            1,
        )

    @pytest.mark.django_db(transaction=True)
    def test_a_new_password_ends_the_sessions(self, office: Client, admin: User, told: list[int]) -> None:
        user = alice()
        form = {"usable_password": "true", "password1": "a longer horse", "password2": "a longer horse"}
        assert office.post(f"/admin/accounts/user/{user.pk}/password/", form).status_code == 302
        # Django also gives the administrator's own browser a new session key.
        assert told == [user.participant.pk, admin.participant.pk]

    @pytest.mark.django_db(transaction=True)
    def test_several_people_are_signed_out_everywhere(self, office: Client, told: list[int]) -> None:
        people = [alice(), bob()]
        theirs = Client()
        theirs.force_login(people[0])
        page = run_action(office, "user", "sign_out_everywhere", *people)
        assert b"Signed out everywhere: alice, bob." in page.content
        cookie = {"sessionid": theirs.cookies["sessionid"].value}
        assert identify(headers={}, cookies=cookie, query={}) is None
        assert sorted(told) == [user.participant.pk for user in people]

    def test_one_deactivates_others_but_not_oneself(self, office: Client, admin: User) -> None:
        user = alice()
        assert b"Deactivated: alice." in run_action(office, "user", "deactivate", user, admin).content
        assert list(User.objects.filter(is_active=False)) == [user]

    def test_an_account_cannot_be_deleted_in_the_admin(self, office: Client) -> None:
        user = alice()
        assert office.post(f"/admin/accounts/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403
        run_action(office, "user", "delete_selected", user)
        assert User.objects.filter(pk=user.pk).exists()

    def test_a_helper_makes_no_administrator_and_changes_none(self, admin: User) -> None:
        office, user = helper("view_user", "change_user"), alice()
        self.edit(office, user, is_staff="on", is_superuser="on", display_name="Al")
        user.refresh_from_db()
        assert (user.display_name, user.is_staff, user.is_superuser) == ("Al", False, False)
        form = {"usable_password": "true", "password1": "a longer horse", "password2": "a longer horse"}
        assert office.post(f"/admin/accounts/user/{admin.pk}/password/", form).status_code == 403
        assert self.edit(office, admin, display_name="Eve").status_code == 403
        assert b"Deactivated: nobody." in run_action(office, "user", "deactivate", admin).content
        admin.refresh_from_db()
        assert admin.is_active
        assert admin.check_password(PASSWORD)

    def test_a_helper_does_not_become_a_colleague_either(self, office: Client) -> None:
        colleague, office = person("colleague", is_staff=True), helper("view_user", "change_user")
        form = {"usable_password": "true", "password1": "a longer horse", "password2": "a longer horse"}
        assert office.post(f"/admin/accounts/user/{colleague.pk}/password/", form).status_code == 403
        assert self.edit(office, colleague, email="helper@example.org").status_code == 403
        assert self.edit(office, User.objects.get(username="helper"), display_name="Help").status_code == 302

    def test_a_helper_takes_no_account_over(self) -> None:
        office, user = helper("view_user", "change_user", "change_group", "add_group", "view_group"), alice()
        form = {"usable_password": "true", "password1": "a longer horse", "password2": "a longer horse"}
        for taken in (user, User.objects.get(username="helper")):
            assert office.post(f"/admin/accounts/user/{taken.pk}/password/", form).status_code == 403
        assert (
            self.edit(office, user, email="helper@example.org", username="alicia", display_name="Al").status_code == 302
        )
        user.refresh_from_db()
        assert (user.display_name, user.email, user.username) == ("Al", "", "alice")
        assert user.check_password(PASSWORD)
        assert office.post("/admin/auth/group/add/", {"name": "friends"}).status_code == 403

    def test_ones_own_password_is_changed_on_the_products_page(self, office: Client) -> None:
        assert office.get("/admin/password_change/").headers["Location"] == "/accounts/password/change/"

    def test_the_last_administrator_stays_one(self, office: Client, admin: User) -> None:
        only = b"This is the only administrator. Make somebody else an administrator first."
        assert only in self.edit(office, admin, is_staff="on").content
        assert only in self.edit(office, admin, is_staff="on", is_superuser="on", is_active="").content
        assert only in office.post(f"/admin/accounts/user/{admin.pk}/change/", {"username": "ada"}).content
        admin.refresh_from_db()
        assert (admin.is_superuser, admin.is_active) == (True, True)
        User.objects.filter(pk=alice().pk).update(is_superuser=True, is_staff=True)
        assert self.edit(office, admin, is_staff="on").status_code == 302


class TestTokens:
    def add(self, office: Client, user: User, expires_at: str = "") -> "Page":
        date, _, time = expires_at.partition(" ")
        form = {"user": str(user.participant.pk), "name": "ci", "expires_at_0": date, "expires_at_1": time}
        return office.post("/admin/chat/apitoken/add/", form, follow=True)

    def test_the_key_is_shown_once(self, office: Client) -> None:
        user = alice()
        shown = re.search(r"bc_[\w-]{43}", self.add(office, user).content.decode())
        assert shown
        identity = identify(headers={"authorization": f"Bearer {shown[0]}"}, cookies={}, query={})
        assert identity
        assert identity.user == user.participant
        token = ApiToken.objects.get()
        for page in ("", f"{token.pk}/change/", f"{token.pk}/history/"):
            content = office.get(f"/admin/chat/apitoken/{page}").content.decode()
            assert shown[0] not in content
            assert token.token_hash not in content

    def test_a_token_that_is_over_already_is_refused(self, office: Client) -> None:
        assert b"Choose a time in the future" in self.add(office, alice(), "2020-01-01 00:00:00").content
        assert not ApiToken.objects.exists()

    def test_it_is_never_edited_or_deleted(self, office: Client) -> None:
        token, _ = token_issue(user=alice().participant, name="ci")
        before = ApiToken.objects.values().get()
        form = {"user": str(bob().participant.pk), "name": "other", "token_hash": "0" * 64, "revoked_at": ""}
        assert office.post(f"/admin/chat/apitoken/{token.pk}/change/", form).status_code == 403
        assert office.post(f"/admin/chat/apitoken/{token.pk}/delete/", {"post": "yes"}).status_code == 403
        assert ApiToken.objects.values().get() == before

    @pytest.mark.django_db(transaction=True)
    def test_it_is_revoked_and_its_sockets_are_checked(self, office: Client, told: list[int]) -> None:
        token, key = token_issue(user=alice().participant, name="ci")
        assert b"Revoked: ci" in run_action(office, "apitoken", "revoke", token).content
        assert identify(headers={}, cookies={}, query={"token": key}) is None
        assert told == [token.user_id]

    def test_only_administrators_make_tokens_for_others(self, admin: User) -> None:
        office = helper("view_apitoken", "add_apitoken", "change_apitoken", "view_user")
        assert self.add(office, admin).status_code == 403
        token, _ = token_issue(user=admin.participant, name="ci")
        run_action(office, "apitoken", "revoke", token)
        token.refresh_from_db()
        assert token.revoked_at

    def test_a_helper_who_may_only_look_revokes_nothing(self) -> None:
        token, _ = token_issue(user=alice().participant, name="ci")
        run_action(helper("view_apitoken"), "apitoken", "revoke", token)
        token.refresh_from_db()
        assert token.revoked_at is None


class TestInvitations:
    def test_the_link_is_shown_once_and_lets_one_person_in(self, office: Client, settings: Any) -> None:
        settings.CHAT_SIGNUP = "invite"
        form = {"note": "Dora", "expires_at_0": "", "expires_at_1": ""}
        page = office.post("/admin/accounts/invitation/add/", form, follow=True).content.decode()
        link = re.search(r"http://localhost:8000(/accounts/signup/\?invitation=[\w-]+)", page)
        assert link
        assert b"You were invited to Backchannel by ada." in Client().get(link[1]).content
        assert link[1].encode() not in office.get("/admin/accounts/invitation/").content
        assert Invitation.objects.get().note == "Dora"


def _people(count: int) -> None:
    User.objects.bulk_create(User(username=f"person{n}", password="!") for n in range(count))


def _tokens(count: int) -> None:
    for user in (charlie(), bob()):
        rows = (
            ApiToken(user=user.participant, name=f"t{n}", token_hash=f"{user}{n}", hint="bc_") for n in range(count)
        )
        ApiToken.objects.bulk_create(rows)


def _invitations(count: int) -> None:
    user = charlie()
    soon = timezone.now() + timedelta(days=1)
    rows = (Invitation(code_hash=str(n), created_by=user, used_by=user, expires_at=soon) for n in range(count))
    Invitation.objects.bulk_create(rows)


@pytest.mark.parametrize(
    ("page", "make", "queries"),
    [("accounts/user", _people, 6), ("chat/apitoken", _tokens, 6), ("accounts/invitation", _invitations, 6)],
)
def test_a_list_costs_the_same_whatever_its_length(
    office: Client, django_assert_num_queries: Any, page: str, make: Callable[[int], None], queries: int
) -> None:
    make(40)
    with django_assert_num_queries(queries):
        assert office.get(f"/admin/{page}/").status_code == 200
