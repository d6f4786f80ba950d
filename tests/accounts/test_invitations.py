"""The page for inviting people: who may create an invitation, and what it grants."""

import re
from contextlib import suppress
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import invitations
from accounts.models import Invitation, User
from accounts.services import NotInvited, account_create, invitation_end, invitation_issue, sign_up
from chat.lib import mail
from chat.models import Membership, Room

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


def test_an_invitation_that_is_withdrawn_while_the_form_is_filled_in_admits_no_one() -> None:
    window, _ = browser_of("ada", staff=True)
    made, code = invitation_issue()
    stranger = Client()
    assert stranger.get("/accounts/signup/", {"invitation": code}).status_code == 200
    window.post(f"/invite/{made.pk}/end/")
    form = {"username": "dora", "display_name": "Dora", "password": "correct horse battery", "invitation": code}
    answer = stranger.post("/accounts/signup/", form)
    assert answer.status_code == 403
    assert "That invitation has been used, has expired or does not exist." in answer.content.decode()
    assert not User.objects.filter(username="dora").exists()


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


def test_an_invitation_lets_in_as_many_as_it_says_and_into_its_rooms() -> None:
    account_create(username="ada", password=None)
    Room.objects.create(slug="garden", title="Garden")
    Room.objects.create(slug="cellar", kind="private")
    made, code = invitation_issue(uses_max=2, rooms=["garden", "cellar", "nowhere"])
    for name in ("dora", "eve"):
        sign_up(username=name, password="correct horse battery", display_name="", invitation=code)
    with pytest.raises(NotInvited):
        sign_up(username="fay", password="correct horse battery", display_name="", invitation=code)
    made.refresh_from_db()
    assert (made.used, made.used_by) == (2, User.objects.get(username="eve"))
    assert set(Membership.objects.values_list("room__slug", "user__username")) == {
        ("garden", "dora"),
        ("garden", "eve"),
    }
    assert not User.objects.filter(username="fay").exists()


def test_an_invitation_without_a_limit_works_until_it_is_ended() -> None:
    account_create(username="ada", password=None)
    made, code = invitation_issue(uses_max=None)
    for name in ("dora", "eve"):
        sign_up(username=name, password="correct horse battery", display_name="", invitation=code)
    invitation_end(pk=made.pk, user=account_create(username="boss", password=None, staff=True))
    with pytest.raises(NotInvited):
        sign_up(username="fay", password="correct horse battery", display_name="", invitation=code)


def test_a_link_for_several_people_has_a_code_to_photograph_and_a_short_address() -> None:
    window, _ = browser_of("ada", staff=True)
    Room.objects.create(slug="garden", title="Garden")
    page = window.post("/invite/", {"note": "", "days": "7", "uses": "25", "rooms": "#garden lobby"}).content.decode()
    assert "<svg" in page[page.index("QR code") :]
    made = Invitation.objects.get()
    assert (made.uses_max, made.rooms) == (25, "garden lobby")
    assert "Used 0 of 25 times." in page
    assert window.get("/join/some-code/")["Location"] == "/accounts/signup/?invitation=some-code"
    refused = window.post("/invite/", {"days": "7", "uses": "1", "rooms": "../etc"}).content.decode()
    assert "Write the addresses of rooms" in refused


@pytest.mark.parametrize("room", ["nowhere", "secret", "closed"])
def test_an_invitation_leads_into_public_rooms_alone(room: str) -> None:
    window, _ = browser_of("ada", staff=True)
    Room.objects.create(slug="secret", title="Secret", kind=Room.Kind.PRIVATE)
    Room.objects.create(slug="closed", title="Closed", archived=True)
    refused = window.post("/invite/", {"note": "N", "days": "7", "uses": "1", "rooms": f"lobby {room}"})
    assert f"There is no public room with this address: {room}" in refused.content.decode()
    assert not Invitation.objects.exists()


def test_members_invite_and_end_their_own_where_the_operator_lets_them(settings: Any) -> None:
    settings.CHAT_WHO_INVITES = "everyone"
    others, _ = invitation_issue(note="Of the boss")
    window, bob = browser_of("bob")
    window.post("/invite/", {"note": "Of Bob", "days": "7", "uses": "1"})
    page = window.get("/invite/").content.decode()
    assert "Of Bob" in page
    assert "Of the boss" not in page
    window.post(f"/invite/{others.pk}/end/")
    assert Invitation.objects.usable().filter(pk=others.pk).exists()
    window.post(f"/invite/{Invitation.objects.get(created_by=bob).pk}/end/")
    assert not Invitation.objects.usable().filter(created_by=bob).exists()


def test_the_links_of_a_person_who_was_deactivated_admit_no_one() -> None:
    account_create(username="founder", password=None)
    ada = account_create(username="ada", password=None)
    _made, code = invitation_issue(created_by=ada, uses_max=None)
    _other, kept = invitation_issue(uses_max=None)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    with pytest.raises(NotInvited):
        sign_up(username="dora", password="correct horse battery", display_name="", invitation=code)
    sign_up(username="dora", password="correct horse battery", display_name="", invitation=kept)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("note", "\u200b", "Use only letters, digits, punctuation, symbols and spaces."),
        ("emails", f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.example", "This is not an address"),
    ],
)
def test_what_cannot_be_stored_is_refused_beside_its_field(
    settings: Any, field: str, value: str, sentence: str
) -> None:
    settings.CHAT_RESET_BY_EMAIL, settings.CHAT_PUBLIC_URL = True, "https://chat.example"
    window, _ = browser_of("ada", staff=True)
    page = window.post("/invite/", {"days": "7", "uses": "1", field: value})
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert not Invitation.objects.exists()


def test_a_member_has_a_limit_of_open_invitations_and_an_administrator_none(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHAT_WHO_INVITES = "everyone"
    monkeypatch.setattr("accounts.invitations.OPEN_MAX", 1)
    window, _ = browser_of("bob")
    asked = {"days": "7", "uses": "1"}
    window.post("/invite/", asked)
    assert "At most 1 of your invitations can be open." in window.post("/invite/", asked).content.decode()
    assert Invitation.objects.count() == 1
    boss, _ = browser_of("ada", staff=True)
    for _time in range(2):
        boss.post("/invite/", asked)
    assert Invitation.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_e_mails_of_two_forms_at_once_are_counted_one_after_the_other(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHAT_RESET_BY_EMAIL, settings.CHAT_PUBLIC_URL = True, "https://chat.example"
    monkeypatch.setattr(invitations, "MAILS_AN_HOUR", 1)
    both_have_counted, counted = Barrier(2), invitations._mailed_lately

    def slowly(user: User) -> int:
        found = counted(user)
        with suppress(BrokenBarrierError):
            both_have_counted.wait(0.3)
        return found

    monkeypatch.setattr(invitations, "_mailed_lately", slowly)
    _window, ada = browser_of("ada", staff=True)

    def send(number: int) -> None:
        client = Client()
        client.force_login(ada)
        try:
            client.post("/invite/", {"days": "7", "emails": f"p{number}@mail.example"})
        finally:
            connection.close()

    threads = [Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mail.wait()
    assert Invitation.objects.count() == 1
