"""Files kept together: each is judged by itself, and nothing remains of those refused."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import storage
from chat.media.pictures import Prepared
from chat.media.process import workers
from chat.media.refused import Refused
from chat.models import File, Message, Participant
from chat.protocol.errors import ChatError, Code
from chat.services.file_batches import Arrived, files_begin, files_discard, files_end
from support import people

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders for this test only; a file with the text "no picture" is refused."""

    def prepare(path: Path, _folder: Path) -> Prepared:
        if path.read_bytes() == b"no picture":
            raise Refused("The picture is damaged.")
        return Prepared("text/plain", "")

    settings.CHAT_UPLOADS_DIR = tmp_path / "uploads"
    settings.CHAT_UPLOADS_DIR.mkdir()
    where = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"files": where}
    monkeypatch.setattr(workers, "prepare", prepare)
    return tmp_path


@pytest.fixture
def alice() -> Participant:
    return people.alice()


def arrived(folders: Path, user: Participant, *contents: bytes) -> list[Arrived]:
    found = []
    for number, content in enumerate(contents):
        path = folders / "uploads" / f"import-{number}"
        path.write_bytes(content)
        found.append(Arrived(user.pk, path, len(content), f"{number}.txt"))
    return found


def files_keep(arrived: Sequence[Arrived]) -> list[File | ChatError]:
    with ThreadPoolExecutor(2) as pool:
        return files_end(files_begin(arrived, pool))


def stored(folders: Path) -> list[str]:
    return [path.name for path in (folders / "files").rglob("*") if path.is_file()]


def test_each_file_of_a_batch_is_ready_with_its_own_bytes(folders: Path, alice: Participant) -> None:
    contents = [b"the first", b"the second one", b"and a third"]
    kept = files_keep(arrived(folders, alice, *contents))
    assert [file.name for file in kept if isinstance(file, File)] == ["0.txt", "1.txt", "2.txt"]
    for file, content in zip(File.objects.order_by("pk"), contents, strict=True):
        assert (file.state, file.uploader, file.size) == (File.State.READY, alice, len(content))
        assert b"".join(storage.pieces(storage.place(file.key), 0, file.size)) == content
    assert list((folders / "uploads").iterdir()) == []


def test_what_is_refused_leaves_nothing_and_costs_no_other(folders: Path, alice: Participant) -> None:
    first, refused, empty, last = files_keep(arrived(folders, alice, b"words", b"no picture", b"", b"more words"))
    assert isinstance(first, File)
    assert isinstance(last, File)
    assert isinstance(refused, ChatError)
    assert (refused.code, refused.message) == (Code.UNSUPPORTED, "The picture is damaged.")
    assert isinstance(empty, ChatError)
    assert empty.code == Code.INVALID
    assert [file.key for file in File.objects.order_by("pk")] == [first.key, last.key]
    assert len(stored(folders)) == 2


def test_files_of_one_batch_count_in_the_quota_of_those_behind_them(
    folders: Path, alice: Participant, settings: Any
) -> None:
    settings.CHAT_FILE_QUOTA = 12
    fits, too_much, fits_again = files_keep(arrived(folders, alice, b"ten bytes.", b"and more", b"2!"))
    assert isinstance(fits, File)
    assert isinstance(fits_again, File)
    assert isinstance(too_much, ChatError)
    assert too_much.code == Code.QUOTA


def test_a_batch_that_breaks_off_leaves_no_file(
    folders: Path, alice: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_path: Path, _folder: Path) -> Prepared:
        raise RuntimeError("a fault of the program")

    monkeypatch.setattr(workers, "prepare", broken)
    with pytest.raises(RuntimeError, match="a fault"):
        files_keep(arrived(folders, alice, b"words", b"more"))
    assert not File.objects.exists()
    assert stored(folders) == []


def test_a_batch_of_none_is_one(alice: Participant) -> None:
    assert files_keep([]) == []
    assert not File.objects.filter(uploader=alice).exists()


def test_the_files_that_are_there_are_summed_once_for_a_batch(folders: Path, alice: Participant, settings: Any) -> None:
    settings.CHAT_FILE_QUOTA, settings.CHAT_FILE_QUOTA_TOTAL = 1_000, 14
    with CaptureQueriesContext(connection) as asked:
        *kept, too_much = files_keep(arrived(folders, alice, b"1234", b"5678", b"9012", b"3456"))
    assert [file.size for file in kept if isinstance(file, File)] == [4, 4, 4]
    assert isinstance(too_much, ChatError)
    assert sum("SUM(" in one["sql"] for one in asked) == 2


def test_bytes_are_moved_into_the_folder_of_files_and_readable_as_those_of_uploads(
    folders: Path, alice: Participant
) -> None:
    [one] = arrived(folders, alice, b"words")
    one.path.chmod(0o600)
    number = one.path.stat().st_ino
    [kept] = files_keep([one])
    assert isinstance(kept, File)
    [path] = [path for path in (folders / "files").rglob("*") if path.is_file()]
    assert (path.stat().st_ino, path.stat().st_mode & 0o777) == (number, 0o644)


def test_files_that_are_not_wanted_any_more_leave_nothing_but_those_that_a_message_took(
    folders: Path, alice: Participant
) -> None:
    with ThreadPoolExecutor(2) as pool:
        begun = files_begin(arrived(folders, alice, b"words", b"more"), pool)
        taken, left = files_end(begun)
        assert isinstance(taken, File)
        assert isinstance(left, File)
        room = people.room("garden", owner=alice)
        message = Message.objects.create(room=room, seq=1, rev=1, author=alice, text="", created_at=room.created_at)
        File.objects.filter(pk=taken.pk).update(message=message)
        files_discard(begun)
    assert [file.key for file in File.objects.all()] == [taken.key]
    assert len(stored(folders)) == 1


def test_a_file_that_was_deleted_while_it_was_opened_is_refused_and_leaves_no_bytes(
    folders: Path, alice: Participant
) -> None:
    with ThreadPoolExecutor(2) as pool:
        begun = files_begin(arrived(folders, alice, b"words", b"more"), pool)
        File.objects.filter(name="0.txt").update(state=File.State.GONE)
        gone, kept = files_end(begun)
    assert isinstance(gone, ChatError)
    assert (gone.code, isinstance(kept, File)) == (Code.NOT_FOUND, True)
    assert len(stored(folders)) == 1
