"""Rooms and people of an export are left out, created, or matched to existing ones; and the import is undone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError

from chat.importing.stream import NotAnExport
from chat.models import ImportedRoom, ImportRun, Membership, Message, Participant, Room, Thread, ThreadFollow
from chat.protocol import events
from chat.protocol.errors import ChatError
from chat.queries.history import changes_after
from chat.services.imports.loading import Wanted, history_import
from chat.services.imports.people import people_read
from chat.services.imports.undoing import import_undo
from chat.services.legal_holds import hold_begin, hold_end
from chat.services.pins import message_pin
from chat.services.posting import Draft, messages_post
from support.people import person, room

pytestmark = pytest.mark.django_db

PEOPLE = {"U1": "ann", "U2": "ben"}


def ts(number: int) -> str:
    return f"170411{number:04}.000100"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A Slack export: `tea` with a thread of two, `random` with one message."""
    folder = tmp_path / "export"

    def write(name: str, value: object) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))

    mails = {"U1": "ann@example.org", "U2": ""}
    write(
        "users.json",
        [{"id": who, "name": name, "profile": {"email": mails[who]}} for who, name in PEOPLE.items()],
    )
    channels = [{"id": "C1", "name": "tea", "members": ["U1", "U2"]}, {"id": "C2", "name": "random", "members": []}]
    write("channels.json", channels)
    root = {"type": "message", "user": "U1", "ts": ts(1), "thread_ts": ts(1), "text": "Which tea?"}
    reply = {"type": "message", "user": "U2", "ts": ts(2), "thread_ts": ts(1), "text": "Green"}
    more = [{"type": "message", "user": "U1", "ts": ts(number), "text": f"line {number}"} for number in range(3, 9)]
    write("tea/2024-01-01.json", [root, reply, *more])
    write("random/2024-01-01.json", [{"type": "message", "user": "U2", "ts": ts(20), "text": "Aside"}])
    return folder


def imported(export: Path, **choices: Any) -> dict[str, Any]:
    names = people_read(choices.pop("people", ""), "")
    return history_import(Wanted("slack", export, names=names, **choices))


def texts(place: Room) -> list[str]:
    return list(Message.objects.filter(room=place, deleted_at=None).order_by("seq").values_list("text", flat=True))


def sent_after(place: Room, rev: int) -> list[int]:
    """The numbers of the messages that an open page receives after `rev`."""
    found = changes_after(Room.objects.get(pk=place.pk), rev, limit=1000).events
    return [one.seq for one in found if isinstance(one, events.Message)]


def problem(call: Callable[[], object]) -> str:
    with pytest.raises(NotAnExport) as refused:
        call()
    return str(refused.value)


def say(place: Room, who: Participant, text: str) -> Message:
    messages_post([Draft(author=who, room=place.slug, text=text)])
    return Message.objects.filter(room=place).order_by("-seq")[0]


def test_a_room_is_left_out(export: Path) -> None:
    report = imported(export, rooms={"C2": "-"})
    assert not Room.objects.filter(slug="random").exists()
    assert (report["counts"]["rooms"], report["counts"]["new"]) == (1, 8)
    [skipped] = [row for row in report["rooms"] if row["as"] == "-"]
    assert (skipped["source"], skipped["new"]) == ("C2", 0)
    assert imported(export)["counts"]["new"] == 1, "a later run takes it"


def test_a_dry_run_says_what_becomes_of_each(export: Path) -> None:
    garden = room(owner=person("gus"))
    report = imported(export, rooms={"random": "-", "tea": garden.slug}, people="U1,gus\nU2,+\n", dry_run=True)
    assert [(row["source"], row["as"], row["room"], row["new"]) for row in report["rooms"]] == [
        ("C1", "garden", "garden", 8),
        ("C2", "-", None, 0),
    ]
    people = {one["source"]: (one["username"], one["account"], one["given"]) for one in report["people"]}
    assert people == {"U1": ("gus", True, False), "U2": ("ben", False, True)}
    assert not Message.objects.exists()


def rewritten(export: Path, name: str, change: Callable[[list[Any]], list[Any]]) -> None:
    path = export / name
    path.write_text(json.dumps(change(json.loads(path.read_text()))))


def unclear(report: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(row["what"], row["places"]) for row in report["left_out"] if row["what"].startswith("choice")]


@pytest.mark.parametrize("first", [True, False])
def test_who_is_called_by_the_id_of_another_is_not_imported_as_them(export: Path, first: bool) -> None:
    person("boss")
    mallory = {"id": "U3", "name": "U1", "profile": {"email": "ben"}}
    rewritten(export, "users.json", lambda users: [mallory, *users] if first else [*users, mallory])
    said = {"type": "message", "user": "U3", "ts": ts(30), "text": "I resign, <@U3>"}
    rewritten(export, "random/2024-01-01.json", lambda rows: [*rows, said])
    # By the id of another person, and by a name that is another's address.
    for dry in (True, False):
        report = imported(export, people="U1,boss\nben,boss\n", dry_run=dry)
        assert unclear(report) == [("choice of a person", ["U1", "ben"])]
        accounts = {one["source"]: one["account"] for one in report["people"]}
        assert accounts == {"U1": True, "U2": False, "U3": False}
    assert Message.objects.get(text="Which tea?").author.username == "boss"
    forged = Message.objects.get(text__startswith="I resign")
    assert (forged.author.kind, forged.author.username == "boss", "@boss" in forged.text) == ("imported", False, False)


def test_who_is_called_by_an_id_that_only_a_message_has_is_not_imported_as_them(export: Path) -> None:
    person("boss")
    rewritten(export, "users.json", lambda users: [*users, {"id": "U3", "name": "U9"}])
    rows = [{"type": "message", "user": who, "ts": ts(30 + n), "text": who} for n, who in enumerate(("U3", "U9"))]
    rewritten(export, "random/2024-01-01.json", lambda known: [*known, *rows])
    assert unclear(imported(export, people="U9,boss\n")) == [("choice of a person", ["U9"])]
    assert Message.objects.get(text="U9").author.username == "boss"
    assert Message.objects.get(text="U3").author.username != "boss"


def test_a_choice_by_a_name_or_address_that_one_alone_has_counts(export: Path) -> None:
    gus = person("gus")
    assert unclear(imported(export, people="ben,gus\n")) == []
    assert Message.objects.get(text="Green").author == gus


def test_a_private_room_called_as_another_does_not_go_where_that_goes(export: Path) -> None:
    garden = room(owner=person("gus"))
    secret = [{"id": "G1", "name": "tea", "members": []}, {"id": "G2", "name": "C2", "members": []}]
    (export / "groups.json").write_text(json.dumps(secret))
    for choices, wanted in (({"tea": garden.slug}, ["tea"]), ({"C2": garden.slug}, ["C2"])):
        report = imported(export, rooms=choices, dry_run=True)
        into = {row["source"] for row in report["rooms"] if row["as"] == garden.slug}
        assert (into, unclear(report)) == (set(choices) & {"C2"}, [("choice of a room", wanted)])


def test_messages_go_into_a_room_behind_what_it_has(export: Path) -> None:
    gus = person("gus")
    garden = room(owner=gus)
    say(garden, gus, "before")
    rev = Room.objects.get(pk=garden.pk).last_rev
    report = imported(export, rooms={"C1": "garden", "C2": "-"})
    assert report["counts"]["new"] == 8
    assert texts(garden)[:3] == ["before", "Which tea?", "Green"]
    assert [one.user for one in Membership.objects.filter(room=garden)] == [gus]
    garden.refresh_from_db()
    assert (garden.kind, garden.last_seq) == ("private", 9)
    # An open page receives each place once.
    assert sorted(sent_after(garden, rev)) == list(range(2, 10))
    assert imported(export, rooms={"C1": "garden", "C2": "-"})["counts"]["new"] == 0


def test_undoing_takes_exactly_its_messages_away(export: Path) -> None:
    gus = person("gus")
    garden = room(owner=gus)
    say(garden, gus, "before")
    imported(export, rooms={"C1": "garden", "C2": "-"})
    after = say(garden, gus, "after")
    pinned = Message.objects.get(room=garden, text="line 3")
    message_pin(user=gus, room="garden", seq=pinned.seq, on=True)
    lines = Message.objects.filter(room=garden, kind="system").count()
    rev = Room.objects.get(pk=garden.pk).last_rev
    counts = import_undo(ImportRun.objects.get())
    assert counts["messages"] == 8
    assert texts(garden) == ["before", "after", "gus pinned a message"]
    garden.refresh_from_db()
    assert (garden.pins, garden.last_seq) == ([], after.seq + lines)
    assert Message.objects.filter(room=garden).count() == garden.last_seq, "no place is gone"
    assert sorted(sent_after(garden, rev)) == list(range(2, 10)), "each place is sent once"
    assert not ImportedRoom.objects.exists()
    assert imported(export)["counts"]["new"] == 9, "it can go elsewhere now"


def test_what_a_legal_hold_covers_is_not_undone(export: Path) -> None:
    garden = room(owner=person("gus"))
    imported(export, rooms={"C1": "garden"})
    hold = hold_begin(actor="gus", reason="asked", room=garden)
    with pytest.raises(ChatError, match="A legal hold covers"):
        import_undo(ImportRun.objects.get())
    assert Message.objects.filter(deleted_at=None).count() == 9
    hold_end(hold, actor="gus")
    assert import_undo(ImportRun.objects.get())["messages"] == 9


def test_rooms_that_take_no_messages_are_refused_before_anything_is_written(export: Path) -> None:
    gus = person("gus")
    room(owner=gus)
    room("old", owner=gus)
    Room.objects.filter(slug="old").update(archived=True)
    direct = Room.objects.create(slug=Room.direct_slug(1, 2), kind="direct")
    for slug in ("nowhere", "old", direct.slug, "a\0b"):
        assert slug in problem(lambda slug=slug: imported(export, rooms={"C1": slug}))  # type: ignore[misc]
    imported(export)
    assert "undo that import" in problem(lambda: imported(export, rooms={"C1": "garden"}))
    assert ImportRun.objects.count() == 1


def test_somebody_gets_an_account_and_keeps_what_an_earlier_import_brought(export: Path) -> None:
    imported(export)
    ben = Participant.objects.get(username="ben")
    assert (ben.kind, ben.user, ThreadFollow.objects.filter(user=ben).exists()) == ("imported", None, False)
    report = imported(export, people="U2,+\n")
    ben.refresh_from_db()
    assert report["counts"]["new"] == 0
    assert (ben.kind, ben.is_active, ben.user.get_username() if ben.user else "") == ("person", True, "ben")
    assert ben.user
    assert not ben.user.has_usable_password()
    [follow] = ThreadFollow.objects.filter(user=ben)
    assert (follow.thread, follow.following) == (Thread.objects.get(), True)
    assert follow.read_seq == Room.objects.get(slug="tea").last_seq
    imported(export, people="U2,+\n")
    assert get_user_model().objects.filter(username="ben").count() == 1


def test_new_accounts_have_the_address_of_the_export_and_the_wanted_name(export: Path) -> None:
    imported(export, people="U1,+annie\n")
    annie = Participant.objects.get(username="annie")
    login = get_user_model().objects.get(participant=annie)
    assert (annie.kind, getattr(login, "email", "")) == ("person", "ann@example.org")
    assert Message.objects.filter(author=annie).count() == 7
    assert Membership.objects.filter(user=annie, room__slug="tea").exists()


def test_an_address_that_another_login_has_is_not_given_twice(export: Path) -> None:
    login = get_user_model().objects.get(participant=person("gus"))
    login.email = "ann@example.org"
    login.save()
    imported(export, people="U1,+\n")
    assert get_user_model().objects.filter(email="ann@example.org").count() == 1


def test_the_command_takes_rooms_from_a_file(export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    room(owner=person("gus"))
    choices = tmp_path / "rooms.csv"
    choices.write_text("source,room\nC1,#garden\nrandom,-\n")
    call_command("import", "slack", str(export), "--rooms", str(choices))
    assert "1 rooms, 8 messages added" in capsys.readouterr().out
    choices.write_text("C1\n")
    with pytest.raises(CommandError, match="line 1: has not two columns, source and room"):
        call_command("import", "slack", str(export), "--rooms", str(choices))
