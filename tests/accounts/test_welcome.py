"""The first minutes of the first administrator, of a member, and of people invited by e-mail."""

import io
import re
from typing import Any

import pytest
from django.core import mail as outbox
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import Invitation, User, Workspace
from accounts.services import account_create, sign_up
from accounts.workspace import first_steps, mail_is_set_up, signup
from chat.lib import mail
from chat.models import AuditEntry, Membership, Room
from chat.services.members import room_join
from chat.services.posting import Draft, messages_post
from support.password import PASSWORD
from your_project import env

pytestmark = pytest.mark.django_db


def signed_up(username: str, **fields: str) -> tuple[Client, Any]:
    client = Client()
    answer = client.post(
        "/accounts/signup/", {"username": username, "display_name": username.title(), "password": PASSWORD, **fields}
    )
    return client, answer


def test_the_first_administrator_names_the_workspace_makes_rooms_and_opens_the_door() -> None:
    window, answer = signed_up("ada")
    assert answer.headers["Location"] == "/welcome/"
    assert "Others cannot reach this address yet." in window.get("/welcome/").content.decode()
    assert window.post("/welcome/", {"step": "1", "name": "Harbour <3"}).headers["Location"] == "/welcome/?step=2"
    chosen = {"step": "2", "suggested": ["random", "projects"], "own": "Büro Süd"}
    for _twice in range(2):
        assert window.post("/welcome/", chosen).headers["Location"] == "/welcome/?step=3"
    assert Membership.objects.filter(user__username="ada", room__slug="lobby").exists(), "where newcomers are"
    assert {"random", "projects"} <= set(Room.objects.values_list("slug", flat=True))
    page = window.post("/welcome/", {"step": "3", "signup": "invite"}).content.decode()
    link = re.search(r'value="http://localhost:8000(/accounts/signup/\?invitation=[\w-]+)"', page)
    assert link
    assert "<svg" in page
    assert (signup(), Invitation.objects.get().uses_max) == ("invite", 25)
    guest = Client().get(link[1]).content.decode()
    assert "Harbour &lt;3" in guest
    assert window.post("/welcome/", {"done": "1"}).headers["Location"] == "/rooms/lobby/"
    assert window.get("/welcome/").status_code == 302, "shown once"
    assert {entry.action for entry in AuditEntry.objects.all()} == {"workspace"}


def test_without_a_lobby_the_welcome_ends_in_another_room() -> None:
    window, _ = signed_up("ada")
    Room.objects.filter(slug="lobby").update(archived=True)
    assert window.post("/welcome/", {"done": "1"}).headers["Location"] == "/"


def test_mail_that_is_written_to_the_terminal_is_not_set_up(settings: Any) -> None:
    settings.CHAT_RESET_BY_EMAIL = True
    settings.EMAIL_BACKEND = env.mail("EMAIL_URL")["EMAIL_BACKEND"]
    assert not mail_is_set_up()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert mail_is_set_up()


def test_a_picture_is_chosen_with_the_name_and_a_bad_one_keeps_the_step() -> None:
    window, _ = signed_up("ada")
    bad = SimpleUploadedFile("notes.txt", b"no picture")
    page = window.post("/welcome/", {"step": "1", "name": "Harbour", "file": bad})
    assert page.status_code == 200
    assert "Choose a picture" in page.content.decode()
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(out, "PNG")
    good = SimpleUploadedFile("logo.png", out.getvalue(), "image/png")
    answer = window.post("/welcome/", {"step": "1", "name": "Harbour", "file": good})
    assert answer.headers["Location"] == "/welcome/?step=2"
    assert Workspace.objects.get().picture


def test_the_welcome_is_the_administrators() -> None:
    account_create(username="founder", password=None)
    window, answer = signed_up("dora")
    assert answer.headers["Location"] != "/welcome/"
    assert window.get("/welcome/").status_code == 302
    window.post("/welcome/", {"step": "1", "name": "Mine"})
    assert not Workspace.objects.exists()
    assert Client().post("/welcome/", {"step": "1", "name": "Mine"}).headers["Location"].startswith("/accounts/login/")


def test_a_new_member_sees_first_steps_until_they_have_written() -> None:
    account_create(username="founder", password=None)
    made = account_create(username="quiet", password=None)
    dora = sign_up(username="dora", password=PASSWORD, display_name="Dora")
    assert first_steps(made) is None
    assert first_steps(dora) == {"workspace": "Backchannel", "administrator": False}
    room_join(user=dora.participant, room="lobby")
    messages_post([Draft(dora.participant, "lobby", "hello")])
    assert first_steps(dora) is None


def test_an_administrators_first_steps_tick_themselves_and_go_when_put_away() -> None:
    window, _ = signed_up("ada")
    ada = User.objects.get(username="ada")
    steps = first_steps(ada)
    assert steps
    assert (steps["administrator"], steps["invited"]) == (True, False)
    account_create(username="dora", password=None)
    assert (first_steps(ada) or {})["invited"]
    assert window.post("/welcome/seen/").status_code == 302
    ada.refresh_from_db()
    assert first_steps(ada) is None


@pytest.mark.usefixtures("_mailing")
class TestByMail:
    """Invitations by e-mail."""

    @pytest.fixture
    def _mailing(self, settings: Any) -> None:
        settings.CHAT_SIGNUP, settings.CHAT_RESET_BY_EMAIL = "invite", True
        settings.CHAT_PUBLIC_URL = "https://chat.example"

    def test_each_gets_a_link_of_their_own(self) -> None:
        window, _ = signed_up("ada")
        asked = {"emails": "one@mail.example, Two@mail.example\none@mail.example", "words": "Come in", "days": "7"}
        page = window.post("/invite/", asked).content.decode()
        mail.wait()
        assert "2 invitations were sent." in page
        assert sorted(message.to[0] for message in outbox.outbox) == ["one@mail.example", "two@mail.example"]
        bodies = [str(message.body) for message in outbox.outbox]
        assert all("Come in" in body and "https://chat.example/accounts/signup/" in body for body in bodies)
        assert len({re.findall("invitation=([^ \n]+)", body)[0] for body in bodies}) == 2
        assert set(Invitation.objects.values_list("email", "uses_max")) == {
            ("one@mail.example", 1),
            ("two@mail.example", 1),
        }

    def test_what_is_no_address_is_named_and_no_one_invites_without_end(self, monkeypatch: Any) -> None:
        window, _ = signed_up("ada")
        page = window.post("/invite/", {"emails": "one@mail.example, nonsense", "days": "7"}).content.decode()
        assert "This is not an address: nonsense" in page
        monkeypatch.setattr("accounts.invitations.MAILS_AN_HOUR", 0)
        page = window.post("/invite/", {"emails": "one@mail.example", "days": "7"}).content.decode()
        assert "You have invited many people in this hour." in page
        mail.wait()
        assert not outbox.outbox
        assert not Invitation.objects.exists()
