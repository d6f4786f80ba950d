"""The export that imports are measured with is one that the reader of Slack takes whole."""

from pathlib import Path

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
