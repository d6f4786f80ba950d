"""Files: uploaded, attached to a message, and visible only to those who may see it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from limits import RateLimitItemPerMinute

from chat import storage
from chat.identity import throttle
from chat.lib.sealed import seal
from chat.models.credentials import digest
from tests.api.conftest import Api
from tests.api.test_signing_in import cookies

CASES = Path(__file__).parent.parent / "media"
PICTURE = CASES / "images" / "orientation6_gps_icc_comment.jpg"


async def upload(api: Api, who: str, content: bytes = b"some words", name: str = "note.txt", **form: str) -> Any:
    return await api(who, "POST", "files", files={"file": (name, content)}, data=form)


async def uploaded(api: Api, who: str, content: bytes = b"some words", name: str = "note.txt", **form: str) -> Any:
    response = await upload(api, who, content, name, **form)
    assert response.status_code == 201, response.text
    return response.json()


async def fetch(api: Api, who: str | None, url: str, method: str = "GET", **headers: str) -> httpx.Response:
    if who:
        headers["Authorization"] = f"Bearer {api.stage.tokens[who]}"
    return await api.http.request(method, url, headers=headers)


async def test_a_file_is_sent_with_a_message_and_read_by_its_members(api: Api) -> None:
    file = await uploaded(api, "alice", name="notes.txt")
    assert file == {
        "id": file["id"],
        "name": "notes.txt",
        "size": 10,
        "type": "text/plain",
        "url": f"/files/{file['id']}/notes.txt",
    }
    message = await api.say("alice", "", files=[file["id"]])
    assert message["message"] == ""
    assert message["files"] == [file]
    answer = await fetch(api, "bob", file["url"])
    assert (answer.status_code, answer.content) == (200, b"some words")
    assert answer.headers["content-disposition"].startswith('attachment; filename="notes.txt"')
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers
    page = (await api("bob", "GET", "rooms/garden/messages")).json()
    assert page["messages"][-1]["files"] == [file]


async def test_a_picture_comes_with_its_size_as_shown_and_thumbnails(api: Api) -> None:
    file = await uploaded(api, "alice", PICTURE.read_bytes(), "IMG.JPG", description="A wall")
    assert (file["type"], file["width"], file["height"]) == ("image/jpeg", 80, 120)
    assert file["description"] == "A wall"
    assert file["placeholder"].startswith("data:image/webp;base64,")
    for side in ("480", "1600"):
        thumb = await fetch(api, "alice", file["thumbs"][side])
        assert thumb.headers["content-type"] == "image/webp"
    original = await fetch(api, "alice", file["url"])
    assert original.headers["content-disposition"].startswith("inline")
    assert b"Exif" not in original.content


async def test_a_picture_goes_as_a_file_where_its_sender_says_so(api: Api) -> None:
    file = await uploaded(api, "alice", PICTURE.read_bytes(), "IMG.JPG")
    changed = await api("alice", "PATCH", f"files/{file['id']}", json={"preview": False})
    assert changed.json() == {key: file[key] for key in ("id", "name", "size", "type", "url")}
    message = await api.say("alice", "", files=[file["id"]])
    assert message["files"] == [changed.json()]
    assert (await fetch(api, "bob", file["url"])).status_code == 200
    begun = await api("alice", "POST", "uploads/", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "10"})
    early = f"files/{begun.headers['Location'].rpartition('/')[2]}"
    refused = await api("alice", "PATCH", early, json={"preview": False})
    assert (refused.status_code, refused.json()["fields"]) == (422, {"files": "has not arrived"})


@pytest.mark.parametrize("who", ["charlie", "banned", "staff", None])
async def test_a_file_is_hidden_from_those_who_cannot_see_its_message(api: Api, who: str | None) -> None:
    file = await uploaded(api, "alice", PICTURE.read_bytes())
    before = await fetch(api, "bob", file["url"])
    await api.say("alice", "look", files=[file["id"]])
    assert before.status_code == 404
    assert (await fetch(api, "bob", file["url"])).status_code == 200
    expected = 404 if who else 401
    for url in (file["url"], file["thumbs"]["480"]):
        assert (await fetch(api, who, url)).status_code == expected


async def test_who_is_removed_has_no_file_of_the_room_from_the_next_request_on(api: Api) -> None:
    file = await uploaded(api, "alice", PICTURE.read_bytes())
    await api.say("alice", "look", files=[file["id"]])
    kept = {"If-None-Match": (await fetch(api, "bob", file["url"])).headers["ETag"]}
    assert (await fetch(api, "bob", file["url"], **kept)).status_code == 304
    assert (await api("alice", "DELETE", "rooms/garden/members/bob")).status_code < 300
    for url in (file["url"], file["thumbs"]["480"]):
        assert (await fetch(api, "bob", url)).status_code == 404
        assert (await fetch(api, "bob", url, **kept)).status_code == 404, "nor that what it holds is still right"


async def test_two_files_of_one_name_are_two(api: Api) -> None:
    first, second = [await uploaded(api, "alice", content, name="a.txt") for content in (b"first", b"second")]
    assert first["id"] != second["id"]
    assert [(await fetch(api, "alice", file["url"])).content for file in (first, second)] == [b"first", b"second"]


async def test_a_deleted_message_gives_up_its_files(api: Api) -> None:
    file = await uploaded(api, "alice")
    message = await api.say("alice", "look", files=[file["id"]])
    deleted = (await api("alice", "DELETE", f"rooms/garden/messages/{message['seq']}")).json()
    assert deleted["files"] == []
    assert (await fetch(api, "alice", file["url"])).status_code == 404
    again = await api("alice", "POST", "rooms/garden/messages", json={"message": "x", "files": [file["id"]]})
    assert again.status_code == 422


async def test_an_edit_and_a_reaction_keep_the_files(api: Api) -> None:
    file = await uploaded(api, "alice")
    seq = (await api.say("alice", "look", files=[file["id"]]))["seq"]
    edited = await api("alice", "PATCH", f"rooms/garden/messages/{seq}", json={"message": "see"})
    assert edited.json()["files"] == [file]
    assert (await api("bob", "PUT", f"rooms/garden/messages/{seq}/reactions/👍")).json()["files"] == [file]


async def test_a_repeated_send_returns_the_first_message_and_other_files_are_a_conflict(api: Api) -> None:
    one, two = await uploaded(api, "alice"), await uploaded(api, "alice")
    first = await api.say("alice", "", files=[one["id"]], client_id="c1")
    body = {"message": "", "files": [one["id"]], "client_id": "c1"}
    again = await api("alice", "POST", "rooms/garden/messages", json=body)
    assert (again.status_code, again.json()["seq"]) == (200, first["seq"])
    other = await api("alice", "POST", "rooms/garden/messages", json=body | {"files": [two["id"]]})
    assert other.status_code == 409


async def test_a_message_takes_only_files_of_its_author_that_were_not_sent_before(api: Api) -> None:
    taken, foreign = await uploaded(api, "alice"), await uploaded(api, "bob")
    await api.say("alice", "", files=[taken["id"]])
    for ids in (
        [taken["id"]],
        [foreign["id"]],
        ["A" * 22],
        ["nonsense"],
        ["A" * 22] * 2,
        [f"{n:022}" for n in range(11)],
    ):
        refused = await api("alice", "POST", "rooms/garden/messages", json={"message": "x", "files": ids})
        assert refused.status_code == 422
        assert refused.json()["code"] == "invalid"
        assert "files" in refused.json()["fields"]
    assert (await api("alice", "POST", "rooms/garden/messages", json={"message": "", "files": []})).status_code == 422


async def test_ranges_and_conditions_are_answered(api: Api) -> None:
    url = (await uploaded(api, "alice", b"0123456789"))["url"]
    for header, expected in (
        ("bytes=0-1", b"01"),
        ("bytes=-5", b"56789"),
        ("bytes=8-", b"89"),
        ("bytes=5-99", b"56789"),
    ):
        part = await fetch(api, "alice", url, Range=header)
        assert (part.status_code, part.content) == (206, expected)
    assert (await fetch(api, "alice", url, Range="bytes=0-1")).headers["content-range"] == "bytes 0-1/10"
    for header in ("bytes=0-1,3-4", "bytes=" + ",".join(["0-"] * 1_000), "bytes=5-3", "bytes=x-1", "words=0-1"):
        answer = await fetch(api, "alice", url, Range=header)
        assert (answer.status_code, answer.content) == (200, b"0123456789"), "of several ranges none, but the whole"
    outside = await fetch(api, "alice", url, Range="bytes=10-")
    assert (outside.status_code, outside.headers["content-range"]) == (416, "bytes */10")
    whole = await fetch(api, "alice", url)
    assert whole.headers["accept-ranges"] == "bytes"
    unchanged = await fetch(api, "alice", url, **{"If-None-Match": whole.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    changed = await fetch(api, "alice", url, **{"Range": "bytes=0-1", "If-Range": '"other"'})
    assert changed.status_code == 200
    head = await fetch(api, "alice", url, "HEAD")
    assert (head.content, head.headers["content-length"]) == (b"", "10")


async def test_a_ticket_opens_one_file(api: Api) -> None:
    one, two = await uploaded(api, "alice"), await uploaded(api, "alice")
    ticket = (await api("alice", "POST", "ticket")).json()["ticket"]
    statuses = [(await fetch(api, None, f"{file['url']}?ticket={ticket}")).status_code for file in (one, one, two)]
    assert statuses == [200, 200, 401]


async def test_a_used_ticket_leaves_no_key_of_the_session_behind(api: Api) -> None:
    browser = await cookies(api, "bob")
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.items())}
    headers["X-CSRFToken"] = browser["csrftoken"]
    file = (await api(None, "POST", "files", params={"name": "a.txt"}, content=b"words", headers=headers)).json()
    ticket = (await api(None, "POST", "ticket", headers=headers)).json()["ticket"]
    url = f"{file['url']}?ticket={ticket}"
    assert [(await fetch(api, None, url)).status_code for _ in range(2)] == [200, 200]
    name = f"file-ticket:{digest(ticket)}"
    kept = await cache.aget(name)
    assert kept
    assert browser["sessionid"] not in kept
    assert ticket not in kept
    # A value that another program writes there grants nothing.
    proof = ["session", browser["sessionid"], api.stage.users["bob"].pk, file["id"]]
    await cache.aset(name, seal(proof, secret="another", purpose="file-ticket"))
    assert (await fetch(api, None, url)).status_code == 401


async def test_bytes_that_the_storage_does_not_give_are_said_without_an_error(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await uploaded(api, "alice")

    def failing(error: Exception) -> Callable[..., Iterator[bytes]]:
        def pieces(*_: Any) -> Iterator[bytes]:
            raise error
            yield b""

        return pieces

    for error, status in ((FileNotFoundError(), 404), (TimeoutError(), 503)):
        monkeypatch.setattr(storage, "pieces", failing(error))
        answer = await fetch(api, "alice", file["url"])
        assert (answer.status_code, answer.headers["x-content-type-options"]) == (status, "nosniff")


async def test_a_stranger_who_tries_tickets_is_slowed(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    file = await uploaded(api, "alice")
    monkeypatch.setitem(throttle.LIMITS, "stranger", throttle.Limit(None, RateLimitItemPerMinute(2)))
    statuses = [(await fetch(api, None, f"{file['url']}?ticket=guess{n}")).status_code for n in range(4)]
    assert statuses == [401, 401, 429, 429]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/pass wd", "pass wd"),
        ('a"b.png', 'a"b.png'),
        ("C:\\photos\\cat.png", "cat.png"),
        ("фото 日本.txt", "фото 日本.txt"),
        ("x" * 300 + ".txt", "x" * 251 + ".txt"),
        ("gpj\u202eexe.txt", "gpjexe.txt"),
        ("", "file"),
    ],
)
async def test_any_name_becomes_one_line_without_a_folder(api: Api, sent: str, kept: str) -> None:
    response = await api("alice", "POST", "files", params={"name": sent}, content=b"some words")
    file = response.json()
    assert file["name"] == kept
    assert (await fetch(api, "alice", file["url"])).content == b"some words"
