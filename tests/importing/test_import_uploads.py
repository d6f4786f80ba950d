"""Archives uploaded for import: who may, how large, and when they are deleted."""

import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from chat import storage
from chat.access import access_file
from chat.models import File, ImportJob, Message, Participant
from chat.protocol.errors import ChatError
from chat.queries.files import bytes_by, untaken_of
from chat.services.files import UNTAKEN_FOR, part_path, sweep
from chat.services.imports.job_work import import_work
from chat.services.imports.jobs import import_ask, import_step
from chat.services.imports.uploads import archive_begin, archive_complete
from chat.services.posting import Draft, messages_post
from support.people import administrator, person, room
from tests.importing.samples import SAMPLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Participant:
    return administrator(person("boss"))


@pytest.fixture
def packed(tmp_path: Path) -> bytes:
    """A Slack export as a zip."""
    path = tmp_path / "slack.zip"
    with zipfile.ZipFile(path, "w") as out:
        for file in sorted((SAMPLES / "slack" / "export").rglob("*")):
            out.write(file, file.relative_to(SAMPLES / "slack" / "export"))
    return path.read_bytes()


def uploaded(boss: Participant, packed: bytes) -> File:
    file = archive_begin(user=boss, name="slack.zip", size=len(packed))
    part_path(file.key).write_bytes(packed)
    archive_complete(file=file)
    return File.objects.get(pk=file.pk)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(ChatError) as refused:
        call()
    return refused.value.code


def stored(file: File) -> bool:
    return storage.files().exists(storage.place(file.key))


def test_an_archive_is_larger_than_a_file_may_be_and_counts_for_no_one(
    boss: Participant, packed: bytes, settings: Any
) -> None:
    settings.CHAT_FILE_MAX, settings.CHAT_FILE_QUOTA = 10, 10
    file = uploaded(boss, packed)
    assert (file.state, file.size, stored(file)) == ("ready", len(packed), True)
    assert not part_path(file.key).exists()
    assert bytes_by([boss.pk]) == {}
    archive_complete(file=file)


def test_what_is_refused_says_why(boss: Participant, settings: Any) -> None:
    settings.CHAT_IMPORT_MAX = 1000
    clerk = person("clerk", is_staff=True)
    assert refusal(lambda: archive_begin(user=clerk, name="slack.zip", size=10)) == "forbidden"
    assert refusal(lambda: archive_begin(user=boss, name="slack.zip", size=1001)) == "too_large"
    assert refusal(lambda: archive_begin(user=boss, name="holiday.mp4", size=10)) == "unsupported"
    assert refusal(lambda: archive_begin(user=boss, name="slack.zip", size=0)) == "invalid"
    assert not File.objects.exists()
    settings.CHAT_IMPORT_MAX = 0
    assert archive_begin(user=boss, name="result.JSON", size=1001).archive


def test_a_full_server_takes_no_archive(boss: Participant, settings: Any) -> None:
    settings.CHAT_FILE_QUOTA_TOTAL = 100
    assert refusal(lambda: archive_begin(user=boss, name="slack.zip", size=101)) == "quota"


def test_no_message_takes_an_archive_and_no_one_downloads_it(boss: Participant, packed: bytes) -> None:
    file, garden = uploaded(boss, packed), room(owner=boss)
    assert untaken_of(boss.pk, [file.key]) == []
    [answer] = messages_post([Draft(author=boss, room=garden.slug, text="look", files=(file.key,))])
    assert isinstance(answer, ChatError)
    assert refusal(lambda: access_file(user=boss, key=file.key)) == "not_found"


def test_a_server_that_was_killed_after_storing_completes_it_again(boss: Participant, packed: bytes) -> None:
    file = uploaded(boss, packed)
    File.objects.filter(pk=file.pk).update(state=File.State.UPLOADING)
    part_path(file.key).write_bytes(packed)
    archive_complete(file=File.objects.get())
    assert File.objects.get().state == "ready"


@pytest.mark.parametrize("end", ["drop", "start", "undo"])
def test_it_goes_when_the_import_is_discarded_done_or_undone(boss: Participant, packed: bytes, end: str) -> None:
    file = uploaded(boss, packed)
    job = import_ask(user=boss, format_name="slack", key=file.key)
    import_work(job)
    assert ImportJob.objects.get().state == "checked"
    if end == "undo":
        import_step(user=boss, number=job.pk, step="start")
        import_work(ImportJob.objects.get())
    import_step(user=boss, number=job.pk, step=end)
    if end != "drop":
        import_work(ImportJob.objects.get())
    assert ImportJob.objects.get().state == {"drop": "dropped", "start": "done", "undo": "undone"}[end]
    assert Message.objects.exists() == (end == "start")
    sweep()
    assert not stored(file)
    assert not File.objects.filter(pk=file.pk).exists()


def test_one_that_is_partly_imported_is_undone_and_not_discarded(boss: Participant, packed: bytes) -> None:
    job = import_ask(user=boss, format_name="slack", key=uploaded(boss, packed).key)
    import_work(job)
    import_step(user=boss, number=job.pk, step="start")
    import_work(ImportJob.objects.get())
    ImportJob.objects.update(state="failed")
    assert refusal(lambda: import_step(user=boss, number=job.pk, step="drop")) == "conflict"


def test_an_upload_that_no_import_takes_is_deleted_after_a_day(boss: Participant, packed: bytes) -> None:
    waiting, taken = uploaded(boss, packed), uploaded(boss, packed)
    import_ask(user=boss, format_name="slack", key=taken.key)
    begun = archive_begin(user=boss, name="later.zip", size=10)
    sweep()
    assert File.objects.count() == 3
    File.objects.update(created_at=timezone.now() - UNTAKEN_FOR - timedelta(minutes=1))
    sweep()
    assert list(File.objects.values_list("pk", flat=True)) == [taken.pk]
    assert (stored(waiting), stored(taken), part_path(begun.key).exists()) == (False, True, False)
