"""A person of an import turns out to have an account here: what moves over, what is refused, and the way back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from chat.models import (
    AuditEntry,
    ImportedPerson,
    ImportJob,
    Membership,
    Message,
    Participant,
    PersonMatch,
    Reaction,
    Room,
    Thread,
    ThreadFollow,
)
from chat.protocol.errors import ChatError
from chat.queries.message_states import message_states
from chat.queries.rooms import room_entries
from chat.services.imports.loading import Wanted, history_import
from chat.services.imports.match_moves import match_work, renamed
from chat.services.imports.match_rows import room_locked
from chat.services.imports.matching import match_begin, match_undo
from chat.services.legal_holds import hold_begin, hold_end
from chat.services.messages import message_delete, message_edit, message_react
from chat.services.posting import Draft, messages_post
from chat.services.transfers import transfers_wait, transfers_work
from support.people import administrator, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disable the heartbeat: its thread would wait for the lock that this test's transaction holds."""
    monkeypatch.setattr("chat.services.transfers.Heartbeat.start", lambda _: None)
    monkeypatch.setattr("chat.services.transfers.Heartbeat.join", lambda _: None)


@pytest.fixture
def boss() -> Participant:
    return administrator(person("boss"))


@pytest.fixture
def ada() -> Participant:
    """Ada has an account, and the export has an Ada."""
    return person("ada")


def export(folder: Path) -> Path:
    """A Slack export with Ada's messages, thread reply, reaction and mentions, in a channel and alone with Bob."""
    folder.mkdir()
    users = [{"id": "U1", "name": "ada"}, {"id": "U2", "name": "bob"}]
    (folder / "users.json").write_text(json.dumps(users))
    (folder / "channels.json").write_text(json.dumps([{"id": "C1", "name": "tea", "members": ["U1", "U2"]}]))
    (folder / "dms.json").write_text(json.dumps([{"id": "D1", "members": ["U1", "U2"]}]))
    reactions = [{"name": "tada", "users": ["U1"], "count": 1}]
    said: list[dict[str, Any]] = [
        {"user": "U1", "ts": "1704110401.000100", "text": "Earl Grey?"},
        {"user": "U2", "ts": "1704110402.000100", "text": "yes, <@U1>, not `@ada-2`", "reactions": reactions},
        {"user": "U2", "ts": "1704110403.000100", "text": "with milk", "thread_ts": "1704110401.000100"},
        {"user": "U1", "ts": "1704110404.000100", "text": "never", "thread_ts": "1704110401.000100"},
    ]
    alone = [{"user": "U1", "ts": "1704110405.000100", "text": "between us"}]
    for name, rows in (("tea", said), ("D1", alone)):
        (folder / name).mkdir()
        (folder / name / "2024-01-01.json").write_text(json.dumps([{"type": "message", **row} for row in rows]))
    return folder


@pytest.fixture
def tea(ada: Participant, tmp_path: Path) -> Room:
    """The imported channel; the export's Ada is @ada-2."""
    history_import(Wanted("slack", export(tmp_path / "export")))
    return Room.objects.get(slug="tea")


def named(username: str) -> Participant:
    return Participant.objects.get(username=username)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(ChatError) as refused:
        call()
    return refused.value.code


def matched(boss: Participant) -> PersonMatch:
    """The match after its work is done."""
    match_begin(actor=boss, imported="ada-2", account="@ada")
    return worked()


def worked() -> PersonMatch:
    match_work(PersonMatch.objects.get())
    return PersonMatch.objects.get()


def states(room: Room) -> list[dict[str, Any]]:
    found = [json.loads(one.encode()) for one in message_states(room.messages.order_by("seq"))]
    return [{name: value for name, value in one.items() if name != "rev"} for one in found]


def test_messages_threads_reactions_mentions_and_rooms_go_over_and_return(boss: Participant, tea: Room) -> None:
    before = states(tea)
    revs = list(tea.messages.order_by("seq").values_list("rev", flat=True))
    assert {one["username"] for one in before} == {"ada-2", "bob"}
    match = matched(boss)
    assert (match.state, match.done) == ("done", 2)
    first, second, third, fourth = states(tea)
    assert [one["username"] for one in (first, second, third, fourth)] == ["ada", "bob", "bob", "ada"]
    assert (first["author"], first["imported"], first["replies"]["people"]) == ("person", "slack", ["ada", "bob"])
    assert second["message"] == "yes, @ada, not `@ada-2`"
    assert (second["mentions"], second["reactions"]) == (["ada"], {"🎉": ["ada"]})
    assert [one["seq"] for one in (first, second, third, fourth)] == [1, 2, 3, 4]
    # Each change took a number, so that clients that were offline get it.
    after = list(tea.messages.order_by("seq").values_list("rev", flat=True))
    tea.refresh_from_db()
    assert all(new > old for new, old in zip(after, revs, strict=True) if (new, old) != (after[2], revs[2]))
    assert max(after) <= tea.last_rev
    account = named("ada")
    assert set(tea.memberships.values_list("user__username", flat=True)) == {"ada", "bob"}
    [entry] = [one.entry for one in room_entries(account) if one.entry.room == "tea"]
    assert (entry.unread, entry.mentions) == (0, 0)
    assert ThreadFollow.objects.filter(user=account, following=True).count() == 1
    # A direct conversation stays with the two people of the import.
    assert Message.objects.get(text="between us").author == named("ada-2")
    match_undo(actor=boss, imported="@ada-2")
    assert worked().state == "undone"
    assert states(tea) == before
    assert set(tea.memberships.values_list("user__username", flat=True)) == {"ada-2", "bob"}
    assert Thread.objects.get().people == [named("ada-2").pk, named("bob").pk]
    acts = [entry.detail["act"] for entry in AuditEntry.objects.filter(action="import").order_by("pk")]
    assert acts == ["match", "unmatch"]


def test_a_later_export_writes_as_the_account(boss: Participant, tea: Room, tmp_path: Path) -> None:
    matched(boss)
    folder = tmp_path / "export"
    more = {"type": "message", "user": "U1", "ts": "1704110500.000100", "text": "again"}
    (folder / "tea" / "2024-01-02.json").write_text(json.dumps([more]))
    assert history_import(Wanted("slack", folder))["counts"]["new"] == 1
    assert Message.objects.get(text="again").author == named("ada")
    assert ImportedPerson.objects.get(source="U1").participant == named("ada")


def test_of_two_reactions_one_stays_and_both_return(boss: Participant, tea: Room) -> None:
    account = named("ada")
    Membership.objects.create(room=tea, user=account)
    message_react(user=account, room="tea", seq=2, emoji="🎉", on=True)
    matched(boss)
    assert Reaction.objects.count() == 1
    match_undo(actor=boss, imported="ada-2")
    worked()
    assert set(Reaction.objects.values_list("user__username", flat=True)) == {"ada", "ada-2"}


def test_what_the_account_did_since_stays(boss: Participant, tea: Room) -> None:
    matched(boss)
    account = named("ada")
    messages_post([Draft(account, "tea", "I am here")])
    message_edit(user=account, room="tea", seq=1, text="Darjeeling?")
    message_delete(user=account, room="tea", seq=4)
    match_undo(actor=boss, imported="ada-2")
    worked()
    authors = dict(tea.messages.values_list("seq", "author__username"))
    assert authors == {1: "ada-2", 2: "bob", 3: "bob", 4: "ada-2", 5: "ada"}
    assert set(tea.memberships.values_list("user__username", flat=True)) == {"ada", "ada-2", "bob"}


def test_who_was_not_in_the_room_sees_nothing_unread_and_who_was_counts_right(boss: Participant, tea: Room) -> None:
    account, carol = named("ada"), person("carol")
    Membership.objects.create(room=tea, user=account)
    Membership.objects.create(room=tea, user=carol)
    matched(boss)
    unread = {one.username: room_entries(one)[0].entry.unread for one in (account, carol)}
    # Of four messages two are Ada's own, and one is a reply that only its thread shows.
    assert unread == {"ada": 1, "carol": 2}


def test_a_process_that_was_killed_is_followed_by_one_that_goes_on(boss: Participant, tea: Room) -> None:
    match_begin(actor=boss, imported="ada-2", account="ada")
    assert transfers_wait()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("chat.services.imports.match_moves._Way._texts", _killed)
        with pytest.raises(OperationalError):
            worked()
    assert PersonMatch.objects.get().state == "moving"
    assert transfers_work()
    assert PersonMatch.objects.get().state == "done"
    assert states(tea)[1]["message"] == "yes, @ada, not `@ada-2`"
    assert not transfers_wait()


def _killed(*_: object) -> None:
    raise OperationalError("the connection is gone")


def test_what_cannot_be_is_refused(boss: Participant, tea: Room) -> None:
    person("gone", is_active=False)

    def begin(imported: str, account: str, actor: Participant = boss) -> str:
        return refusal(lambda: match_begin(actor=actor, imported=imported, account=account))

    assert begin("ada-2", "ada", person("clerk", is_staff=True)) == "forbidden"
    assert begin("nobody", "ada") == begin("ada-2", "nobody") == begin("a\0b", "ada") == "not_found"
    assert begin("ada", "boss") == begin("ada-2", "bob") == begin("ada-2", "gone") == "invalid"
    assert refusal(lambda: match_undo(actor=boss, imported="ada-2")) == "not_found"
    job = ImportJob.objects.create(by=boss, format="slack", name="x")
    assert begin("ada-2", "ada") == "conflict"
    job.delete()
    match_begin(actor=boss, imported="ada-2", account="ada")
    assert begin("ada-2", "boss") == "conflict"
    assert refusal(lambda: match_undo(actor=boss, imported="ada-2")) == "conflict", "while it is moved"
    worked()
    hold_begin(actor="boss", reason="court", room=tea)
    assert refusal(lambda: match_undo(actor=boss, imported="ada-2")) == "conflict"


HELD = ("failed", "A legal hold covers some of it, which stayed as it was.")


def test_what_a_hold_covers_since_the_request_stays_until_it_ends(boss: Participant, tea: Room) -> None:
    for ask, then in ((match_begin, "done"), (match_undo, "undone")):
        which = {"account": "ada"} if ask is match_begin else {}
        ask(actor=boss, imported="ada-2", **which)
        hold, before = hold_begin(actor="boss", reason="court", room=tea), states(tea)
        match = worked()
        assert (match.state, match.problem) == HELD
        assert states(tea) == before
        assert refusal(lambda ask=ask, which=which: ask(actor=boss, imported="ada-2", **which)) == "conflict"  # type: ignore[misc]
        hold_end(hold, actor="boss")
        ask(actor=boss, imported="ada-2", **which)
        assert (worked().state, states(tea) != before) == (then, True)


def test_a_hold_that_begins_while_a_batch_is_read_keeps_it(
    boss: Participant, tea: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms: list[int] = []

    def locked(room_id: int) -> Room:
        rooms.append(room_id)
        # The first call is for the membership.
        if len(rooms) == 2:
            hold_begin(actor="boss", reason="court", room=tea)
        return room_locked(room_id)

    monkeypatch.setattr("chat.services.imports.match_moves.room_locked", locked)
    before = states(tea)
    match = matched(boss)
    assert (match.state, match.problem) == HELD
    assert states(tea) == before


def test_reactions_and_texts_on_messages_that_a_hold_covers_stay(boss: Participant, tea: Room) -> None:
    hold = hold_begin(actor="boss", reason="court", person=named("bob"))
    assert refusal(lambda: match_begin(actor=boss, imported="ada-2", account="ada")) == "conflict"
    hold_end(hold, actor="boss")
    matched(boss)
    hold_begin(actor="boss", reason="court", person=named("bob"))
    assert refusal(lambda: match_undo(actor=boss, imported="ada-2")) == "conflict"


def test_an_operator_matches_by_a_command(tea: Room, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import", "--match", "ada-2=ada")
    assert "@ada-2 is @ada: 2 messages" in capsys.readouterr().out
    assert Message.objects.get(text="never").author == named("ada")
    call_command("import", "--unmatch", "ada-2")
    assert Message.objects.get(text="never").author == named("ada-2")
    for args in (("--match", "ada-2"), ("--match", "bob=ada-2"), ("--unmatch", "ada-2")):
        with pytest.raises(CommandError) as refused:
            call_command("import", *args)
        assert refused.value.returncode == 2


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("@ada-2, hi", "@ada, hi"),
        ("@ada-2. And @ada-20, @ada-2.x", "@ada. And @ada-20, @ada-2.x"),
        ("mail@ada-2", "mail@ada-2"),
        ("`@ada-2`\n```\n@ada-2\n```", "`@ada-2`\n```\n@ada-2\n```"),
    ],
)
def test_names_change_where_they_are_names(text: str, wanted: str) -> None:
    assert renamed(text, "ada-2", "ada") == wanted
