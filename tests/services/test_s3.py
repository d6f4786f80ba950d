"""Files in an S3: written, read in ranges and deleted, by a server that speaks it."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer

from chat import storage
from support.processes import free_port
from your_project import file_storage

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def s3() -> Generator[str]:
    """The address of a bucket."""
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
    """Our storage of files is the bucket."""
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


@pytest.mark.parametrize("address", ["s3://key:secret@host", "s3://key:secret@host/b?other=1"])
def test_an_address_without_a_bucket_stops_the_start(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FILES_URL", address)
    with pytest.raises(SystemExit, match="FILES_URL must be"):
        file_storage.storage("FILES_URL", tmp_path)
