"""`manage.py import`: what comes in, what stays out, and that a second run adds nothing."""

import errno
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chat import storage
from chat.importing.stream import Options
from chat.models import (
    File,
    ImportedMessage,
    ImportedRoom,
    ImportRun,
    Membership,
    Message,
    Participant,
    Reaction,
    Room,
    Thread,
    ThreadFollow,
)
from chat.queries.message_states import message_states
from chat.services.imports.loading import Wanted, history_import
from chat.services.imports.undoing import import_undo
from chat.services.imports.writing import history_write
from support.people import person
from tests.importing.samples import SAMPLES, expected

pytestmark = pytest.mark.django_db
ZONE = ["--zone", "Europe/Berlin"]


def run(*args: object, fails: int | None = None) -> None:
    """Run `manage.py import`, and check its exit code."""
    try:
        call_command("import", *map(str, args))
        code = 0
    except SystemExit as left_out:
        code = int(str(left_out.code))
    except CommandError as refused:
        code = refused.returncode if "\n" not in str(refused) else -1
    assert code == (fails or 0)


def states() -> dict[tuple[str, str], dict[str, Any]]:
    """Every imported message, by room and id in the export."""
    found = {}
    for row in ImportedMessage.objects.select_related("place", "message"):
        [state] = message_states(Message.objects.filter(pk=row.message_id))
        found[row.place.source, row.source] = json.loads(state.encode())
    return found


def test_a_slack_export_comes_in_with_everything_it_says() -> None:
    run("slack", SAMPLES / "slack" / "export.zip")
    found = states()
    answer = [one for one in expected("slack")["messages"] if one["kind"] == "message"]
    assert found.keys() == {(one["room"], one["id"]) for one in answer}
    for one in answer:
        state = found[one["room"], one["id"]]
        assert datetime.fromisoformat(state["timestamp"]) == datetime.fromisoformat(one["at"])
        assert state["deleted"] == one["deleted"]
        if one["author"] in {"ada", "bob", "eve", "zoe"}:
            assert state["username"] == one["author"]
        if one["thread"]:
            assert state["reply_to"] == found[one["room"], one["thread"]]["seq"]
        assert (state["imported"], state["author"]) == ("slack", "imported")
    reacted = found["C0GEN", "1709575380.000100"]["reactions"]
    assert reacted == {"👍🏼": ["bob", "U0LOST"], "👍": ["ada"], ":partyparrot:": ["bob"]}
    for one in Participant.objects.filter(username__in=["ada", "U0LOST"]):
        assert (one.kind, one.user) == ("imported", None)


def test_numbers_go_in_the_order_of_time_without_gaps() -> None:
    run("rocketchat", SAMPLES / "rocketchat" / "mongodump")
    for place in ImportedRoom.objects.select_related("room"):
        rows = list(place.room.messages.order_by("seq").values_list("seq", "created_at", "rev"))
        assert [seq for seq, _, _ in rows] == list(range(1, len(rows) + 1))
        assert [at for _, at, _ in rows] == sorted(at for _, at, _ in rows)
        assert place.room.last_seq == len(rows) <= place.room.last_rev


def test_rooms_keep_kind_title_topic_members_and_state() -> None:
    run("slack", SAMPLES / "slack" / "export")
    rooms = {row.source: row.room for row in ImportedRoom.objects.select_related("room")}
    kinds = {source: room.kind for source, room in rooms.items()}
    assert kinds == {
        "C0GEN": "public", "C0STR": "public", "C0OLD": "public", "G0PLANS": "private", "D0AB": "direct",
        "G0MP": "private", "D0AA": "private",
    }  # fmt: skip
    general = rooms["C0GEN"]
    assert (general.slug, general.title, general.topic) == ("general", "general", "Tea & talk")
    assert (rooms["C0STR"].slug, rooms["C0STR"].title, rooms["C0OLD"].archived) == ("strasse", "straße", True)
    members = Membership.objects.filter(room=general).values_list("user__username", "read_seq")
    assert set(members) == {(name, general.last_seq) for name in ("ada", "bob", "eve", "zoe")}


@pytest.mark.parametrize(
    "args",
    [
        ("slack", "slack/export"),
        ("mattermost", "mattermost/export"),
        ("zulip", "zulip/export"),
        ("rocketchat", "rocketchat/mongodump"),
        ("discord", "discord"),
        ("telegram", "telegram/export"),
        ("matrix", "matrix"),
        ("teams", "teams/powershell"),
        ("irc", "irc/znc/logs"),
        ("whatsapp", "whatsapp/ios-de/export"),
    ],
    ids=lambda args: args[0],
)
def test_a_second_run_adds_nothing(args: tuple[str, str]) -> None:
    wanted = Wanted(args[0], SAMPLES / args[1], Options("Europe/Berlin"))
    first = history_import(wanted)
    before = (list(Message.objects.order_by("pk").values()), Participant.objects.count(), Room.objects.count())
    second = history_import(wanted)
    assert second["counts"]["new"] == 0
    assert second["counts"]["already"] == first["counts"]["new"] == len(before[0]) > 0
    after = (list(Message.objects.order_by("pk").values()), Participant.objects.count(), Room.objects.count())
    assert after == before


def test_a_dry_run_writes_nothing_and_counts_what_would_come() -> None:
    report = history_import(Wanted("slack", SAMPLES / "slack" / "export", dry_run=True))
    assert (ImportRun.objects.count(), Message.objects.count(), Participant.objects.count()) == (0, 0, 0)
    assert report["counts"]["messages"] == report["counts"]["new"] == 27
    assert history_import(Wanted("slack", SAMPLES / "slack" / "export"))["counts"]["new"] == 27


def slack(path: Path, *texts: str, first: int = 0) -> Path:
    """An export with these messages in one room, one per second."""
    rows = [
        {"type": "message", "user": "U1", "ts": f"17095751{number:02}.000100", "text": text}
        for number, text in enumerate(texts, start=first)
    ]
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("users.json", json.dumps([{"id": "U1", "name": "ada", "profile": {"email": "ada@example.org"}}]))
        out.writestr("channels.json", json.dumps([{"id": "C1", "name": "general", "members": ["U1"]}]))
        out.writestr("general/2024-03-04.json", json.dumps(rows))
    return path


def test_a_later_export_that_overlaps_adds_what_is_new(tmp_path: Path) -> None:
    run("slack", slack(tmp_path / "a.zip", "one", "two", "three"))
    run("slack", slack(tmp_path / "b.zip", "two", "three", "four", first=1))
    rows = Message.objects.order_by("seq").values_list("seq", "text")
    assert list(rows) == [(1, "one"), (2, "two"), (3, "three"), (4, "four")]
    assert Membership.objects.get(room__slug="general").read_seq == 4


def test_two_exports_with_one_name_of_a_room_become_two_rooms(tmp_path: Path) -> None:
    run("slack", slack(tmp_path / "a.zip", "of the first"))
    with (
        zipfile.ZipFile(slack(tmp_path / "b.zip", "of the second")) as first,
        zipfile.ZipFile(tmp_path / "c.zip", "w") as out,
    ):
        for name in first.namelist():
            out.writestr(name, first.read(name).replace(b"C1", b"C2"))
    run("slack", tmp_path / "c.zip")
    found = Message.objects.order_by("pk").values_list("room__slug", "seq", "text")
    assert list(found) == [("general", 1, "of the first"), ("general-2", 1, "of the second")]


def test_a_room_with_messages_of_its_own_takes_no_history() -> None:
    alice = person("alice")
    room = Room.objects.create(slug="general", title="general", last_seq=1, last_rev=1)
    Message.objects.create(room=room, seq=1, rev=1, author=alice, text="hello", created_at=room.created_at)
    run("slack", SAMPLES / "slack" / "export")
    assert list(room.messages.values_list("seq", "text")) == [(1, "hello")]
    assert ImportedRoom.objects.get(source="C0GEN").room.slug == "general-2"


def test_an_account_is_matched_by_the_list_or_by_its_verified_address_and_never_by_name(tmp_path: Path) -> None:
    from allauth.account.models import EmailAddress

    ada, bob = person("ada"), person("bob")
    run("slack", slack(tmp_path / "a.zip", "one"))
    assert ImportedMessage.objects.get().message.author.username == "ada-2"
    import_undo(ImportRun.objects.get())
    EmailAddress.objects.create(user=ada.user, email="ada@example.org", verified=False)
    run("slack", slack(tmp_path / "a.zip", "one"))
    assert ImportedMessage.objects.get().message.author.username == "ada-2"
    import_undo(ImportRun.objects.get(state="done"))
    EmailAddress.objects.update(verified=True)
    run("slack", slack(tmp_path / "a.zip", "one"))
    assert ImportedMessage.objects.get().message.author_id == ada.pk
    import_undo(ImportRun.objects.get(state="done"))
    (tmp_path / "map.csv").write_text("source,username\nU1,bob\n")
    run("slack", slack(tmp_path / "a.zip", "one"), "--people", tmp_path / "map.csv")
    assert ImportedMessage.objects.get().message.author_id == bob.pk


def test_a_list_that_names_a_stranger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text("U1,nobody\n")
    run("slack", slack(tmp_path / "a.zip", "one"), "--people", tmp_path / "map.csv", fails=2)
    assert ImportRun.objects.count() == 0


def test_a_direct_conversation_of_two_accounts_is_their_direct_room(tmp_path: Path) -> None:
    ada, bob = person("ada"), person("bob")
    (tmp_path / "map.csv").write_text("U0ADA,ada\nU0BOB,bob\n")
    run("slack", SAMPLES / "slack" / "export", "--people", tmp_path / "map.csv")
    room = ImportedRoom.objects.get(source="D0AB").room
    assert room.slug == Room.direct_slug(ada.pk, bob.pk)
    assert set(room.memberships.values_list("user_id", flat=True)) == {ada.pk, bob.pk}


def test_an_import_is_taken_back_whole() -> None:
    run("slack", SAMPLES / "slack" / "export")
    call_command("import", "--undo", str(ImportRun.objects.get().pk))
    assert (Message.objects.count(), Room.objects.count(), Participant.objects.count()) == (0, 1, 0)
    assert ImportRun.objects.get().state == "undone"
    run("slack", SAMPLES / "slack" / "export")
    assert Message.objects.count() == 27


def test_what_people_wrote_since_stays_when_an_import_is_taken_back(tmp_path: Path) -> None:
    alice = person("alice")
    run("slack", slack(tmp_path / "a.zip", "one", "two"))
    room = Room.objects.get(slug="general")
    Message.objects.create(room=room, seq=3, rev=3, author=alice, text="new", created_at=room.created_at)
    Room.objects.update(last_seq=3, last_rev=3)
    import_undo(ImportRun.objects.get())
    rows = [(row.seq, row.text, row.deleted_at is None) for row in room.messages.order_by("seq")]
    assert rows == [(1, "", False), (2, "", False), (3, "new", True)]


def test_a_run_that_broke_off_is_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.services.imports.writing.batch_size", lambda **_: 4)
    steps = 0

    def breaks(step: str, done: int, total: int) -> None:
        nonlocal steps
        steps += step == "written"
        if steps == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        history_import(Wanted("slack", SAMPLES / "slack" / "export"), breaks)
    held = ImportedRoom.objects.get(source="C0GEN")
    assert (held.complete, held.room.kind, held.room.memberships.count()) == (False, "private", 0)
    assert 0 < Message.objects.count() < 27
    history_import(Wanted("slack", SAMPLES / "slack" / "export"))
    assert Message.objects.count() == 27
    assert ImportedRoom.objects.get(source="C0GEN").room.kind == "public"
    thread = Message.objects.get(imported__source="1709621100.000100")
    assert thread.reply_to == Message.objects.get(imported__source="1709620200.482349").seq


def test_threads_are_counted_also_when_their_import_broke_off_and_followed_by_accounts(tmp_path: Path) -> None:
    ada = person("ada")
    (tmp_path / "map.csv").write_text("U0ADA,ada\n")

    def breaks(step: str, done: int, total: int) -> None:
        if step == "written":
            raise KeyboardInterrupt

    wanted = Wanted("slack", SAMPLES / "slack" / "export", people=tmp_path / "map.csv")
    with pytest.raises(KeyboardInterrupt):
        history_import(wanted, breaks)
    assert not Thread.objects.exists()
    history_import(wanted)
    for thread in Thread.objects.select_related("root", "room"):
        replies = Message.objects.filter(room=thread.room, thread=thread.seq, deleted_at=None)
        assert thread.root.reply_count == replies.count() > 0
        assert thread.last_seq == max(replies.values_list("seq", flat=True))
    rooms = Room.objects.exclude(slug="lobby")
    assert all(one.last_rev >= max(one.messages.values_list("rev", flat=True)) for one in rooms)
    assert Thread.objects.count() == len(set(Message.objects.exclude(thread=None).values_list("room", "thread"))) > 0
    assert set(ThreadFollow.objects.values_list("user_id", flat=True)) == {ada.pk}


def test_the_report_names_what_was_left_out_and_the_command_ends_with_1(tmp_path: Path) -> None:
    run("matrix", SAMPLES / "matrix", "--report", tmp_path / "report.json", fails=1)
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["counts"]["new"] == 13
    [lost] = report["left_out"]
    assert (lost["what"], lost["count"], lost["places"]) == ("text", 1, ["matrix-Tea-round-export.json: 17"])


@pytest.mark.parametrize(
    "args", [("slack", "/nowhere"), ("slack",), ("irc", SAMPLES / "irc" / "znc" / "logs", "--zone", "Mars/Base")]
)
def test_input_that_cannot_be_used_is_refused_in_one_line(args: tuple[object, ...]) -> None:
    run(*args, fails=2)


def test_one_room_of_an_export_can_be_chosen_and_the_only_one_named() -> None:
    history_import(Wanted("slack", SAMPLES / "slack" / "export", room="plans"))
    assert list(Room.objects.values_list("title", flat=True)) == ["Lobby", "plans"]
    history_import(Wanted("telegram", SAMPLES / "telegram" / "export", room="Tea"))
    assert Room.objects.filter(title="Tea").exists()


def test_files_that_are_not_kept_are_lines_of_the_message() -> None:
    history_import(Wanted("slack", SAMPLES / "slack" / "export"))
    row = Message.objects.get(imported__source="1709667660.000600")
    assert (
        row.text
        == "look\n[old.txt](https://files.slack.com/files-pri/T0HOME-F0OLD/download/old.txt?t=xoxe-0-sample) (12 bytes)"
    )
    assert Reaction.objects.count() == 4


@pytest.mark.parametrize(
    ("name", "path"), [("mattermost", "mattermost/export.zip"), ("rocketchat", "rocketchat/mongodump")]
)
def test_files_that_lie_in_the_export_are_files_of_the_message(name: str, path: str) -> None:
    report = history_import(Wanted(name, SAMPLES / path))
    [file] = File.objects.all()
    assert (file.name, file.state, file.message is not None, report["counts"]["files"]) == (
        "notes.txt",
        "ready",
        True,
        1,
    )
    assert file.message is not None
    assert "notes.txt" not in file.message.text
    assert len(b"".join(storage.pieces(storage.place(file.key), 0, file.size))) == 6


def test_a_disk_that_fills_ends_the_command_with_a_line_and_the_next_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = 0

    def fills(*args: Any, **kwargs: Any) -> Any:
        nonlocal rooms
        rooms += 1
        if rooms == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return history_write(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr("chat.services.imports.loading.history_write", fills)
        with pytest.raises(CommandError, match=r"No space left on device\. Run it again to continue\.$") as refused:
            call_command("import", "slack", str(SAMPLES / "slack" / "export"))
    assert (refused.value.returncode, 0 < Message.objects.count() < 27) == (2, True)
    run("slack", SAMPLES / "slack" / "export")
    assert Message.objects.count() == 27


def whatsapp(path: Path, *lines: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"04.03.24, 22:{line}\n" for line in lines))
    return path


def test_a_later_export_of_a_format_without_ids_adds_what_is_new(tmp_path: Path) -> None:
    lines = ["15 - Ada: ping", "15 - Ada: ping", "16 - Bob: pong"]
    name = "WhatsApp Chat mit Tee.txt"
    run("whatsapp", whatsapp(tmp_path / "a" / name, *lines), *ZONE)
    run("whatsapp", whatsapp(tmp_path / "b" / name, *lines[1:], "17 - Ada: new"), *ZONE)
    run("whatsapp", whatsapp(tmp_path / "c" / name, *lines, "17 - Ada: new"), *ZONE)
    assert list(Message.objects.order_by("seq").values_list("text", flat=True)) == ["ping", "ping", "pong", "new"]


def test_two_groups_of_one_title_are_kept_apart_by_the_name_that_they_are_given(tmp_path: Path) -> None:
    name = "WhatsApp Chat mit Tee.txt"
    one = whatsapp(tmp_path / "a" / name, "15 - Ada: of the first", "15 - Bob: x", "15 - Eve: y")
    two = whatsapp(tmp_path / "b" / name, "15 - Zoe: of the second", "15 - Carl: x", "15 - Dan: y")
    for path, title in ((one, "Tee"), (two, "Tee der anderen"), (one, "Tee"), (two, "Tee der anderen")):
        run("whatsapp", path, *ZONE, "--room", title)
    found = Message.objects.filter(text__startswith="of").order_by("pk").values_list("room__title", "text")
    assert list(found) == [("Tee", "of the first"), ("Tee der anderen", "of the second")]
    assert Message.objects.count() == 6
