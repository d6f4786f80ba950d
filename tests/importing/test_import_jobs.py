"""Imports started from the page: uploaded, checked, imported, paused, continued and undone."""

import errno
import os
import shutil
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from chat.models import AuditEntry, File, ImportJob, ImportRun, Message, Participant, Room
from chat.protocol.errors import ChatError
from chat.services.files import arrivals, file_keep, sweep
from chat.services.imports.job_work import Paused, import_work, imports_to_forget
from chat.services.imports.jobs import import_ask, import_step
from support.people import administrator, person
from tests.importing.samples import SAMPLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Participant:
    return administrator(person("boss"))


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """The folder of imports, with a Slack export and a link that leads out of it."""
    found = tmp_path / "imports"
    found.mkdir()
    shutil.copytree(SAMPLES / "slack" / "export", found / "slack")
    (tmp_path / "secret.zip").write_bytes(b"PK")
    (found / "link").symlink_to(tmp_path / "secret.zip")
    settings.CHAT_IMPORT_DIR = str(found)
    return found


def refusal(call: Callable[[], object]) -> ChatError:
    with pytest.raises(ChatError) as refused:
        call()
    return refused.value


def worked(job: ImportJob) -> ImportJob:
    """The import after a process has run its next step."""
    import_work(ImportJob.objects.get(pk=job.pk))
    return ImportJob.objects.get(pk=job.pk)


def test_an_import_is_checked_started_and_undone(boss: Participant, folder: Path) -> None:
    job = worked(import_ask(user=boss, format_name="slack", path="slack"))
    assert (job.state, Message.objects.count()) == ("checked", 0)
    assert job.report["counts"]["new"] > 0
    job = worked(import_step(user=boss, number=job.pk, step="start"))
    assert (job.state, Message.objects.count()) == ("done", job.report["counts"]["new"])
    job = worked(import_step(user=boss, number=job.pk, step="undo"))
    assert (job.state, Message.objects.count()) == ("undone", 0)
    assert list(Room.objects.values_list("slug", flat=True)) == ["lobby"]
    acts = [entry.detail["act"] for entry in AuditEntry.objects.filter(action="import").order_by("pk")]
    assert acts == ["ask", "start", "undo"]


def test_a_paused_import_continues_and_all_its_runs_are_undone(boss: Participant, folder: Path) -> None:
    job = worked(import_ask(user=boss, format_name="slack", path="slack"))
    import_step(user=boss, number=job.pk, step="start")

    def paused(step: str, *_: object) -> None:
        if step == "written":
            import_step(user=boss, number=job.pk, step="pause")
            raise Paused

    import_work(ImportJob.objects.get(pk=job.pk), paused)
    half = Message.objects.count()
    assert (ImportJob.objects.get().state, 0 < half < job.report["counts"]["new"]) == ("paused", True)
    job = worked(import_step(user=boss, number=job.pk, step="continue"))
    assert (job.state, Message.objects.count() > half, ImportRun.objects.filter(job=job).count()) == ("done", True, 2)
    worked(import_step(user=boss, number=job.pk, step="undo"))
    assert Message.objects.count() == 0


def test_a_process_that_was_killed_leaves_work_that_is_begun_again(boss: Participant, folder: Path) -> None:
    job = worked(import_ask(user=boss, format_name="slack", path="slack"))
    import_step(user=boss, number=job.pk, step="start")

    def killed(*_: object) -> None:
        raise OperationalError("the connection is gone")

    with pytest.raises(OperationalError):
        import_work(ImportJob.objects.get(pk=job.pk), killed)
    assert ImportJob.objects.get().state == "importing"
    assert worked(job).state == "done"
    assert Message.objects.count() == ImportJob.objects.get().report["counts"]["messages"]


def test_people_are_named_before_it_starts(boss: Participant, folder: Path) -> None:
    job = worked(import_ask(user=boss, format_name="slack", path="slack"))
    source = next(one["source"] for one in job.report["people"] if not one["account"])
    assert (
        "nobody here"
        in refusal(lambda: import_step(user=boss, number=job.pk, step="check", people=f"{source},ghost")).message
    )
    job = worked(import_step(user=boss, number=job.pk, step="check", people=f"{source},boss"))
    [known] = [one for one in job.report["people"] if one["source"] == source]
    assert (known["username"], known["account"]) == ("boss", True)
    job = worked(import_step(user=boss, number=job.pk, step="start"))
    assert Message.objects.filter(author=boss).exists()


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """The Slack sample as an archive to upload."""
    found = tmp_path / "slack.zip"
    with zipfile.ZipFile(found, "w") as out:
        for path in sorted((SAMPLES / "slack" / "export").rglob("*")):
            out.write(path, path.relative_to(SAMPLES / "slack" / "export"))
    return found


def test_an_uploaded_archive_is_kept_until_it_is_imported(boss: Participant, packed: Path) -> None:
    file = file_keep(user=boss, path=packed, size=packed.stat().st_size, name="slack.zip")
    other = person("other")
    assert refusal(lambda: import_ask(user=boss, format_name="slack", key="A" * 22)).code == "not_found"
    job = worked(import_ask(user=boss, format_name="slack", key=file.key))
    assert (job.state, job.problem, File.objects.get().kept) == ("checked", "", True)
    worked(import_step(user=boss, number=job.pk, step="start"))
    assert File.objects.get(key=file.key).state == "gone"
    assert refusal(lambda: import_ask(user=other, format_name="slack", key=file.key)).code == "forbidden"


@pytest.mark.parametrize("path", ["", ".", "..", "../secret.zip", "/etc/passwd", "link", "slack/../..", "a\0b"])
def test_a_path_outside_the_folder_is_refused(boss: Participant, folder: Path, path: str) -> None:
    assert refusal(lambda: import_ask(user=boss, format_name="slack", path=path)).code == "invalid"
    assert not ImportJob.objects.exists()


def test_who_may_not_and_what_cannot_be(boss: Participant, folder: Path) -> None:
    clerk = person("clerk", is_staff=True)
    assert refusal(lambda: import_ask(user=clerk, format_name="slack", path="slack")).code == "forbidden"
    for wrong in ({"format_name": "carrier pigeon"}, {"zone": "Mars/Olympus"}, {"people": "one column"}):
        asked = {"format_name": "slack", "path": "slack"} | wrong
        assert refusal(lambda asked=asked: import_ask(user=boss, **asked)).code == "invalid"  # type: ignore[misc]
    assert refusal(lambda: import_ask(user=boss, format_name="slack", path="absent.zip")).code == "not_found"
    job = import_ask(user=boss, format_name="slack", path="slack")
    assert refusal(lambda: import_ask(user=boss, format_name="slack", path="slack")).code == "conflict"
    assert refusal(lambda: import_step(user=boss, number=job.pk, step="start")).code == "conflict"
    assert refusal(lambda: import_step(user=clerk, number=job.pk, step="start")).code == "forbidden"
    assert refusal(lambda: import_step(user=boss, number=job.pk + 9, step="start")).code == "not_found"


@pytest.mark.parametrize("data", [b"PK\x03\x04 cut off here", b"no export at all", b""])
def test_what_is_no_export_is_refused_with_one_sentence_that_names_no_path(
    boss: Participant, folder: Path, data: bytes
) -> None:
    (folder / "broken.zip").write_bytes(data)
    job = worked(import_ask(user=boss, format_name="slack", path="broken.zip"))
    assert job.state == "failed"
    assert job.problem
    assert str(folder) not in job.problem
    assert "\n" not in job.problem


def test_a_full_disk_stops_the_import_with_a_sentence_and_it_continues(
    boss: Participant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = worked(import_ask(user=boss, format_name="slack", path="slack"))
    import_step(user=boss, number=job.pk, step="start")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    import_work(ImportJob.objects.get(pk=job.pk), full)
    job = ImportJob.objects.get()
    assert (job.state, job.problem) == ("failed", "No space left on device")
    assert worked(import_step(user=boss, number=job.pk, step="continue")).state == "done"


def aged(path: Path) -> None:
    """Make a file or folder 30 hours old."""
    old = time.time() - 30 * 3600
    os.utime(path, (old, old))


def test_the_sweep_leaves_the_archive_of_an_import_that_takes_days(
    boss: Participant, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = file_keep(user=boss, path=packed, size=packed.stat().st_size, name="slack.zip")
    job = worked(import_ask(user=boss, format_name="slack", key=file.key))
    import_step(user=boss, number=job.pk, step="start")
    left = arrivals() / f"import-{job.pk + 1}-killed"
    left.mkdir()
    seen = []

    def days_later(step: str, *_: object) -> None:
        folders = sorted(arrivals().glob("import-*"))
        for folder in folders:
            aged(folder)
        sweep()
        seen.append([folder.name for folder in folders if folder.exists()])

    import_work(ImportJob.objects.get(pk=job.pk), days_later)
    assert ImportJob.objects.get().state == "done"
    assert all(len(names) == 1 and names[0].startswith(f"import-{job.pk}-") for names in seen)
    assert not left.exists()


def test_a_paused_import_keeps_its_archive_and_continues_after_weeks(boss: Participant, packed: Path) -> None:
    file = file_keep(user=boss, path=packed, size=packed.stat().st_size, name="slack.zip")
    job = worked(import_ask(user=boss, format_name="slack", key=file.key))
    import_step(user=boss, number=job.pk, step="start")
    import_step(user=boss, number=job.pk, step="pause")
    long_ago = timezone.now() - timedelta(days=30)
    ImportJob.objects.update(created_at=long_ago)
    File.objects.update(created_at=long_ago)
    assert not imports_to_forget().exists()
    sweep()
    assert worked(import_step(user=boss, number=job.pk, step="continue")).state == "done"
    assert Message.objects.exists()
