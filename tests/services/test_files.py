"""Files: quotas, remains of unfinished uploads, and bytes that are deleted with their message."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from chat import storage
from chat.lib.byte_sizes import shown
from chat.media.pictures import Prepared
from chat.media.process import workers
from chat.models import File, Message, Participant, Room
from chat.protocol.errors import ChatError
from chat.services import files
from chat.services.messages import message_delete
from chat.services.participants import participant_erase
from chat.services.posting import Draft, Posted, messages_post
from support import people

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders for this test only; the process that inspects files is bypassed."""
    settings.CHAT_UPLOADS_DIR = tmp_path / "uploads"
    settings.CHAT_UPLOADS_DIR.mkdir()
    where = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"files": where}
    monkeypatch.setattr(workers, "prepare", lambda path, folder: Prepared("text/plain", ""))
    return tmp_path


@pytest.fixture
def alice() -> Participant:
    return people.alice()


@pytest.fixture
def garden(alice: Participant) -> Room:
    return people.room(owner=alice)


def arrived(user: Participant, content: bytes = b"some words", name: str = "note.txt") -> File:
    file = files.file_begin(user=user, name=name, size=len(content))
    files.part_path(file.key).write_bytes(content)
    return file


def stored(user: Participant, content: bytes = b"some words") -> File:
    return files.file_complete(file=arrived(user, content))


def post(user: Participant, *taken: File) -> Any:
    [outcome] = messages_post([Draft(user, "garden", "", files=tuple(file.key for file in taken))])
    return outcome


def parts(folders: Path) -> list[str]:
    return sorted(path.name for path in (folders / "files").rglob("*") if path.is_file())


def test_a_message_takes_its_files_in_their_order_in_a_batch_with_others(alice: Participant, garden: Room) -> None:
    one, two = stored(alice), stored(alice)
    drafts = [
        Draft(alice, "garden", "first", files=(two.key, one.key)),
        Draft(alice, "garden", "second"),
        Draft(alice, "garden", "third", files=(one.key,)),
    ]
    first, second, third = messages_post(drafts)
    assert isinstance(first, Posted)
    assert isinstance(second, Posted)
    assert isinstance(third, ChatError)
    assert third.fields == {"files": "has a file that was sent before"}
    [message] = Message.objects.filter(seq=first.seq)
    assert [file.key for file in message.files.order_by("position")] == [two.key, one.key]
    assert message.file_count == 2


def test_a_file_that_has_not_arrived_cannot_be_sent(alice: Participant, garden: Room) -> None:
    there, missing = stored(alice), arrived(alice)
    # The other file remains available for the next message of the batch.
    refused, posted = messages_post(
        [Draft(alice, "garden", "", files=(there.key, missing.key)), Draft(alice, "garden", "", files=(there.key,))]
    )
    assert isinstance(refused, ChatError)
    assert refused.fields == {"files": "has a file that has not arrived"}
    assert isinstance(posted, Posted)
    assert Message.objects.count() == 1


def test_the_bytes_go_with_their_message(alice: Participant, garden: Room, folders: Path) -> None:
    posted = post(alice, stored(alice))
    assert parts(folders) == ["main"]
    message_delete(user=alice, room="garden", seq=posted.seq)
    files.sweep()
    assert parts(folders) == []
    assert not File.objects.exists()


def test_the_bytes_go_with_their_room(alice: Participant, garden: Room, folders: Path) -> None:
    post(alice, stored(alice))
    Message.objects.all().delete()
    File.objects.update(created_at=timezone.now() - timedelta(hours=25))
    files.sweep()
    assert parts(folders) == []


def test_an_upload_and_a_file_without_a_message_are_swept_after_a_day(
    alice: Participant, garden: Room, folders: Path
) -> None:
    kept, old, unfinished = stored(alice), stored(alice), arrived(alice)
    File.objects.filter(pk__in=[old.pk, unfinished.pk]).update(created_at=timezone.now() - timedelta(hours=25))
    left_over = folders / "uploads" / "of-a-killed-process.form"
    left_over.write_bytes(b"x")
    os.utime(left_over, (0, 0))
    files.sweep()
    assert list(File.objects.all()) == [kept]
    assert parts(folders) == ["main"]
    assert list((folders / "uploads").iterdir()) == []


def test_a_storage_that_is_away_keeps_the_upload_and_what_was_to_be_deleted(
    alice: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = arrived(alice)

    def away(*_: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as gone:
        gone.setattr(storage, "store", away)
        with pytest.raises(ChatError) as refusal:
            files.file_complete(file=file)
        assert refusal.value.code == "unavailable"
    assert files.file_complete(file=file).state == File.State.READY
    posted = post(alice, file)
    message_delete(user=alice, room="garden", seq=posted.seq)
    with monkeypatch.context() as gone:
        gone.setattr(storage, "delete", away)
        files.sweep()
        assert File.objects.exists()
    files.sweep()
    assert not File.objects.exists()


@pytest.mark.parametrize(
    ("limit", "words"),
    [("CHAT_FILE_QUOTA", "more than 15 bytes"), ("CHAT_FILE_QUOTA_TOTAL", "no space left")],
)
def test_a_full_quota_refuses_the_next_upload(alice: Participant, settings: Any, limit: str, words: str) -> None:
    setattr(settings, limit, 15)
    arrived(alice)
    with pytest.raises(ChatError, match=words) as refusal:
        arrived(alice)
    assert refusal.value.code == "quota"
    files.file_discard(file=File.objects.get())
    assert arrived(alice).state == File.State.UPLOADING


def test_uploads_that_begin_at_once_do_not_pass_the_quota_together(alice: Participant, settings: Any) -> None:
    settings.CHAT_FILE_QUOTA = 25

    def begin(_: int) -> bool:
        try:
            arrived(alice)
        except ChatError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(begin, range(16))) == 2


def test_a_file_that_is_deleted_while_it_is_opened_stays_deleted(
    alice: Participant, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = arrived(alice)

    def prepare(*_: Any) -> Prepared:
        files.file_remove(user=alice, key=file.key)
        files.part_path(file.key).write_bytes(b"some words")
        return Prepared("text/plain", "")

    monkeypatch.setattr(workers, "prepare", prepare)
    with pytest.raises(ChatError, match="no such upload"):
        files.file_complete(file=file)
    assert not File.objects.exists()
    assert parts(folders) == []


def test_nothing_stays_of_a_file_that_cannot_be_stored(
    alice: Participant, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(storage, "store", away)
    path = folders / "uploads" / "of a request"
    path.write_bytes(b"some words")
    with pytest.raises(ChatError) as refused:
        files.file_keep(user=alice, path=path, size=10, name="note.txt")
    assert "Nothing was lost" in refused.value.message
    assert not File.objects.exists()
    assert list((folders / "uploads").iterdir()) == []


def test_what_a_person_did_not_send_ends_with_the_account(alice: Participant, garden: Room, folders: Path) -> None:
    sent, _ = stored(alice), stored(alice)
    arrived(alice)
    post(alice, sent)
    participant_erase(user=alice)
    files.sweep()
    assert list(File.objects.all()) == [sent]
    assert parts(folders) == ["main"]
    assert list((folders / "uploads").iterdir()) == []


def test_uploads_that_one_person_begins_and_leaves_are_limited(
    alice: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "UNFINISHED_MAX", 3)
    for _ in range(3):
        arrived(alice)
    with pytest.raises(ChatError, match="3 unfinished uploads"):
        arrived(alice)
    assert arrived(people.bob()).state == File.State.UPLOADING


def test_a_size_is_written_for_people() -> None:
    assert [shown(size) for size in (10, 2048, 26_214_400, 327_155_712)] == [
        "10 bytes",
        "2 KB",
        "25 MB",
        "312 MB",
    ]
