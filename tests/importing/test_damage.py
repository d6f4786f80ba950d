"""Archives that are truncated, mislabelled or malicious: the rest is read, and the report names the place."""

import io
import json
import shutil
import sqlite3
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import bson
import pytest

from chat.importing import archives, documents
from chat.importing.archives import opened
from chat.importing.clocks import LocalClock
from chat.importing.formats import FORMATS, reader
from chat.importing.stream import NotAnExport, Notes, Options
from tests.importing.samples import SAMPLES, Found

USERS = json.dumps([{"id": "U1", "name": "ada", "profile": {"real_name": "Ada"}}])
CHANNELS = json.dumps([{"id": "C1", "name": "general", "members": ["U1"]}])
DAY = "general/2024-03-04.json"


def message(number: int, text: str = "") -> dict[str, str]:
    return {"type": "message", "user": "U1", "ts": f"170957514{number}.000100", "text": text or f"message {number}"}


def zipped(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in {"users.json": USERS, "channels.json": CHANNELS, **files}.items():
            out.writestr(name, content)
    return path


def texts(found: Found) -> list[str]:
    return [one.text for one in found.messages.values()]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("content", [b"", b"hello\n", b"{}", b"[]", b"PK\x03\x04 cut", b"\x00" * 5000])
def test_a_file_that_is_no_such_export_is_refused_in_one_line(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_bytes(content)
    with pytest.raises(NotAnExport) as refused:
        Found(name, path, Options(zone="UTC", day_first=True))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", FORMATS)
def test_a_path_with_nothing_at_it_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotAnExport, match="no such file"):
        Found(name, tmp_path / "gone", Options())


def test_a_zip_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", {DAY: json.dumps([message(1)])})
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(NotAnExport, match="is cut off"):
        Found("slack", path, Options())


def test_names_that_lead_out_of_the_archive_are_left_out(tmp_path: Path) -> None:
    evil = dict.fromkeys(("../2024-03-04.json", "/general/2024-03-04.json", "general/../../2024-03-05.json"), "[]")
    found = Found("slack", zipped(tmp_path / "export.zip", {DAY: json.dumps([message(1)]), **evil}), Options())
    assert texts(found) == ["message 1"]
    assert found.notes.lost["file", "its name leads out of the archive"] == 3


def test_links_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text(json.dumps([message(2)]))
    folder = tmp_path / "export"
    (folder / "general").mkdir(parents=True)
    (folder / "users.json").write_text(USERS)
    (folder / "channels.json").write_text(CHANNELS)
    (folder / DAY).symlink_to(tmp_path / "secret.json")
    assert texts(Found("slack", folder, Options())) == []


def test_a_file_that_grows_a_thousand_times_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "SMALL", 1024 * 1024)
    bomb = {"general/2024-03-05.json": b" " * 4 * 1024 * 1024}
    found = Found("slack", zipped(tmp_path / "export.zip", {DAY: json.dumps([message(1)]), **bomb}), Options())
    assert texts(found) == ["message 1"]
    assert found.notes.lost["file", "would grow more than 200 times when unpacked"] == 1


def test_an_export_packed_with_its_folder_is_found(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as out:
        for name, content in (("users.json", USERS), ("channels.json", CHANNELS), (DAY, json.dumps([message(1)]))):
            out.writestr(f"My workspace/{name}", content)
    assert texts(Found("slack", tmp_path / "export.zip", Options())) == ["message 1"]


def test_an_archive_that_holds_another_one_is_refused_with_its_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "download.zip", "w") as out:
        out.write(zipped(tmp_path / "export.zip", {}), "Slack/export.zip")
    with pytest.raises(NotAnExport, match=r"holds another archive, Slack/export\.zip; unpack it"):
        Found("slack", tmp_path / "download.zip", Options())


def test_a_tar_is_read_as_a_folder_is(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "export.tar.gz", "w:gz") as out:
        out.add(SAMPLES / "zulip" / "export", "zulip-export")
    packed = Found("zulip", tmp_path / "export.tar.gz", Options())
    assert texts(packed) == texts(Found("zulip", SAMPLES / "zulip" / "export", Options()))


def test_a_tar_that_is_cut_off_gives_what_it_has(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as out:
        out.add(SAMPLES / "zulip" / "export" / "realm.json", "realm.json")
        out.add(SAMPLES / "zulip" / "export" / "messages-000001.json", "messages-000001.json")
    (tmp_path / "export.tar").write_bytes(buffer.getvalue()[:9000])
    found = Found("zulip", tmp_path / "export.tar", Options())
    assert found.people
    assert found.notes.lost


def test_a_list_that_is_cut_gives_the_messages_before_the_cut(tmp_path: Path) -> None:
    whole = json.dumps([message(number) for number in range(1, 5)])
    found = Found("slack", zipped(tmp_path / "export.zip", {DAY: whole[:-30]}), Options())
    assert texts(found) == ["message 1", "message 2", "message 3"]
    [(what, why)] = found.notes.lost
    assert (what, found.notes.places[what, why]) == ("file", [DAY])


def test_bytes_that_are_no_utf8_and_control_characters_cost_no_message(tmp_path: Path) -> None:
    bad = json.dumps([message(1, "caf?")]).encode().replace(b"?", b"\xe9")[:-1] + b', {"type": "message", '
    bad += b'"user": "U1", "ts": "1709575149.000100", "text": "a\x07b\\u0000c\\ud83d"}]'
    found = Found("slack", zipped(tmp_path / "export.zip", {DAY: bad}), Options())
    assert texts(found) == ["caf�", "a\x07bc�"]


def test_large_files_are_read_in_parts_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {
        name: Found(name, SAMPLES / name / path, Options()) for name, path in (("slack", "export"), ("discord", "."))
    }
    monkeypatch.setattr(documents, "WHOLE_MAX", 10)
    for name, path in (("slack", "export"), ("discord", ".")):
        assert Found(name, SAMPLES / name / path, Options()).messages == whole[name].messages


def test_large_numbers_of_a_large_file_cost_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "WHOLE_MAX", 10)
    rows = json.dumps([{**message(1), "metadata": {"id": 2**70, "share": 0.5}}, message(2)])
    found = Found("slack", zipped(tmp_path / "export.zip", {DAY: rows}), Options())
    assert (texts(found), dict(found.notes.lost)) == (["message 1", "message 2"], {})


def test_a_line_that_is_too_long_is_left_out_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "LINE_MAX", 1000)
    lines = (SAMPLES / "mattermost" / "export" / "import.jsonl").read_bytes().splitlines(keepends=True)
    lines.insert(5, b'{"type": "post", "post": {"message": "' + b"x" * 5000 + b'"}}\n')
    lines.insert(6, b"{not json}\n")
    lines.insert(7, b'{"type": "playbook", "playbook": {}}\n')
    (tmp_path / "import.jsonl").write_bytes(b"".join(lines))
    found = Found("mattermost", tmp_path / "import.jsonl", Options())
    assert found.notes.lost["line", "is longer than 1000 bytes"] == 1
    assert found.notes.lost["entry", "is of the unknown kind playbook"] == 1
    assert found.notes.places["line", "is longer than 1000 bytes"] == ["import.jsonl: line 6"]
    assert len(found.notes.lost) == 3


def test_a_line_of_50_mb_costs_that_line(tmp_path: Path) -> None:
    lines = (SAMPLES / "mattermost" / "export" / "import.jsonl").read_bytes().splitlines(keepends=True)
    lines.insert(5, b'{"type": "post", "post": {"message": "' + b"x" * 50_000_000 + b'"}}\n')
    (tmp_path / "import.jsonl").write_bytes(b"".join(lines))
    found = Found("mattermost", tmp_path / "import.jsonl", Options())
    assert found.notes.places["line", f"is longer than {documents.LINE_MAX} bytes"] == ["import.jsonl: line 6"]
    assert texts(found) == texts(Found("mattermost", SAMPLES / "mattermost" / "export", Options())) != []


def test_control_characters_as_telegram_writes_them_are_read(tmp_path: Path) -> None:
    sample = (SAMPLES / "telegram" / "export" / "result.json").read_text(encoding="utf-8")
    (tmp_path / "result.json").write_text(sample.replace("reply, edited", r"bell \x07 and \\x41"), encoding="utf-8")
    found = Found("telegram", tmp_path, Options())
    assert "bell \x07 and \\x41" in texts(found)


def test_all_chats_of_telegram_are_read_from_one_file(tmp_path: Path) -> None:
    chat = json.loads((SAMPLES / "telegram" / "export" / "result.json").read_text(encoding="utf-8"))
    everything = {
        "about": "x",
        "chats": {"about": "y", "list": [chat, {**chat, "id": 778}]},
        "left_chats": {"list": []},
    }
    (tmp_path / "result.json").write_text(json.dumps(everything))
    found = Found("telegram", tmp_path, Options())
    assert set(found.rooms) == {"777", "778"}
    assert len(found.messages) == 2 * 11


def test_telegram_without_instants_needs_the_zone(tmp_path: Path) -> None:
    chat = json.loads((SAMPLES / "telegram" / "export" / "result.json").read_text(encoding="utf-8"))
    for one in chat["messages"]:
        one.pop("date_unixtime", None)
        one.pop("edited_unixtime", None)
    (tmp_path / "result.json").write_text(json.dumps(chat))
    with pytest.raises(NotAnExport, match="--zone"):
        Found("telegram", tmp_path, Options())
    at = [one.at for one in Found("telegram", tmp_path, Options(zone="Europe/Berlin")).messages.values()]
    assert at == [one.at for one in Found("telegram", SAMPLES / "telegram" / "export", Options()).messages.values()]


def test_a_damaged_document_of_a_dump_ends_it_with_a_note(tmp_path: Path) -> None:
    good = bson.encode(
        {
            "_id": "m1",
            "rid": "R",
            "msg": "kept",
            "ts": bson.decode_all((SAMPLES / "rocketchat/mongodump/rocketchat/rocketchat_message.bson").read_bytes())[
                0
            ]["ts"],
            "u": {"_id": "u"},
        }
    )
    (tmp_path / "rocketchat_message.bson").write_bytes(good + b"\xff\xff\xff\x7f" + b"rest")
    found = Found("rocketchat", tmp_path, Options())
    assert texts(found) == ["kept"]
    assert found.notes.places["file", "is cut off, or no BSON from here on"] == [
        f"rocketchat_message.bson: byte {len(good)}"
    ]


def test_the_hour_that_comes_twice_is_distinguished_by_the_order_of_the_lines(tmp_path: Path) -> None:
    lines = ["02:30:00", "02:59:00", "02:10:00", "02:50:00", "03:05:00"]
    (tmp_path / "libera" / "#dev").mkdir(parents=True)
    log = "".join(f"[{clock}] <ada> at {clock}\n" for clock in lines)
    (tmp_path / "libera" / "#dev" / "2024-10-27.log").write_text(log)
    found = Found("irc", tmp_path, Options(zone="Europe/Berlin"))
    assert [f"{one.at:%H:%M}" for one in found.messages.values()] == ["00:30", "00:59", "01:10", "01:50", "02:05"]


def test_a_clock_takes_the_first_reading_where_nothing_speaks_against_it() -> None:
    clock = LocalClock("America/New_York")
    assert clock.utc(datetime(2024, 11, 3, 1, 30)).hour == 5
    assert clock.utc(datetime(2024, 11, 3, 1, 10)).hour == 6


def test_equal_lines_of_a_format_without_ids_are_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "#dev.log").write_text(
        "--- Log opened Mon Jan 01 23:58:00 2024\n23:58 <ada> ping\n23:58 <ada> ping\n23:58 <@ada> ping\n"
    )
    found = Found("irc", tmp_path, Options(zone="UTC"))
    assert texts(found) == ["ping"] * 3


def test_a_database_of_campfire_is_read(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "production.sqlite3")
    db.executescript(
        """
        CREATE TABLE users (id INTEGER, name TEXT, role INTEGER, status INTEGER, bot_token TEXT, email_address TEXT);
        CREATE TABLE rooms (id INTEGER, name TEXT, type TEXT, created_at TEXT);
        CREATE TABLE memberships (id INTEGER, room_id INTEGER, user_id INTEGER);
        CREATE TABLE messages (id INTEGER, room_id INTEGER, creator_id INTEGER, created_at TEXT, updated_at TEXT);
        CREATE TABLE action_text_rich_texts (record_type TEXT, record_id INTEGER, name TEXT, body TEXT);
        CREATE TABLE boosts (id INTEGER, message_id INTEGER, booster_id INTEGER, content TEXT);
        CREATE TABLE active_storage_attachments (record_type TEXT, record_id INTEGER, name TEXT, blob_id INTEGER);
        CREATE TABLE active_storage_blobs (id INTEGER PRIMARY KEY, filename TEXT, byte_size INTEGER, key TEXT);
        INSERT INTO users VALUES (1, 'Ada L', 1, 0, NULL, 'ada@example.org'), (2, 'Bob', 0, 1, NULL, 'x');
        INSERT INTO users VALUES (3, 'CI', 2, 0, 't', NULL);
        INSERT INTO rooms VALUES (1, 'Tea', 'Rooms::Open', '2024-03-05 08:00:00'), (2, NULL, 'Rooms::Direct', NULL);
        INSERT INTO memberships VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 2, 2);
        INSERT INTO messages VALUES (1, 1, 1, '2024-03-05 09:00:00.123456', ''), (2, 1, 3, '2024-03-05 09:01:00', '');
        INSERT INTO messages VALUES (3, 2, 2, '2024-03-05 09:02:00', '');
        INSERT INTO boosts VALUES (1, 1, 2, '👍'), (2, 1, 1, '👍');
        INSERT INTO active_storage_attachments VALUES ('Message', 2, 'attachment', 1);
        INSERT INTO active_storage_blobs VALUES (1, 'notes.txt', 6, 'abcdefgh');
        """
    )
    # The id inside the signed id, as Rails writes it: {"_rails": {"data": "gid://campfire/User/2", …}}.
    sgid = "eyJfcmFpbHMiOnsiZGF0YSI6ImdpZDovL2NhbXBmaXJlL1VzZXIvMiJ9fQ==--signature"
    body = (
        f'<div>Hello <action-text-attachment sgid="{sgid}" content-type="application/vnd.campfire.mention">'
        "</action-text-attachment> <strong>bold</strong><br>next</div>"
    )
    db.execute("INSERT INTO action_text_rich_texts VALUES ('Message', 1, 'body', ?)", (body,))
    db.commit()
    db.close()
    (tmp_path / "files" / "ab" / "cd").mkdir(parents=True)
    (tmp_path / "files" / "ab" / "cd" / "abcdefgh").write_text("notes\n")
    found = Found("campfire", tmp_path, Options())
    first, second, third = found.messages.values()
    assert (first.text, first.reactions) == ("Hello @bob **bold**\nnext", {"👍": ["2", "1"]})
    assert [(file.name, file.size, file.state) for file in second.files] == [("notes.txt", 6, "present")]
    assert (third.room, found.rooms["2"].kind, found.people["2"].active) == ("2", "direct", False)


def test_the_bytes_of_a_file_in_gridfs_are_those_of_its_chunks() -> None:
    found = Found("rocketchat", SAMPLES / "rocketchat" / "mongodump", Options())
    [file] = found.messages["GENERAL", "m11"].files
    notes = Notes()
    with opened(SAMPLES / "rocketchat" / "mongodump", notes) as archive:
        list(reader("rocketchat")(archive, Options()))
        with archive.open(file.path) as source:
            assert len(source.read()) == file.size


def tarred(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w") as out:
        for info, data in members:
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
    return path


def member(
    name: str, data: bytes = b"[]", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info, b"" if link else data


def test_a_tar_with_paths_that_lead_out_links_and_devices_gives_the_rest(tmp_path: Path) -> None:
    good = [member("users.json", USERS.encode()), member("channels.json", CHANNELS.encode())]
    good.append(member(DAY, json.dumps([message(1)]).encode()))
    evil = [
        member("/etc/2024-03-04.json"),
        member("../general/2024-03-05.json"),
        member("general/2024-03-06.json", kind=tarfile.SYMTYPE, link="/etc/passwd"),
        member("general/2024-03-07.json", kind=tarfile.LNKTYPE, link="users.json"),
        member("general/2024-03-08.json", b"", kind=tarfile.FIFOTYPE),
    ]
    found = Found("slack", tarred(tmp_path / "export.tar", *good, *evil), Options())
    assert texts(found) == ["message 1"]
    assert found.notes.lost["file", "its name leads out of the archive"] == 2
    assert not (tmp_path.parent / "general").exists()


def test_a_tar_of_long_names_is_read_and_one_of_endless_names_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = [member("users.json", USERS.encode()), member("channels.json", CHANNELS.encode())]
    good.append(member(DAY, json.dumps([message(1)]).encode()))
    path = tarred(tmp_path / "export.tar", *good, member(f"uploads/{'long' * 100}.json"))
    assert texts(Found("slack", path, Options())) == ["message 1"]
    monkeypatch.setattr(archives, "NAMING_MAX", 200)
    with pytest.raises(NotAnExport, match="a name in the archive has 4"):
        Found("slack", path, Options())


def test_a_tar_of_more_folders_than_files_are_allowed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "FILES_MAX", 5)
    folders = [member("general", b"", kind=tarfile.DIRTYPE)] * 6
    with pytest.raises(NotAnExport, match="more than 5 files"):
        Found("slack", tarred(tmp_path / "export.tar", *folders), Options())


def test_a_tar_that_unpacks_to_more_than_its_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "SMALL", 1024 * 1024)
    path = tmp_path / "export.tar.gz"
    with tarfile.open(path, "w:gz") as out:
        info, data = member("messages-000001.json", b" " * 64 * 1024 * 1024)
        info.size = len(data)
        out.addfile(info, io.BytesIO(data))
    with pytest.raises(NotAnExport, match="needs more space than there is"):
        Found("zulip", path, Options())


def test_a_zip_that_lies_about_its_sizes_gives_no_more_than_it_says(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", {DAY: json.dumps([message(1)]), "general/2024-03-05.json": " " * 5_000_000})
    # The size in the central directory, and in the header before the data.
    path.write_bytes(path.read_bytes().replace((5_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    found = Found("slack", path, Options())
    assert texts(found) == ["message 1"]
    assert [found.notes.places[one] for one in found.notes.lost] == [["general/2024-03-05.json"]]


@pytest.mark.parametrize("name", ["slack", "discord", "matrix", "teams", "zulip", "telegram"])
def test_a_message_of_50_mb_is_cut_or_costs_itself(name: str, tmp_path: Path) -> None:
    folder = {"discord": ".", "matrix": ".", "teams": "graph"}.get(name, "export")
    shutil.copytree(SAMPLES / name / folder, tmp_path / name)
    before = Found(name, tmp_path / name, Options())
    word = {"slack": "Hi from the other company"}.get(name) or max(
        (text for text in texts(before) if text.isascii() and text.replace(" ", "").isalpha()), key=len
    )
    for file in sorted((tmp_path / name).rglob("*.json")):
        text = file.read_text(encoding="utf-8")
        if f'"{word}' in text and file.name != "expected.json":
            file.write_text(text.replace(f'"{word}', f'"{word}{"x " * 25_000_000}', 1), encoding="utf-8")
            break
    after = Found(name, tmp_path / name, Options())
    others = [text for text in texts(before) if text != word]
    assert [text for text in texts(after) if len(text) < 100_000 and text != word] == others
    assert max(map(len, texts(after))) <= 1_100_000


def test_a_date_that_python_has_no_year_for_costs_no_document(tmp_path: Path) -> None:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    row = {"_id": "m", "rid": "R", "msg": "kept", "ts": at, "u": {"_id": "u"}, "editedAt": bson.DatetimeMS(2**60)}
    (tmp_path / "rocketchat_message.bson").write_bytes(bson.encode(row))
    assert texts(Found("rocketchat", tmp_path, Options())) == ["kept"]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"cut \ud83d", "cut �"),
        (r"\ud83d\ud83d\ude00 and \ude00", "�😀 and �"),
        (r"\\\ud83d\ude00", "\\😀"),
        (r"\\ud83d is no escape", "\\ud83d is no escape"),
        (r"\uD83D\uDE00", "😀"),
    ],
)
def test_half_an_emoji_costs_half_an_emoji(
    escaped: str, text: str, whole: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not whole:
        monkeypatch.setattr(documents, "WHOLE_MAX", 10)
    row = json.dumps([message(1, "WORDS"), message(2)]).replace("WORDS", escaped)
    found = Found("slack", zipped(tmp_path / "export.zip", {DAY: row}), Options())
    assert (texts(found), found.notes.lost.total()) == ([text, "message 2"], 0)


def test_pairs_of_surrogates_are_read_over_the_borders_of_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "WHOLE_MAX", 10)
    row = json.dumps([message(number, "a" * number + "😀\\\x07😀") for number in range(1, 9)]).encode()
    for size in range(7, 40):
        monkeypatch.setattr(documents, "_CHUNK", size)
        found = Found("slack", zipped(tmp_path / "export.zip", {DAY: row}), Options())
        assert sorted(texts(found), key=len) == ["a" * number + "😀\\\x07😀" for number in range(1, 9)]


def test_what_is_beyond_the_end_of_a_long_string_is_left_out_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "WHOLE_MAX", 10)
    monkeypatch.setattr(documents, "STRING_MAX", 300)
    text, numbers = '\\a"\N{BELL}' * 500, list(range(1000))
    rows = json.dumps([{**message(1, text), "numbers": numbers}, message(2)])
    path = zipped(tmp_path / "export.zip", {DAY: rows})
    for size in range(7, 40):
        monkeypatch.setattr(documents, "_CHUNK", size)
        with opened(path, Notes()) as archive:
            [(first, _), (second, _)] = documents.items(archive, DAY)
        assert (first["numbers"], second) == (numbers, message(2))
        assert text.startswith(first["text"][:30])
        assert 30 < len(first["text"]) < 400
