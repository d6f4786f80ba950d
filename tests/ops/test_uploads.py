"""Uploads to a real server: their memory, and what remains of them after a kill."""

import base64
import hashlib
import os
import socket
import time
from collections.abc import Callable, Generator
from pathlib import Path

import httpx
import pytest

from support.servers import Server, start_server

TUS = {"Tus-Resumable": "1.0.0"}
PART = TUS | {"Content-Type": "application/offset+octet-stream"}
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def server() -> Generator[Server]:
    with start_server() as server:
        yield server


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return server.make_people("ada")["ada"]


@pytest.fixture
def ada(server: Server, token: str) -> Generator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        yield client


def resident(server: Server, field: str = "VmRSS") -> int:
    """Bytes of memory; `VmHWM` is the peak."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition(f"{field}:")[2].split()[0]) * 1024


def begin(ada: httpx.Client, size: int, name: str = "film.bin") -> str:
    """The address of a new upload."""
    metadata = "filename " + base64.b64encode(name.encode()).decode()
    made = ada.post("/api/v1/uploads/", headers=TUS | {"Upload-Length": str(size), "Upload-Metadata": metadata})
    assert made.status_code == 201, made.text
    return made.headers["Location"]


def offset(ada: httpx.Client, upload: str) -> int:
    return int(ada.head(upload, headers=TUS).headers["Upload-Offset"])


def test_a_form_of_25_mb_is_not_held_in_memory(server: Server, ada: httpx.Client) -> None:
    ada.post("/api/v1/files", files={"file": ("small", b"x")}).raise_for_status()
    before = resident(server)
    Path(f"/proc/{server.pid}/clear_refs").write_text("5")
    made = ada.post("/api/v1/files", files={"file": ("film.bin", os.urandom(25 * MIB - 1000))})
    assert made.status_code == 201, made.text
    assert resident(server, "VmHWM") - before < 20 * MIB


def test_a_file_over_the_limit_is_refused_with_a_sentence(ada: httpx.Client) -> None:
    refused = ada.post("/api/v1/files", files={"file": ("film.bin", bytes(26 * MIB))})
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


def test_an_upload_goes_on_where_the_killed_server_had_arrived() -> None:
    content = os.urandom(3 * MIB)
    with start_server() as server:
        headers = {"Authorization": f"Bearer {server.make_people('ada')['ada']}"}
        with httpx.Client(base_url=server.url, headers=headers) as ada:
            upload = begin(ada, len(content))
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            lines = {"Host": "localhost", "Content-Length": str(len(content)), "Upload-Offset": "0"} | PART | headers
            head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
            line.sendall(f"PATCH {upload} HTTP/1.1\r\n{head}\r\n".encode() + content[: 2 * MIB])
            part = server.data_dir / "uploads" / upload.rpartition("/")[2]
            wait_until(lambda: part.exists() and part.stat().st_size > MIB)
            server.kill()
    arrived = part.stat().st_size
    with start_server(data_dir=server.data_dir) as again, httpx.Client(base_url=again.url, headers=headers) as ada:
        assert offset(ada, upload) == arrived
        rest = ada.patch(upload, content=content[arrived:], headers=PART | {"Upload-Offset": str(arrived)})
        assert rest.status_code == 204
        assert ada.get(f"/files/{upload.rpartition('/')[2]}/film.bin").content == content


def wait_until(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < until, "it did not happen within 20 s"
        time.sleep(0.02)


def test_a_part_with_a_wrong_checksum_or_offset_changes_nothing(ada: httpx.Client) -> None:
    upload = begin(ada, 10)
    right = base64.b64encode(hashlib.sha1(b"01234").digest()).decode()
    wrong = ada.patch(
        upload, content=b"01x34", headers=PART | {"Upload-Offset": "0", "Upload-Checksum": f"sha1 {right}"}
    )
    assert (wrong.status_code, offset(ada, upload)) == (460, 0)
    first = ada.patch(
        upload, content=b"01234", headers=PART | {"Upload-Offset": "0", "Upload-Checksum": f"sha1 {right}"}
    )
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "5")
    repeated = ada.patch(upload, content=b"01234", headers=PART | {"Upload-Offset": "0"})
    assert (repeated.status_code, offset(ada, upload)) == (409, 5)
    last = ada.patch(upload, content=b"56789", headers=PART | {"Upload-Offset": "5"})
    assert (last.status_code, offset(ada, upload)) == (204, 10)
    assert ada.get(f"/files/{upload.rpartition('/')[2]}/film.bin").content == b"0123456789"
