"""Files of messages that are written later: prepared ahead, and none left behind when an import ends early."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import pytest

from bench.imports.slack_export import Size, write_export
from chat.importing import archives
from chat.importing.stream import File as Named
from chat.importing.stream import Message as Read
from chat.models import File, Message
from chat.services.files import arrivals
from chat.services.imports import files as import_files
from chat.services.imports import windows as parts
from chat.services.imports.loading import Wanted, history_import
from chat.services.imports.windows import one_behind, windows

pytestmark = pytest.mark.django_db
MESSAGES, FILES = 300, 30


@pytest.fixture
def export(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An export with a file for every tenth message, imported in windows of 40."""
    settings.CHAT_UPLOADS_DIR = tmp_path / "uploads"
    where = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"files": where}
    monkeypatch.setattr(parts, "MESSAGES", 40)
    monkeypatch.setattr("bench.imports.slack_export.ROOMS", 2)
    monkeypatch.setattr("bench.imports.slack_export.FILE_BYTES", 1000)
    assert write_export(tmp_path / "slack.zip", Size(MESSAGES, FILES * 1000)) == FILES
    return tmp_path / "slack.zip"


def stored(export: Path) -> int:
    return sum(path.is_file() for path in (export.parent / "files").rglob("*"))


def said(number: int, *files: Named, text: str = "a") -> Read:
    at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    return Read("room", str(number), "ada", at, text, files=list(files))


def test_a_window_ends_where_memory_or_the_folder_would_be_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MESSAGES", 4)
    monkeypatch.setattr(parts, "CHARS", 10)
    monkeypatch.setattr(parts, "FILES", 2)
    monkeypatch.setattr(parts, "FILE_BYTES", 100)
    linked, small, large = Named("a"), Named("b", path="small"), Named("c", path="large")
    messages = [
        *[said(number) for number in range(5)],
        said(5, text="ten and more"),
        *[said(6, small), said(7, linked, linked), said(8, small)],
        *[said(9, large), said(10)],
    ]
    found = list(windows(messages, {"small": 1, "large": 100}.__getitem__))
    assert [[one.id for one in window] for window in found] == [
        ["0", "1", "2", "3"],
        ["4", "5"],
        ["6", "7", "8"],
        ["9"],
        ["10"],
    ]


def test_an_item_comes_when_the_next_one_is_there() -> None:
    asked: list[int] = []

    def items() -> Iterator[int]:
        for number in range(3):
            asked.append(number)
            yield number

    assert [(one, list(asked)) for one in one_behind(items())] == [(0, [0, 1]), (1, [0, 1, 2]), (2, [0, 1, 2])]
    assert list(one_behind([])) == []


def test_files_of_all_windows_are_those_of_their_messages(export: Path) -> None:
    report = history_import(Wanted("slack", export))
    assert report["counts"]["files"] == FILES == File.objects.filter(state="ready").count() == stored(export)
    for file in File.objects.select_related("message"):
        assert file.message
        # The export names each file after its message.
        assert (file.message.file_count, file.position, file.name in file.message.text) == (1, 0, False)
    assert Message.objects.filter(file_count=1).count() == FILES
    assert list(arrivals().iterdir()) == []


def test_an_import_that_ends_early_leaves_no_file_without_a_message(export: Path) -> None:
    def stops(step: str, done: int, total: int) -> None:
        if step == "written" and done >= 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        history_import(Wanted("slack", export), stops)
    written = Message.objects.filter(file_count=1).count()
    assert 0 < written < FILES
    assert File.objects.filter(message__file_count=1).count() == File.objects.count() == stored(export) == written
    assert list(arrivals().iterdir()) == []
    history_import(Wanted("slack", export))
    assert File.objects.exclude(message=None).count() == File.objects.count() == stored(export) == FILES
    assert Message.objects.count() == MESSAGES


def test_files_are_copied_by_one_thread_while_messages_are_written(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []
    opened = archives._Zip._open

    def noted(archive: Any, name: str) -> IO[bytes]:
        if "__uploads" in name:
            threads.append(threading.get_ident())
        return opened(archive, name)

    monkeypatch.setattr(archives._Zip, "_open", noted)
    early: list[int] = []

    def progress(step: str, _done: int, _total: int) -> None:
        if step == "written":
            early.append(len(threads) - File.objects.exclude(message=None).count())

    history_import(Wanted("slack", export), progress)
    assert len(threads) == FILES
    assert threading.get_ident() not in threads
    # Two rooms, each with its own thread.
    assert len(set(threads)) <= 2
    assert max(early) >= 4, "no file was copied before the messages of its window were written"


def test_a_file_that_cannot_be_read_is_a_line_of_its_message_and_costs_no_other(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = import_files.FilesAhead._copy
    refused: list[str] = []

    def breaks(ahead: Any, file: Named) -> tuple[Path, int]:
        if not refused:
            refused.append(file.name)
            raise OSError("damaged")
        return copied(ahead, file)

    monkeypatch.setattr(import_files.FilesAhead, "_copy", breaks)
    report = history_import(Wanted("slack", export))
    assert File.objects.count() == FILES - 1
    assert [(one["what"], one["why"], one["count"]) for one in report["left_out"]] == [
        ("file", "could not be kept: damaged", 1)
    ]
    [message] = Message.objects.filter(text__contains=refused[0])
    assert message.file_count == 0


def test_a_file_that_is_too_large_is_not_copied_out_of_the_archive(
    export: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHAT_FILE_MAX = 999
    opened: list[str] = []
    monkeypatch.setattr(import_files, "NamedTemporaryFile", lambda **_: opened.append("copy"))
    report = history_import(Wanted("slack", export))
    assert (report["counts"]["new"], report["counts"]["files"], opened) == (MESSAGES, 0, [])
    left_out = [row for row in report["left_out"] if "The limit is" in row["why"]]
    assert sum(row["count"] for row in left_out) == FILES
