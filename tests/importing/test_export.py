"""`manage.py export`: what an archive contains, and that importing it restores the same."""

import hashlib
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command

from chat.importing.stream import Options
from chat.models import AuditEntry, ImportRun, Message, Participant, Room
from chat.services.exports.rows import file_path
from chat.services.imports.loading import Wanted, history_import
from chat.services.imports.undoing import import_undo
from chat.services.posting import Draft, messages_post
from support.html import faults
from support.people import person, room
from tests.importing.samples import SAMPLES

pytestmark = pytest.mark.django_db


def exported(path: Path, *args: str) -> dict[str, Any]:
    """The archive that the command writes, as objects by file."""
    call_command("export", *args, "--to", str(path))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        lists: dict[str, Any] = {}
        for name, digest in manifest["sha256"].items():
            data = archive.read(name)
            assert hashlib.sha256(data).hexdigest() == digest
            if not name.endswith(".jsonl"):
                continue
            assert not data or data.endswith(b"\n")
            lists[name.removesuffix(".jsonl")] = [json.loads(line) for line in data.decode().splitlines()]
    assert {name: len(rows) for name, rows in lists.items()} == {
        name: count for name, count in manifest["counts"].items() if name != "files"
    }
    return {"manifest": manifest, **lists}


@pytest.fixture
def garden() -> Room:
    """A room of Alice and Bob with a message from each, and a room that Charlie has alone."""
    alice, bob, charlie = person("alice"), person("bob"), person("charlie")
    found = room("garden", owner=alice, members=[bob])
    room("shed", owner=charlie)
    messages_post([Draft(alice, "garden", "hello @bob")])
    messages_post([Draft(bob, "garden", "hi", reply_to=1), Draft(charlie, "shed", "secret")])
    return found


def test_an_archive_of_everything_has_people_rooms_and_messages(garden: Room, tmp_path: Path) -> None:
    archive = exported(tmp_path / "all.zip", "--all")
    manifest = archive["manifest"]
    assert (manifest["format"], manifest["version"], manifest["scope"]) == ("backchannel-export", 1, "all")
    assert {one["username"] for one in archive["people"]} == {"alice", "bob", "charlie"}
    found = {one["room"]: one for one in archive["rooms"]}
    assert found["garden"]["members"] == [
        {"username": "alice", "role": "owner"},
        {"username": "bob", "role": "member"},
    ]
    first, second = (one for one in archive["messages"] if one["room"] == "garden")
    assert (first["message"], first["username"], first["author"], first["mentions"]) == (
        "hello @bob",
        "alice",
        "person",
        ["bob"],
    )
    assert (second["reply_to"], second["source"], second["files"]) == (1, None, [])


def test_an_archive_of_a_room_or_a_person_holds_no_other_words(garden: Room, tmp_path: Path) -> None:
    archive = exported(tmp_path / "room.zip", "--room", "garden")
    assert [one["message"] for one in archive["messages"]] == ["hello @bob", "hi"]
    assert {one["username"] for one in archive["people"]} == {"alice", "bob"}
    archive = exported(tmp_path / "bob.zip", "--person", "bob")
    assert [one["message"] for one in archive["messages"]] == ["hi"]
    assert [one["username"] for one in archive["people"]] == ["bob"]
    assert [one["members"] for one in archive["rooms"]] == [[{"username": "bob", "role": "member"}]]


def test_every_export_is_noted(garden: Room, tmp_path: Path) -> None:
    exported(tmp_path / "bob.zip", "--person", "bob")
    entry = AuditEntry.objects.get(action="export")
    assert (entry.target, entry.actor.partition(" ")[0]) == ("bob", "operator")


def test_messages_hidden_by_a_clearing_and_older_ones_than_asked_for_stay_out(garden: Room, tmp_path: Path) -> None:
    Room.objects.filter(pk=garden.pk).update(cleared_before_seq=2)
    assert [one["message"] for one in exported(tmp_path / "a.zip", "--room", "garden")["messages"]] == ["hi"]
    assert exported(tmp_path / "b.zip", "--room", "garden", "--since", "2100-01-01")["messages"] == []


@pytest.mark.parametrize("args", [("--room", "nowhere"), ("--person", "nobody"), ("--all", "--since", "yesterday")])
def test_what_is_not_here_is_refused(args: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("export", *args, "--to", str(tmp_path / "x.zip"))
    assert refused.value.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_nothing_half_written_stays_behind(garden: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("chat.services.exports.archive.message_objects", full)
    with pytest.raises(CommandError, match="No space left"):
        call_command("export", "--all", "--to", str(tmp_path / "x.zip"))
    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_reads_an_archive(garden: Room, tmp_path: Path) -> None:
    call_command("export", "--all", "--to", str(tmp_path / "x.zip"))
    assert (tmp_path / "x.zip").stat().st_mode & 0o077 == 0


def words(archive: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What a round trip must preserve."""
    keys = ("message", "timestamp", "reply_to", "thread", "reactions", "edited_at", "deleted", "username")
    return [tuple(json.dumps(one[key]) for key in keys) for one in archive["messages"]]


def test_an_imported_history_comes_back_the_same_from_its_own_archive(tmp_path: Path) -> None:
    history_import(Wanted("slack", SAMPLES / "slack" / "export", Options()))
    first = exported(tmp_path / "first.zip", "--all")
    sources = {(one["source"]["room"], one["source"]["id"]) for one in first["messages"]}
    assert ("C0GEN", "1709620200.482349") in sources
    [threaded] = [one for one in first["messages"] if one["source"]["id"] == "1709621100.000100"]
    assert (threaded["author"], threaded["reply_to"]) == ("imported", None)
    import_undo(ImportRun.objects.get())
    assert (Message.objects.count(), Participant.objects.count()) == (0, 0)
    report = history_import(Wanted("backchannel", tmp_path / "first.zip"))
    assert report["left_out"] == []
    second = exported(tmp_path / "second.zip", "--all")
    assert words(second) == words(first)
    named = [{one["room"] for one in rooms if one["kind"] != "direct"} for rooms in (first["rooms"], second["rooms"])]
    assert named[0] == named[1]


def handed_in(folder: Path, kind: str, roles: dict[str, str]) -> None:
    """Import an archive of one room, `board`, with a message from Ann. Names in it match the people here."""
    line = {"room": "board", "seq": 1, "username": "ann", "message": "secret", "timestamp": "2024-01-01T00:00:00Z"}
    members = [{"username": name, "role": role} for name, role in roles.items()]
    files = {
        "manifest.json": {"format": "backchannel-export", "version": 1},
        "people.jsonl": {"username": "ann", "kind": "person"},
        "rooms.jsonl": {"room": "board", "kind": kind, "title": "Board", "members": members},
        "messages.jsonl": line,
    }
    folder.mkdir()
    for name, value in files.items():
        (folder / name).write_text(json.dumps(value))
    names = dict(Participant.objects.values_list("username", "pk"))
    history_import(Wanted("backchannel", folder, names=names))


@pytest.mark.parametrize(("kind", "before"), [("private", "private"), ("private", "public"), ("public", "public")])
def test_who_made_a_room_of_its_name_before_gets_no_history_of_it(kind: str, before: str, tmp_path: Path) -> None:
    person("ann")
    taken = room("board", owner=person("mallory"), kind=before)
    handed_in(tmp_path / "archive", kind, {"ann": "owner"})
    [message] = Message.objects.all()
    assert message.room.slug == "board-2"
    assert list(message.room.memberships.values_list("user__username", "role")) == [("ann", "owner")]
    taken.refresh_from_db()
    assert (taken.kind, taken.last_seq) == (before, 0)


@pytest.mark.parametrize("kind", ["private", "public"])
def test_an_empty_room_of_the_same_people_takes_the_history(kind: str, tmp_path: Path) -> None:
    here = room("Board", owner=person("ann"), members=[person("ben")], kind=kind)
    handed_in(tmp_path / "archive", kind, {"ann": "owner", "ben": "member"} if kind == "private" else {"ann": "owner"})
    assert [one.room for one in Message.objects.all()] == [here]


def test_files_are_in_the_archive_with_their_sums_and_come_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    history_import(Wanted("mattermost", SAMPLES / "mattermost" / "export"))
    archive = exported(tmp_path / "a.zip", "--all")
    # One line per file would flood the log.
    assert [one for one in caplog.records if one.name.startswith("zipstream")] == []
    [message] = [one for one in archive["messages"] if one["files"]]
    [file] = message["files"]
    assert "url" not in file
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        data = packed.read(file["path"])
    assert archive["manifest"]["counts"]["files"] == 1
    import_undo(ImportRun.objects.get())
    assert history_import(Wanted("backchannel", tmp_path / "a.zip"))["counts"]["files"] == 1
    again = exported(tmp_path / "b.zip", "--all")
    [other] = [one for message in again["messages"] for one in message["files"]]
    with zipfile.ZipFile(tmp_path / "b.zip") as packed:
        assert packed.read(other["path"]) == data
    assert exported(tmp_path / "c.zip", "--all", "--no-files")["manifest"]["counts"]["files"] == 0


def test_pages_to_read_are_by_room_and_month_and_escape_what_people_wrote(garden: Room, tmp_path: Path) -> None:
    alice = Participant.objects.get(username="alice")
    messages_post([Draft(alice, "garden", "**bold** <script>alert(1)</script> #garden @bob [x](javascript:alert(1))")])
    Message.objects.filter(seq=1).update(created_at=datetime(2024, 3, 5, 12, tzinfo=UTC))
    call_command("export", "--room", "garden", "--html", "--to", str(tmp_path / "pages.zip"))
    with zipfile.ZipFile(tmp_path / "pages.zip") as archive:
        assert archive.testzip() is None
        pages = {name: archive.read(name).decode() for name in archive.namelist()}
    now = f"{datetime.now(UTC):%Y-%m}"
    assert set(pages) == {
        "index.html",
        *(f"rooms/garden/{name}.html" for name in ("index", "2024-03", now)),
    }
    newest = pages[f"rooms/garden/{now}.html"]
    assert "<strong>bold</strong> &lt;script&gt;" in newest
    assert '<a class="mention" href="../garden/index.html">#garden</a>' in newest
    assert 'href="2024-03.html#m1"' in newest
    assert '<a href="2024-03.html">Earlier</a>' in newest
    for page in pages.values():
        assert "<script" not in page
        assert 'javascript:alert(1)"' not in page
        assert "http://" not in page
        assert faults(page) == []


def test_pages_show_files_by_paths_inside_the_archive(tmp_path: Path) -> None:
    history_import(Wanted("mattermost", SAMPLES / "mattermost" / "export"))
    call_command("export", "--all", "--html", "--to", str(tmp_path / "pages.zip"))
    with zipfile.ZipFile(tmp_path / "pages.zip") as archive:
        [file] = [name for name in archive.namelist() if name.startswith("files/")]
        texts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("rooms/")]
    assert any(f'href="../../{quote(file)}" download' in text for text in texts)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("a plan.pdf", "a plan.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "file"),
        ("c:evil.txt", "c_evil.txt"),
        ("a\\b<c>.png", "a_b_c_.png"),
        ("con.txt", "_con.txt"),
        ("line\nbreak", "line_break"),
        ("ü" * 255 + ".jpeg", "ü" * 97 + ".jpeg"),
    ],
)
def test_a_file_has_a_name_in_the_archive_that_every_system_can_write(name: str, place: str) -> None:
    assert file_path("key", name) == f"files/key/{place}"


def test_a_room_has_a_folder_in_pages_to_read_that_every_system_can_make(garden: Room, tmp_path: Path) -> None:
    alice = Participant.objects.get(username="alice")
    room("con", owner=alice)
    messages_post([Draft(alice, "con", "see #con and #garden")])
    call_command("export", "--all", "--html", "--to", str(tmp_path / "pages.zip"))
    with zipfile.ZipFile(tmp_path / "pages.zip") as archive:
        names = archive.namelist()
        [page] = [name for name in names if name.startswith("rooms/room.con/2")]
        index, text = archive.read("index.html").decode(), archive.read(page).decode()
    assert [name for name in names if name.startswith("rooms/con/")] == []
    assert 'href="rooms/room.con/index.html"' in index
    assert 'href="../room.con/index.html"' in text
    assert 'href="../garden/index.html"' in text


def test_an_export_of_the_public_rooms_has_no_private_one(garden: Room, tmp_path: Path) -> None:
    Room.objects.filter(slug="shed").update(kind=Room.Kind.PUBLIC)
    archive = exported(tmp_path / "public.zip", "--public")
    assert {one["room"] for one in archive["rooms"]} == {"lobby", "shed"}
    assert [one["username"] for one in archive["people"]] == ["charlie"]
    assert [one["message"] for one in archive["messages"]] == ["secret"]
