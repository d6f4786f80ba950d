"""The reader of Slack accepts everything in the export that benchmarks import."""

import json
import zipfile
from pathlib import Path

from bench.imports.round_trip import contents, differing
from bench.imports.slack_export import FILE_BYTES, ROOMS, Size, write_export
from chat.importing.stream import Options
from tests.importing.samples import Found


def test_every_message_and_file_of_the_generated_export_is_read(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    assert write_export(path, Size(3000, 3 * FILE_BYTES)) == 3
    found = Found("slack", path, Options())
    assert (len(found.messages), len(found.rooms), dict(found.notes.lost)) == (3000, ROOMS, {})
    assert [len(one.files) for one in found.messages.values()].count(1) == 3
    replies = [one for one in found.messages.values() if one.thread]
    assert len(replies) > 300
    assert all((one.room, one.thread) in found.messages for one in replies)
    again = tmp_path / "again.zip"
    write_export(again, Size(3000, 3 * FILE_BYTES))
    assert Found("slack", again, Options()).messages == found.messages


def written(path: Path, *texts: str, title: str = "Tea") -> Path:
    room = {"room": "tea", "kind": "public", "title": title, "topic": "", "archived": False, "members": []}
    rows = [
        {"room": "tea", "seq": number, "id": number + 70, "username": "ada", "message": text, "reactions": {}}
        | ({"files": [{"id": "k", "name": "a.txt", "size": 1, "path": "files/k/a.txt"}]} if number == 1 else {})
        for number, text in enumerate(texts, start=1)
    ]
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("manifest.json", json.dumps({"sha256": {"files/k/a.txt": "of the bytes"}}))
        out.writestr("people.jsonl", json.dumps({"id": 5, "username": "ada", "display_name": "Ada"}) + "\n")
        out.writestr("rooms.jsonl", json.dumps(room) + "\n")
        out.writestr("messages.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_archives_are_the_same_when_all_that_their_rooms_say_is(tmp_path: Path) -> None:
    one = contents(written(tmp_path / "1.zip", "hello", "world"))
    assert one["tea"][0] == 2
    assert contents(written(tmp_path / "2.zip", "hello", "world")) == one
    for other in (
        written(tmp_path / "3.zip", "hello", "World"),
        written(tmp_path / "4.zip", "hello"),
        written(tmp_path / "5.zip", "hello", "world", title="Coffee"),
    ):
        assert differing(one, contents(other)) == {"tea"}
