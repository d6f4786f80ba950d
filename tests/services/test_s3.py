"""Files in S3: written, read in ranges and deleted, on a server that implements it."""

import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from chat import storage
from chat.models import ImportJob, Message
from chat.services.files import arrivals, no_space, part_path, storage_away, sweep
from chat.services.imports.job_work import import_work
from chat.services.imports.jobs import import_ask, import_step
from chat.services.imports.uploads import archive_begin, archive_complete
from support.people import administrator, person
from support.processes import free_port
from tests.importing.samples import SAMPLES
from your_project import file_storage

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def s3() -> Generator[str]:
    """The address of a bucket."""
    # Imported here, because at the top every process that collects the tests would spend a second on it.
    import boto3  # type: ignore[import-untyped]
    from moto.server import ThreadedMotoServer

    port = free_port()
    server = ThreadedMotoServer(port=port)
    server.start()
    endpoint = f"http://127.0.0.1:{port}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, aws_access_key_id="key", aws_secret_access_key="secret", region_name="us-east-1"
    )
    client.create_bucket(Bucket="chat")
    yield f"s3://key:secret@127.0.0.1:{port}/chat/files?tls=0&region=us-east-1"
    server.stop()


@pytest.fixture
def bucket(s3: str, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """File storage that uses the bucket."""
    monkeypatch.setenv("FILES_URL", s3)
    settings.STORAGES = settings.STORAGES | {"files": file_storage.storage("FILES_URL", tmp_path)}
    return storage.files()


def test_a_file_is_written_read_in_parts_and_deleted(bucket: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(b"<p>0123456789</p>" * 100_000)
    name = storage.place("A" * 22)
    storage.store(path, name, "application/octet-stream")
    assert storage.size_of(name) == 1_700_000
    assert b"".join(storage.pieces(name, 0, 1_700_000)) == path.read_bytes()
    assert b"".join(storage.pieces(name, 3, 13)) == b"0123456789"
    assert bucket.bucket.Object(f"files/{name}").content_type == "application/octet-stream"
    storage.delete("A" * 22, [storage.MAIN])
    assert not bucket.exists(name)


def test_storing_again_after_a_crash_takes_the_same_place(bucket: Any, tmp_path: Path) -> None:
    path = tmp_path / "a"
    for content in (b"half", b"whole"):
        path.write_bytes(content)
        storage.store(path, storage.place("B" * 22), "text/plain")
    assert b"".join(storage.pieces(storage.place("B" * 22), 0, 5)) == b"whole"
    assert len(list(bucket.bucket.objects.filter(Prefix="files/BB"))) == 1


def test_what_is_missing_or_away_fails_as_in_a_folder(
    bucket: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = storage.place("C" * 22)
    with pytest.raises(FileNotFoundError):
        storage.size_of(name)
    with pytest.raises(FileNotFoundError):
        next(storage.pieces(name, 0, 5))
    monkeypatch.setenv("FILES_URL", f"s3://key:secret@127.0.0.1:{free_port()}/chat?tls=0&region=us-east-1")
    settings.STORAGES = settings.STORAGES | {"files": file_storage.storage("FILES_URL", tmp_path)}
    with pytest.raises(OSError, match="EndpointConnectionError"):
        next(storage.pieces(name, 0, 5))


@pytest.fixture
def job(bucket: Any, settings: Any, tmp_path: Path) -> ImportJob:
    """A job to import a Slack export that was uploaded into the bucket."""
    settings.CHAT_UPLOADS_DIR = str(tmp_path / "uploads")
    packed, export = tmp_path / "slack.zip", SAMPLES / "slack" / "export"
    with zipfile.ZipFile(packed, "w") as out:
        for path in sorted(export.rglob("*")):
            out.write(path, path.relative_to(export))
    boss = administrator(person("boss"))
    file = archive_begin(user=boss, name="slack.zip", size=packed.stat().st_size)
    part_path(file.key).write_bytes(packed.read_bytes())
    archive_complete(file=file)
    assert bucket.exists(storage.place(file.key))
    assert not part_path(file.key).exists()
    return import_ask(user=boss, format_name="slack", key=file.key)


def worked(job: ImportJob) -> ImportJob:
    """The import after a process has run its next step."""
    import_work(ImportJob.objects.get(pk=job.pk))
    return ImportJob.objects.get(pk=job.pk)


@pytest.mark.django_db
def test_an_archive_waits_in_the_bucket_until_it_is_imported(bucket: Any, job: ImportJob) -> None:
    assert job.file
    place = storage.place(job.file.key)
    checked = worked(job)
    assert (checked.state, checked.report["counts"]["new"], checked.report["path"]) == ("checked", 27, "slack.zip")
    # Remains of a killed process: the next one deletes them.
    left = arrivals() / f"import-{job.pk}-killed"
    left.mkdir()
    (left / "slack.zip").write_bytes(b"half")
    import_step(user=job.by, number=job.pk, step="start")
    assert bucket.exists(place)
    assert worked(job).state == "done"
    assert Message.objects.count() == 27
    assert list(arrivals().iterdir()) == []
    sweep()
    assert not bucket.exists(place)


@pytest.mark.django_db
def test_an_archive_that_cannot_be_fetched_says_so_and_is_tried_again(
    bucket: Any, job: ImportJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(storage, "pieces", lambda *_: iter_failing())
        failed = worked(job)
        assert (failed.state, failed.problem) == ("failed", storage_away(OSError()).message)
    with monkeypatch.context() as patched:
        patched.setattr("chat.services.imports.job_work.SPARE_BYTES", 2**62)
        import_step(user=job.by, number=job.pk, step="check")
        failed = worked(job)
        assert (failed.state, failed.problem) == ("failed", no_space().message)
    import_step(user=job.by, number=job.pk, step="check")
    assert worked(job).state == "checked"


def iter_failing() -> Generator[bytes]:
    """Bytes from a connection that breaks."""
    yield b"PK"
    raise OSError("EndpointConnectionError")


@pytest.mark.parametrize("address", ["s3://key:secret@host", "s3://key:secret@host/b?other=1"])
def test_an_address_without_a_bucket_stops_the_start(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FILES_URL", address)
    with pytest.raises(SystemExit, match="FILES_URL must be"):
        file_storage.storage("FILES_URL", tmp_path)
