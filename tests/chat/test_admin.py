"""The chat's admin, as a browser sees it: actions of staff go through the services."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from chat.models import (
    AuditEntry,
    Connection,
    Membership,
    Message,
    MessageVersion,
    Participant,
    ProcessLease,
    Room,
    ServerState,
)
from chat.services.messages import message_edit
from chat.services.search_index import index_step
from chat.services.versions import KEPT_FOR
from support.people import alice, bob, login_of, person, room
from tests.chat.office import Heard, act, committed, record, say

pytestmark = pytest.mark.django_db


class TestMessages:
    def edit(self, office: Client, message: Message, **fields: str) -> Any:
        return office.post(f"/admin/chat/message/{message.pk}/change/", fields, follow=True)

    @committed
    def test_an_edit_takes_a_number_reaches_the_sockets_and_is_recorded(
        self, office: Client, garden: Room, heard: Heard
    ) -> None:
        message = say(garden.memberships.get(user__username="bob").user, garden, "call 555-1234")
        heard.clear()
        page = self.edit(office, message, text="call me\r\nlater @alice", reason="a phone number")
        assert b"was changed successfully" in page.content
        [state] = heard
        assert (state["seq"], state["rev"], state["message"]) == (1, 2, "call me\nlater @alice")
        assert (state["username"], state["mentions"]) == ("bob", ["alice"])
        garden.refresh_from_db()
        assert (garden.last_seq, garden.last_rev) == (1, 2)
        assert record() == [("ada", "edit_message", "garden", "bob", "a phone number")]

    @committed
    def test_content_is_taken_away_and_the_place_stays(self, office: Client, garden: Room, heard: Heard) -> None:
        user = Participant.objects.get(username="bob")
        spam, fine = say(user, garden, "spam"), say(user, garden, "fine")
        heard.clear()
        assert b"1 done" in act(office, "message", "take_away", spam, reason="spam").content
        [state] = heard
        assert (state["seq"], state["deleted"], state["message"], state["deleted_by"]) == (1, True, "", "ada")
        assert list(Message.objects.order_by("seq").values_list("text", flat=True)) == ["", fine.text]
        assert record() == [("ada", "delete_message", "garden", "bob", "spam")]

    @committed
    def test_what_a_clearing_hid_can_be_taken_away_without_showing_it_again(
        self, office: Client, garden: Room, heard: Heard
    ) -> None:
        message = say(Participant.objects.get(username="bob"), garden, "a secret")
        act(office, "room", "clear", garden)
        heard.clear()
        act(office, "message", "take_away", message)
        assert heard == []
        message.refresh_from_db()
        # The clearing took 2, and its system line 3.
        assert (message.text, message.rev) == ("", 4)

    @pytest.mark.parametrize("text", ["", "  \u200b ", "x" * 10_001])
    def test_an_edited_message_must_be_one_that_could_be_sent(self, office: Client, garden: Room, text: str) -> None:
        message = say(Participant.objects.get(username="bob"), garden, "hello")
        self.edit(office, message, text=text)
        message.refresh_from_db()
        assert (message.text, message.rev) == ("hello", 1)

    def test_numbers_author_room_and_times_are_not_taken_from_the_form(self, office: Client, garden: Room) -> None:
        message = say(Participant.objects.get(username="bob"), garden, "hello")
        before = Message.objects.values("seq", "author", "room", "created_at", "client_id").get()
        forged = {"seq": "9", "rev": "99", "author": str(Participant.objects.get(username="ada").pk), "room": "1"}
        self.edit(office, message, text="hi", created_at_0="2020-01-01", created_at_1="00:00", **forged)
        assert Message.objects.values("seq", "author", "room", "created_at", "client_id").get() == before
        assert Message.objects.get().rev == 2

    def test_none_is_added_or_removed(self, office: Client, garden: Room) -> None:
        message = say(Participant.objects.get(username="bob"), garden, "hello")
        assert office.get("/admin/chat/message/add/").status_code == 403
        assert office.post(f"/admin/chat/message/{message.pk}/delete/", {"post": "yes"}).status_code == 403
        office.post("/admin/chat/message/", {"action": "delete_selected", "_selected_action": [message.pk]})
        assert Message.objects.get().text == "hello"

    def test_earlier_texts_are_shown_to_those_who_may_view_them(self, office: Client, garden: Room) -> None:
        author = Participant.objects.get(username="bob")
        message = say(author, garden, "call <b>me</b>")
        for text in ("call\nlater", "never mind"):
            message_edit(user=author, room=garden.slug, seq=1, text=text)
        old = MessageVersion.objects.create(
            message=message, text="forgotten", written_at=message.created_at, replaced_at=timezone.now() - KEPT_FOR
        )
        address = f"/admin/chat/message/{message.pk}/change/"
        page = office.get(address).content.decode()
        assert page.index("call &lt;b&gt;me&lt;/b&gt;") < page.index("call<br>later")
        assert old.text not in page, "kept only until the sweep comes"
        clerk = person("clerk", is_staff=True)
        login_of(clerk).user_permissions.set(Permission.objects.filter(codename="view_message"))
        window = Client()
        window.force_login(login_of(clerk))
        page = window.get(address).content.decode()
        assert "never mind" in page
        assert "call &lt;b&gt;" not in page
        login_of(clerk).user_permissions.add(Permission.objects.get(codename="view_messageversion"))
        assert "call &lt;b&gt;" in window.get(address).content.decode()
        assert MessageVersion.objects.count() == 3, "looking changes nothing"

    @pytest.mark.parametrize("kind", ["deleted", "system"])
    def test_what_has_no_words_of_its_own_is_only_looked_at(self, office: Client, garden: Room, kind: str) -> None:
        message = say(Participant.objects.get(username="bob"), garden, "hello")
        gone = {"text": "", "deleted_at": timezone.now()} if kind == "deleted" else {"kind": "system"}
        Message.objects.update(**gone)
        assert office.post(f"/admin/chat/message/{message.pk}/change/", {"text": "x"}).status_code == 403
        assert office.get(f"/admin/chat/message/{message.pk}/change/").status_code == 200

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("hello", 2),
            ("hel there", 1),
            ("room:garden hello", 1),
            ("hello -again", 1),
            ("from:BOB", 2),
            ("room:garden seq:1", 1),
            ("hello nothing", 0),
            ("room:", 0),
            ("%00hello", 2),
            (f"seq:{'9' * 400}", 0),
        ],
    )
    def test_they_are_found_by_word_room_author_and_place(
        self, office: Client, garden: Room, query: str, found: int
    ) -> None:
        user = Participant.objects.get(username="bob")
        say(user, garden, "hello there")
        say(user, room("shed", owner=user), "hello again")
        while index_step():
            pass
        page = office.get(f"/admin/chat/message/?q={query}")
        assert page.context["cl"].result_count == found

    def test_hostile_text_is_shown_and_not_run(self, office: Client, garden: Room) -> None:
        say(Participant.objects.get(username="bob"), garden, "<script>alert(1)</script>")
        assert b"<script>alert" not in office.get("/admin/chat/message/").content

    def test_too_many_at_once_is_a_slip_of_the_mouse(
        self, office: Client, garden: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("chat.admin.base.ACTED_ON_MAX", 2)
        user = Participant.objects.get(username="bob")
        rows = [say(user, garden, word) for word in ("a", "b", "c")]
        form = {"action": "take_away", "_selected_action": [row.pk for row in rows], "confirmed": "yes"}
        assert b"at most 2" in office.post("/admin/chat/message/", form, follow=True).content
        assert not Message.objects.exclude(deleted_at=None).exists()


class TestRooms:
    def edit(self, office: Client, where: Room, **fields: str) -> Any:
        form = {"title": where.title, "topic": where.topic, "previews": "on"} | fields
        return office.post(f"/admin/chat/room/{where.pk}/change/", form, follow=True)

    @committed
    def test_a_private_room_is_renamed_and_its_members_are_sent_the_facts(
        self, office: Client, garden: Room, heard: Heard
    ) -> None:
        self.edit(office, garden, title="Kitchen garden", slug="stolen", last_seq="99")
        assert [event["type"] for event in heard] == ["message", "room"]
        assert heard[1]["title"] == "Kitchen garden"
        garden.refresh_from_db()
        assert (garden.slug, garden.last_seq, garden.last_rev) == ("garden", 1, 2)
        assert [row[:3] for row in record()] == [("ada", "room", "garden")]

    @committed
    def test_archiving_is_checked_by_the_open_sockets_and_undone(self, office: Client, garden: Room) -> None:
        self.edit(office, garden, archived="on")
        garden.refresh_from_db()
        assert garden.archived
        assert Participant.objects.get(username="bob").access_rev == 1
        self.edit(office, garden, title="Old garden", archived="on")
        self.edit(office, Room.objects.get(slug="garden"))
        garden.refresh_from_db()
        assert (garden.archived, garden.title) == (False, "Old garden")

    def test_saving_what_did_not_change_says_nothing(self, office: Client, garden: Room) -> None:
        self.edit(office, garden)
        garden.refresh_from_db()
        assert (garden.last_rev, record()) == (0, [])

    @committed
    def test_a_history_is_cleared_after_a_question(self, office: Client, garden: Room, heard: Heard) -> None:
        say(Participant.objects.get(username="bob"), garden, "hello")
        heard.clear()
        asked = office.post("/admin/chat/room/", {"action": "clear", "_selected_action": [garden.pk]})
        assert b"garden" in asked.content
        assert heard == []
        act(office, "room", "clear", garden, reason="a new season")
        cleared, line = heard
        assert cleared == {"type": "cleared", "room": "garden", "before_seq": 2, "rev": 2}
        assert (line["seq"], line["rev"], line["system"]["event"], line["username"]) == (2, 3, "cleared", "ada")
        assert record() == [("ada", "clear", "garden", "", "a new season")]

    def test_a_direct_room_is_closed_to_others(self, office: Client) -> None:
        a, b = alice(), bob()
        direct = Room.objects.create(slug=Room.direct_slug(a.pk, b.pk), kind=Room.Kind.DIRECT)
        rows = [Membership.objects.create(room=direct, user=user) for user in (a, b)]
        self.edit(office, direct, title="Ours", archived="on")
        assert b"in a direct message" in act(office, "room", "clear", direct).content
        assert b"in a direct message" in act(office, "membership", "kick", *rows).content
        direct.refresh_from_db()
        assert (direct.title, direct.archived, direct.last_rev, record()) == ("", False, 0, [])

    def test_none_is_added_or_removed(self, office: Client, garden: Room) -> None:
        assert office.get("/admin/chat/room/add/").status_code == 403
        assert office.post(f"/admin/chat/room/{garden.pk}/delete/", {"post": "yes"}).status_code == 403


class TestConnections:
    def test_closing_is_asked_of_the_process_that_holds_it(self, office: Client) -> None:
        lease = ProcessLease.objects.create(host="a", pid=1, expires_at=timezone.now() + timedelta(seconds=9))
        mine, other = (Connection.objects.create(process=lease, user=user) for user in (alice(), bob()))
        act(office, "connection", "close", mine, reason="lost phone")
        assert list(Connection.objects.filter(close_requested=True)) == [mine]
        assert not Connection.objects.get(pk=other.pk).close_requested
        assert record() == [("ada", "disconnect", "", "alice", "lost phone")]

    @pytest.mark.parametrize("page", ["connection", "processlease", "serverstate", "auditentry"])
    def test_system_rows_cannot_be_written_by_hand(self, office: Client, page: str) -> None:
        lease = ProcessLease.objects.create(host="a", pid=1, expires_at=timezone.now())
        AuditEntry.objects.create(actor="ada", action="ban", reason="because")
        rows: dict[str, Callable[[], Any]] = {
            "connection": lambda: Connection.objects.create(process=lease, user=alice()),
            "processlease": lambda: lease,
            "serverstate": ServerState.objects.get,
            "auditentry": AuditEntry.objects.get,
        }
        row = rows[page]()
        before = type(row).objects.values().get()
        for address in ("add/", f"{row.pk}/change/", f"{row.pk}/delete/"):
            form = {"post": "yes", "reason": "another", "host": "b", "close_requested": "on"}
            assert office.post(f"/admin/chat/{page}/{address}", form).status_code == 403
        office.post(f"/admin/chat/{page}/", {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
        assert type(row).objects.values().get() == before
        assert office.get(f"/admin/chat/{page}/{row.pk}/change/").status_code == 200


class TestAnnouncing:
    @committed
    def test_an_announcement_is_sent_to_everyone_and_not_stored(self, office: Client, heard: Heard) -> None:
        assert b"/admin/chat/serverstate/announce/" in office.get("/admin/chat/serverstate/").content
        page = office.post("/admin/chat/serverstate/announce/", {"message": "Back at nine"}, follow=True)
        assert b"Announcement sent to everyone online" in page.content
        [event] = heard
        assert (event["type"], event["message"], event["username"]) == ("announcement", "Back at nine", "ada")
        assert record() == [("ada", "broadcast", "", "", "")]
        assert AuditEntry.objects.get().detail == {}

    def test_nothing_is_nothing_to_say(self, office: Client) -> None:
        assert b"errorlist" in office.post("/admin/chat/serverstate/announce/", {"message": " "}).content
        assert record() == []


class TestWhoMay:
    PAGES = ("room", "membership", "message", "connection", "ban", "auditentry", "serverstate", "serverstate/announce")

    @pytest.mark.parametrize("page", PAGES)
    def test_only_staff_see_any_of_it(self, client: Client, page: str) -> None:
        client.force_login(login_of(alice()))
        assert client.get(f"/admin/chat/{page}/").status_code == 302

    def test_staff_without_the_right_do_nothing(self, garden: Room) -> None:
        helper = person("helper", is_staff=True)
        client = Client()
        client.force_login(login_of(helper))
        assert client.get("/admin/chat/message/").status_code == 403
        seeing = Permission.objects.filter(codename__in=["view_message", "view_room", "view_ban", "view_membership"])
        login_of(helper).user_permissions.set(seeing)
        message = say(Participant.objects.get(username="bob"), garden, "hello")
        assert client.get("/admin/chat/message/").status_code == 200
        assert client.post(f"/admin/chat/message/{message.pk}/change/", {"text": "x"}).status_code == 403
        for page, action, row in (
            ("message", "take_away", message),
            ("room", "clear", garden),
            ("membership", "kick", garden.memberships.get(user__username="bob")),
        ):
            form = {"action": action, "_selected_action": [row.pk], "confirmed": "yes"}
            client.post(f"/admin/chat/{page}/", form)
        assert record() == []
        assert Message.objects.get().text == "hello"
