"""Deleting an account: the person goes, and their messages stay."""

import pytest
from django.test import Client

from chat.identity.credentials import identify
from chat.models import Membership, Message, Participant, Room
from chat.services.members import room_join, room_leave
from chat.services.moderation import member_ban, member_kick
from chat.services.posting import Draft, messages_post
from chat.services.rooms import direct_room_open
from chat.services.tokens import token_issue
from support.people import PASSWORD, alice, bob, login_of, person, room
from tests.pages.settings_page import browser_of, page

pytestmark = pytest.mark.django_db


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
        assert lines[0].rev == rev + 1, "the change takes the next number, for clients that resume"

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
