"""The page for inviting people: who may make an invitation, and what it is worth."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation, User
from accounts.services import account_create, invitation_issue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _by_invitation(settings: Any) -> None:
    settings.CHAT_SIGNUP = "invite"


def browser_of(username: str, *, staff: bool = False) -> tuple[Client, User]:
    account_create(username=f"before-{username}", password=None)
    user = account_create(username=username, password=None, staff=staff)
    client = Client()
    client.force_login(user)
    return client, user


def test_an_administrator_makes_a_link_that_lets_one_person_in() -> None:
    window, ada = browser_of("ada", staff=True)
    page = window.post("/invite/", {"note": "For Dora", "days": "1"}).content.decode()
    found = re.search(r'value="http://localhost:8000(/accounts/signup/\?invitation=[\w-]+)"', page)
    assert found
    made = Invitation.objects.get()
    assert (made.note, made.created_by) == ("For Dora", ada)
    assert made.expires_at
    assert 23 < (made.expires_at - timezone.now()).total_seconds() / 3600 <= 24
    assert "For Dora" in window.get("/invite/").content.decode()
    assert found[1] not in window.get("/invite/").content.decode(), "shown once"
    assert Client().get(found[1]).status_code == 200


def test_a_pasted_link_is_as_good_as_its_code() -> None:
    account_create(username="ada", password=None)
    _, code = invitation_issue()
    sign_in = Client().get("/accounts/login/").content.decode()
    assert 'name="invitation"' in sign_in
    pasted = f"https://chat.example/accounts/signup/?invitation={code}"
    assert Client().get("/accounts/signup/", {"invitation": pasted}).status_code == 200


def test_the_page_with_an_invitations_code_is_not_compressed() -> None:
    account_create(username="before", password=None)
    _made, code = invitation_issue(note="", created_by=None, expires_at=None)
    stranger = Client(headers={"accept-encoding": "gzip"})
    page = stranger.get("/accounts/signup/", {"invitation": code})
    assert code in page.content.decode()
    assert not page.has_header("Content-Encoding")
    assert stranger.get("/accounts/login/").headers["Content-Encoding"] == "gzip"


def test_a_withdrawn_invitation_admits_no_one() -> None:
    window, _ = browser_of("ada", staff=True)
    made, code = invitation_issue()
    window.post(f"/invite/{made.pk}/end/")
    assert Client().get("/accounts/signup/", {"invitation": code}).status_code == 403
    assert window.post("/invite/999/end/").status_code == 302


@pytest.mark.parametrize("mode", ["invite", "closed"])
def test_a_person_who_may_not_invite_reads_who_may(settings: Any, mode: str) -> None:
    settings.CHAT_SIGNUP = mode
    made, _ = invitation_issue()
    window, user = browser_of("bob")
    for answer in (
        window.get("/invite/"),
        window.post("/invite/", {"days": "7"}),
        window.post(f"/invite/{made.pk}/end/"),
    ):
        assert answer.status_code == 403
        assert "Only administrators invite people here." in answer.content.decode()
    user.is_staff = True
    user.save()
    assert window.get("/invite/").status_code == (403 if mode == "invite" else 200), "staff need the right for it"
    user.user_permissions.add(Permission.objects.get(codename="add_invitation"))
    assert window.get("/invite/").status_code == 200
    assert Invitation.objects.usable().count() == 1


def test_a_stranger_signs_in_first() -> None:
    assert Client().get("/invite/")["Location"] == "/accounts/login/?next=/invite/"
    assert Client().post("/invite/", {"days": "7"}).status_code == 302
    assert not Invitation.objects.exists()


def test_where_everybody_may_join_the_address_is_enough(settings: Any) -> None:
    settings.CHAT_SIGNUP = "open"
    window, _ = browser_of("bob")
    page = window.post("/invite/", {"days": "7"}).content.decode()
    assert 'value="http://localhost:8000/"' in page
    assert not Invitation.objects.exists()


def test_a_proposed_username_that_is_taken_is_followed_by_a_free_one(settings: Any) -> None:
    settings.CHAT_SIGNUP = "open"
    for name in ("petra.lang", "Petra.Lang2", "petra.langer"):
        account_create(username=name, password=None)
    asked = {"username": "petra.lang", "proposed": "1"}
    answer = Client().get("/accounts/signup/username/", asked).json()
    assert answer == {"error": "That username is taken.", "free": "petra.lang3"}
    assert "free" not in Client().get("/accounts/signup/username/", {"username": "petra.lang"}).json()
    for hopeless in ("room-", "", "deleted-4"):
        assert not Client().get("/accounts/signup/username/", {"username": hopeless, "proposed": "1"}).json()["free"]
