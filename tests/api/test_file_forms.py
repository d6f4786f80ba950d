"""Files that arrive in one request: forms, refusals, and no remains of a refused file."""

import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chat import storage
from chat.api import parts
from chat.api.parts import Part
from chat.models import File
from chat.services import files
from tests.api.conftest import Api
from tests.api.test_files import upload, uploaded


async def test_an_empty_file_and_a_form_without_a_file_are_refused(api: Api) -> None:
    empty = await upload(api, "alice", b"")
    assert (empty.status_code, empty.json()["fields"]) == (422, {"files": "is empty"})
    none = await api("alice", "POST", "files", data={"description": "x"}, files={"other": b"x"})
    assert (none.status_code, none.json()["fields"]) == (422, {"files": "has no file"})
    assert (await api(None, "POST", "files", files={"file": b"x"})).status_code == 401
    assert not await File.objects.aexists()


async def test_a_form_that_ends_in_the_middle_leaves_no_half_file(api: Api) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    half = await api("alice", "POST", "files", headers=form, content=head + b"half of it\r\n--x")
    assert (half.status_code, half.json()["code"]) == (422, "invalid")
    assert not await File.objects.aexists()
    whole = await api("alice", "POST", "files", headers=form, content=head + b"all of it\r\n--x--\r\n")
    assert (whole.status_code, whole.json()["size"]) == (201, 9)


async def test_what_a_form_holds_beside_its_file_is_limited(api: Api) -> None:
    def field(name: str, value: bytes) -> bytes:
        return b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (name.encode(), value)

    file = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nwords\r\n--x--\r\n'
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    for fields, status in ((10, 201), (100, 422)):
        content = b"".join(field(f"f{number}", b"a" * 1000) for number in range(fields)) + file
        assert (await api("alice", "POST", "files", headers=form, content=content)).status_code == status


async def test_files_that_one_person_sends_at_a_time_are_limited(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "UNFINISHED_MAX", 1)
    refused: list[httpx.Response] = []

    async def slow() -> AsyncIterator[bytes]:
        yield b"some "
        refused.append(await upload(api, "alice"))
        refused.append(await upload(api, "bob"))
        yield b"words"

    first = await api("alice", "POST", "files", params={"name": "a"}, content=slow())
    assert [answer.status_code for answer in (first, *refused)] == [201, 507, 201]
    await uploaded(api, "alice")


@pytest.mark.parametrize("place", ["arriving", "spare", "stored"])
async def test_nothing_stays_of_a_file_for_which_the_disk_has_no_room(
    api: Api, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    settings.CHAT_UPLOADS_DIR = tmp_path

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        match place:
            case "arriving":
                disk.setattr(os, "pwrite", full)
            case "spare":
                # Others have filled the disk since the request began.
                disk.setattr(parts, "SPARE_BYTES", 2**62)
            case "stored":
                disk.setattr(storage, "store", full)
        refused = await upload(api, "alice")
    assert (refused.status_code, refused.json()["code"]) == (507, "quota")
    assert "no space left" in refused.json()["message"]
    assert not await File.objects.aexists()
    assert list(tmp_path.iterdir()) == []
    await uploaded(api, "alice")


async def test_a_form_full_of_what_resembles_its_boundary_is_taken_in_few_pieces(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"\r\n--xy" * 20_000
    pieces: list[bytes] = []
    whole = Part.append

    async def counted(part: Part, arriving: AsyncIterator[bytes], **options: Any) -> int:
        async def each() -> AsyncIterator[bytes]:
            async for piece in arriving:
                pieces.append(piece)
                yield piece

        return await whole(part, each(), **options)

    monkeypatch.setattr(Part, "append", counted)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    made = await api("alice", "POST", "files", headers=form, content=head + content + b"\r\n--x--\r\n")
    assert made.json()["size"] == len(content) == sum(map(len, pieces))
    # Each piece costs a turn of the event loop.
    assert len(pieces) < 20


async def test_a_large_file_is_refused_with_the_limit(api: Api, settings: Any) -> None:
    settings.CHAT_FILE_MAX = 200_000
    refused = await upload(api, "alice", b"x" * 300_000)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert "195.3 KB" in refused.json()["message"]
