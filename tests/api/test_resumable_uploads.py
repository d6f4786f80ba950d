"""Resumable uploads: who may start and change them, and what remains of failed ones."""

import asyncio
import base64
import hashlib
import threading
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async

from chat.api import parts, receiving
from chat.live import db
from chat.models import File
from chat.services.files import part_path
from chat.services.tokens import token_issue
from tests.api.conftest import Api

TUS = {"Tus-Resumable": "1.0.0"}
PART = TUS | {"Content-Type": "application/offset+octet-stream"}


async def begin(api: Api, who: str, size: int, content: bytes = b"", **headers: str) -> httpx.Response:
    name = {"Upload-Metadata": "filename " + base64.b64encode(b"note.txt").decode()}
    kind = PART if content else TUS
    return await api(
        who, "POST", "uploads/", headers=kind | name | {"Upload-Length": str(size)} | headers, content=content
    )


async def patch(api: Api, who: str, upload: str, at: int, content: bytes, **headers: str) -> httpx.Response:
    path = upload.removeprefix("/api/v1/")
    return await api(who, "PATCH", path, headers=PART | {"Upload-Offset": str(at)} | headers, content=content)


async def offset(api: Api, who: str, upload: str) -> int:
    answer = await api(who, "HEAD", upload.removeprefix("/api/v1/"), headers=TUS)
    return int(answer.headers["Upload-Offset"])


async def test_parts_that_come_again_or_out_of_order_change_nothing(api: Api) -> None:
    upload = (await begin(api, "alice", 10)).headers["Location"]
    assert (await patch(api, "alice", upload, 0, b"01234")).status_code == 204
    for at in (0, 3, 6):
        assert (await patch(api, "alice", upload, at, b"56789")).status_code == 409
    assert (await patch(api, "alice", upload, 5, b"567890")).status_code == 413
    assert await offset(api, "alice", upload) == 5
    assert (await patch(api, "alice", upload, 5, b"56789")).status_code == 204
    assert (await patch(api, "alice", upload, 5, b"56789")).status_code == 409
    assert await offset(api, "alice", upload) == 10
    file = (await api("alice", "GET", f"files/{upload.rpartition('/')[2]}")).json()
    read = await api.http.get(file["url"], headers={"Authorization": f"Bearer {api.stage.tokens['alice']}"})
    assert read.content == b"0123456789"


async def test_a_part_must_say_where_it_begins(api: Api) -> None:
    upload = (await begin(api, "alice", 10)).headers["Location"]
    refused = await api("alice", "PATCH", upload.removeprefix("/api/v1/"), headers=PART, content=b"0123456789")
    assert (refused.status_code, refused.json()["fields"]) == (422, {"files": "needs Upload-Offset"})


async def test_the_upload_of_another_person_is_not_there(api: Api) -> None:
    upload = (await begin(api, "alice", 10)).headers["Location"]
    path = upload.removeprefix("/api/v1/")
    assert (await patch(api, "bob", upload, 0, b"01234")).status_code == 404
    for method in ("HEAD", "DELETE"):
        assert (await api("bob", method, path, headers=TUS)).status_code == 404
    assert (await api("bob", "DELETE", f"files/{path.rpartition('/')[2]}")).status_code == 404
    assert await offset(api, "alice", upload) == 0


@pytest.mark.parametrize("key", ["A" * 22, "no-such-upload", "%00", "a/b", "%2e%2e%2fetc", "x" * 5_000])
async def test_what_is_no_id_of_an_upload_is_not_there(api: Api, key: str) -> None:
    for method in ("HEAD", "DELETE"):
        assert (await api("alice", method, f"uploads/{key}", headers=TUS)).status_code == 404
    assert (await api("alice", "PATCH", f"uploads/{key}", headers=PART | {"Upload-Offset": "0"})).status_code == 404


async def test_a_part_that_the_disk_has_no_room_for_is_sent_again_later(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = (await begin(api, "alice", 10, b"01234")).headers["Location"]
    with monkeypatch.context() as full:
        full.setattr(parts, "SPARE_BYTES", 2**62)
        refused = await patch(api, "alice", upload, 5, b"56789")
        assert (refused.status_code, refused.json()["code"]) == (507, "quota")
    assert await offset(api, "alice", upload) == 5
    assert (await patch(api, "alice", upload, 5, b"56789")).status_code == 204


async def test_a_token_that_only_reads_begins_and_ends_no_upload(api: Api) -> None:
    upload = (await begin(api, "alice", 10)).headers["Location"]
    reading = await sync_to_async(token_issue)(user=api.stage.users["alice"], name="eyes", scopes=["read"])
    headers = TUS | {"Authorization": f"Bearer {reading[1]}", "Upload-Length": "10"}
    for method in ("GET", "HEAD", "POST"):
        for wanted, path in (("POST", "/api/v1/uploads/"), ("DELETE", upload)):
            override = {"X-HTTP-Method-Override": wanted}
            answer = await api.http.request(method, path, headers=headers | override)
            assert answer.status_code in ({403} if method == "POST" else {200, 405}), (method, wanted)
    assert await File.objects.acount() == 1
    override = {"X-HTTP-Method-Override": "DELETE"}
    assert (await api("alice", "POST", upload.removeprefix("/api/v1/"), headers=TUS | override)).status_code == 204


async def test_nothing_stays_of_an_upload_whose_first_part_is_refused(api: Api) -> None:
    wrong = base64.b64encode(hashlib.sha1(b"something else").digest()).decode()
    for size, headers, status in ((5, {"Upload-Checksum": f"sha1 {wrong}"}, 460), (4, {}, 413)):
        assert (await begin(api, "alice", size, b"01234", **headers)).status_code == status
    assert not await File.objects.aexists()
    whole = await begin(api, "alice", 5, b"01234")
    assert (whole.status_code, whole.headers["Upload-Offset"]) == (201, "5")


async def test_a_client_whose_network_stalls_may_go_on(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "IDLE_SECONDS", 0.01)
    upload = (await begin(api, "alice", 10)).headers["Location"]

    async def stalling() -> AsyncIterator[bytes]:
        yield b"01234"
        await asyncio.sleep(10)

    path = upload.removeprefix("/api/v1/")
    stalled = await api("alice", "PATCH", path, headers=PART | {"Upload-Offset": "0"}, content=stalling())
    assert (stalled.status_code, stalled.json()["code"]) == (408, "invalid")
    assert await offset(api, "alice", upload) == 5


async def test_a_request_that_is_cancelled_ends_after_the_thread_that_works_for_it() -> None:
    began, may_end = threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        may_end.wait(10)

    request = asyncio.ensure_future(db.on_media(work))
    await asyncio.to_thread(began.wait, 10)
    request.cancel()
    done, _ = await asyncio.wait([request], timeout=0.05)
    assert not done
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await request


async def test_a_client_that_comes_back_while_its_file_is_opened_waits_for_it(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two requests that open the same upload would delete each other's bytes."""
    opened: list[Any] = []
    began, may_end = threading.Event(), threading.Event()

    def slow(*, file: File) -> File:
        opened.append(file.key)
        began.set()
        may_end.wait(10)
        File.objects.filter(pk=file.pk).update(state=File.State.READY)
        part_path(file.key).unlink()
        return file

    monkeypatch.setattr("chat.api.tus.file_complete", slow)
    upload = (await begin(api, "alice", 5)).headers["Location"]
    first = asyncio.ensure_future(patch(api, "alice", upload, 0, b"01234"))
    await asyncio.to_thread(began.wait, 10)
    first.cancel()
    again = asyncio.ensure_future(offset(api, "alice", upload))
    await asyncio.wait([again], timeout=0.05)
    may_end.set()
    assert await again == 5
    assert len(opened) == 1


async def test_an_empty_metadata_header_says_nothing(api: Api) -> None:
    # tuspy sends it for an upload without metadata.
    begun = await api("alice", "POST", "uploads/", headers=TUS | {"Upload-Length": "4", "Upload-Metadata": ""})
    assert begun.status_code == 201
    assert (await patch(api, "alice", begun.headers["Location"], 0, b"text")).status_code == 204
    assert await offset(api, "alice", begun.headers["Location"]) == 4
