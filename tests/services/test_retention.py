"""Retention: old messages lose their text and keep their place. Legal holds keep both."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import ProtectedError
from django.utils import timezone
from pytest_django.fixtures import Settings

from chat.models import AuditEntry, File, HeldText, LegalHold, Message, Participant, Reaction, Room
from chat.services.emptying import messages_empty
from chat.services.legal_holds import hold_begin, hold_end
from chat.services.messages import message_delete, message_edit, message_react
from chat.services.posting import Draft, messages_post
from chat.services.retention import retention_apply, retention_due
from tests.services.conftest import Heard

Said = Callable[[], list[tuple[int, str, bool]]]


@pytest.fixture
def said(garden: Room, alice: Participant, bob: Participant) -> Said:
    """The garden keeps 30 days, and has a message from Bob, 31 days old, and a new one from Alice."""
    messages_post([Draft(bob, "garden", "old @alice", client_id="c1"), Draft(alice, "garden", "new")])
    message_react(user=alice, room="garden", seq=1, emoji="👍", on=True)
    Message.objects.filter(seq=1).update(created_at=timezone.now() - timedelta(days=31))
    Room.objects.update(keep_days=30)
    return lambda: [(one.seq, one.text, one.deleted_at is not None) for one in Message.objects.order_by("seq")]


def applied() -> int:
    return sum(sum(retention_apply(due, actor="root")) for due in retention_due())


def test_a_dry_run_changes_nothing(said: Said, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("retention", "--dry-run")
    assert "garden: 1 of 2 messages would be emptied" in capsys.readouterr().out
    assert said() == [(1, "old @alice", False), (2, "new", False)]


class Terminal(StringIO):
    """An output that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_how_far_it_is_and_a_pipe_does_not(said: Said) -> None:
    terminal, pipe = Terminal(), StringIO()
    call_command("retention", stderr=terminal)
    assert terminal.getvalue() == "\rgarden: 1 of 1 messages\x1b[K\r\x1b[K"
    call_command("retention", stderr=pipe)
    assert pipe.getvalue() == ""


def test_what_is_old_loses_its_words_and_keeps_its_place(said: Said, garden: Room, heard: Heard) -> None:
    with heard() as told:
        call_command("retention")
    assert said() == [(1, "", True), (2, "new", False)]
    assert not Reaction.objects.exists()
    garden.refresh_from_db()
    [event] = told
    assert (event["seq"], event["rev"], event["deleted"]) == (1, garden.last_rev, True)
    [entry] = AuditEntry.objects.filter(action="retention")
    assert (entry.room, entry.detail) == ("garden", {"messages": 1, "keep_days": 30})


def test_a_late_repeat_of_what_was_emptied_does_not_come_back(said: Said, bob: Participant) -> None:
    assert applied() == 1
    [outcome] = messages_post([Draft(bob, "garden", "old @alice", client_id="c1")])
    assert (getattr(outcome, "seq", None), len(said())) == (1, 2)


def test_the_shorter_rule_of_room_and_server_counts(said: Said, settings: Settings) -> None:
    settings.CHAT_KEEP_DAYS = 40
    assert [due.days for due in retention_due()] == [30]
    Room.objects.update(keep_days=0)
    assert not list(retention_due())
    settings.CHAT_KEEP_DAYS = 20
    assert [(due.days, due.count) for due in retention_due()] == [(20, 1)]


def test_a_rule_that_would_leave_nothing_asks(said: Said) -> None:
    Message.objects.update(created_at=timezone.now() - timedelta(days=40))
    with pytest.raises(CommandError, match="no message would be left: garden") as refused:
        call_command("retention")
    assert refused.value.returncode == 1
    assert said()[1] == (2, "new", False)
    call_command("retention", "--yes")
    assert [text for _, text, _ in said()] == ["", ""]


def test_a_run_that_stops_goes_on_later(said: Said, garden: Room, alice: Participant) -> None:
    messages_empty(garden, list(Message.objects.filter(seq=1)))
    assert applied() == 0
    assert [entry.room for entry in AuditEntry.objects.filter(action="retention")] == []


@pytest.mark.parametrize("whom", ["room", "person"])
def test_a_hold_keeps_the_old(said: Said, garden: Room, bob: Participant, whom: str) -> None:
    of_room = whom == "room"
    hold = hold_begin(actor="root", reason="Case 7", room=garden if of_room else None, person=None if of_room else bob)
    [due] = retention_due()
    assert (due.count, due.held, applied()) == (0, 1, 0)
    assert hold_end(hold, actor="root") == 0
    assert applied() == 1


def test_what_its_author_deletes_under_a_hold_stays_readable(said: Said, garden: Room, bob: Participant) -> None:
    file = File.objects.create(uploader=bob, message=Message.objects.get(seq=1), name="a.txt", length=1, size=1)
    Message.objects.filter(seq=1).update(file_count=1)
    hold = hold_begin(actor="root", reason="Case 7", room=garden)
    message_edit(user=bob, room="garden", seq=1, text="nothing")
    message_delete(user=bob, room="garden", seq=1)
    assert said()[0] == (1, "", True)
    assert [copy.text for copy in HeldText.objects.all()] == ["old @alice", "nothing"]
    file.refresh_from_db()
    assert (file.state, file.message) == (File.State.HELD, None)
    with pytest.raises(ProtectedError):
        garden.delete()
    assert hold_end(hold, actor="root") == 2
    file.refresh_from_db()
    assert (file.state, HeldText.objects.count()) == (File.State.GONE, 0)


def test_without_a_hold_nothing_is_copied(said: Said, bob: Participant) -> None:
    message_delete(user=bob, room="garden", seq=1)
    assert not HeldText.objects.exists()


def test_the_operator_begins_lists_and_ends_a_hold(said: Said, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("legal_hold", "--person", "@bob", "--reason", "Case 7")
    hold = LegalHold.objects.get()
    call_command("legal_hold", "--list")
    assert f"{hold.pk}  @bob" in capsys.readouterr().out
    call_command("legal_hold", "--end", str(hold.pk))
    for wrong in (["--end", str(hold.pk)], ["--room", "nowhere", "--reason", "x"], ["--room", "garden"]):
        with pytest.raises(CommandError) as refused:
            call_command("legal_hold", *wrong)
        assert refused.value.returncode == 2
    assert [entry.action for entry in AuditEntry.objects.order_by("id")] == ["hold", "release"]
