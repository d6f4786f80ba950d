"""Members and bans in the admin."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chat.models import Ban, Membership, Participant, Room
from support.people import charlie, person
from tests.chat.office import Heard, act, committed, record

pytestmark = pytest.mark.django_db


class TestMembers:
    @pytest.fixture
    def row(self, garden: Room) -> Membership:
        return garden.memberships.select_related("user").get(user__username="bob")

    def change(self, office: Client, row: Membership, **fields: str) -> Any:
        return office.post(f"/admin/chat/membership/{row.pk}/change/", fields, follow=True)

    def test_a_role_is_given_and_checked_by_the_open_sockets(self, office: Client, row: Membership) -> None:
        self.change(office, row, role="moderator", read_seq="99", user="1")
        row.refresh_from_db()
        assert (row.role, row.read_seq, row.user.username) == ("moderator", 0, "bob")
        assert Participant.objects.get(username="bob").access_rev == 1
        assert record() == [("ada", "role", "garden", "bob", "")]

    def test_staff_do_not_promote_themselves(self, office: Client, ada: Participant, garden: Room) -> None:
        own = Membership.objects.create(room=garden, user=ada)
        assert b"your own role" in self.change(office, own, role="owner").content
        own.refresh_from_db()
        assert own.role == "member"

    @committed
    def test_somebody_is_added_to_a_private_room(self, office: Client, garden: Room, heard: Heard) -> None:
        user = charlie()
        form = {"room": str(garden.pk), "user": str(user.pk)}
        assert office.post("/admin/chat/membership/add/", form).status_code == 302
        assert garden.memberships.filter(user=user, role="member").exists()
        assert heard[0]["message"] == "ada added charlie"
        user.refresh_from_db()
        assert user.access_rev == 1
        assert b"already exists" in office.post("/admin/chat/membership/add/", form).content

    def test_a_refusal_is_a_sentence_on_the_page(self, office: Client, garden: Room) -> None:
        user = charlie()
        Ban.objects.create(room=garden, user=user)
        form = {"room": str(garden.pk), "user": str(user.pk)}
        page = office.post("/admin/chat/membership/add/", form, follow=True)
        assert b"Charlie is banned from this room" in page.content
        assert b"successfully" not in page.content

    @committed
    @pytest.mark.parametrize("action", ["kick", "ban"])
    def test_a_member_is_sent_away(self, office: Client, row: Membership, heard: Heard, action: str) -> None:
        act(office, "membership", action, row, reason="rude")
        reason = {"kick": "kicked", "ban": "banned"}[action]
        assert {"type": "left", "user": row.user_id, "reason": reason} in heard
        assert not Membership.objects.filter(pk=row.pk).exists()
        assert Ban.objects.filter(user=row.user, until=None, reason="rude").exists() is (action == "ban")
        assert record() == [("ada", action, "garden", "bob", "rude")]
        assert Participant.objects.get(username="bob").access_rev == 1

    def test_a_member_is_silenced_for_a_while_and_speaks_again(self, office: Client, row: Membership) -> None:
        act(office, "membership", "mute", row, minutes="5", reason="shouting")
        row.refresh_from_db()
        assert row.muted_until
        assert timedelta(minutes=4) < row.muted_until - timezone.now() <= timedelta(minutes=5)
        act(office, "membership", "unmute", row, reason="sorry")
        row.refresh_from_db()
        assert row.muted_until is None
        assert [entry[1::3] for entry in record()] == [("mute", "shouting"), ("unmute", "sorry")]
        assert Participant.objects.get(username="bob").access_rev == 2

    @pytest.mark.parametrize("minutes", ["0", "-1", "525601", "9" * 400, "soon", ""])
    def test_a_time_that_is_none_is_asked_for_again(self, office: Client, row: Membership, minutes: str) -> None:
        form = {"action": "mute", "_selected_action": [row.pk], "confirmed": "yes", "minutes": minutes}
        assert b"errorlist" in office.post("/admin/chat/membership/", form).content
        row.refresh_from_db()
        assert row.muted_until is None

    def test_what_cannot_be_done_to_one_is_done_to_the_others(
        self, office: Client, row: Membership, garden: Room
    ) -> None:
        colleague = Membership.objects.create(room=garden, user=person("eve", is_staff=True))
        page = act(office, "membership", "kick", colleague, row)
        assert b"Eve in #garden: " in page.content
        assert b"lower role than yours" in page.content
        assert b"1 done" in page.content
        assert set(garden.memberships.values_list("user__username", flat=True)) == {"alice", "eve"}


class TestBans:
    def test_a_stranger_to_the_room_is_kept_out_and_let_in_again(self, office: Client, garden: Room) -> None:
        user = charlie()
        form = {"room": str(garden.pk), "user": str(user.pk), "minutes": "30", "reason": "elsewhere"}
        assert office.post("/admin/chat/ban/add/", form).status_code == 302
        ban = Ban.objects.get(user=user)
        assert ban.until
        assert ban.reason == "elsewhere"
        act(office, "ban", "lift", ban, reason="talked it over")
        assert not Ban.objects.exists()
        assert record() == [
            ("ada", "ban", "garden", "charlie", "elsewhere"),
            ("ada", "unban", "garden", "charlie", "talked it over"),
        ]
        assert Participant.objects.get(username="charlie").access_rev == 2

    def test_it_is_never_edited_or_deleted(self, office: Client, garden: Room) -> None:
        ban = Ban.objects.create(room=garden, user=charlie(), reason="x")
        assert office.post(f"/admin/chat/ban/{ban.pk}/change/", {"reason": "y"}).status_code == 403
        assert office.post(f"/admin/chat/ban/{ban.pk}/delete/", {"post": "yes"}).status_code == 403
