"""Any bad input gets a sentence and a matching status, and nothing is written."""

from typing import Any

import pytest

from chat.live.hub import current_hub
from chat.live.rate_limits import SharedBuckets
from chat.models import Message
from tests.api.conftest import Api

BODIES: list[tuple[bytes, int, str]] = [
    (b"", 422, "body"),
    (b"{", 400, ""),
    (b"\xff\xfe", 400, ""),
    (b'{"message": "\\ud800"}', 400, ""),
    (b'{"message": NaN}', 400, ""),
    (b"[" * 60_000, 400, ""),
    (b"[]", 422, "body"),
    (b"null", 422, "body"),
    (b'"hello"', 422, "body"),
    (b"{}", 422, "message"),
    (b'{"message": 5}', 422, "message"),
    (b'{"message": null}', 422, "message"),
    (b'{"message": ""}', 422, "message"),
    (b'{"message": " \\u200b\\n"}', 422, "message"),
    (b'{"message": "a\\u0000b"}', 422, "message"),
    (b'{"message": "hi", "mesage": "hi"}', 422, "mesage"),
    (b'{"message": "hi", "reply_to": "1"}', 422, "reply_to"),
    (b'{"message": "hi", "reply_to": 0}', 422, "reply_to"),
    (b'{"message": "hi", "reply_to": ' + b"9" * 4000 + b"}", 422, "reply_to"),
    (b'{"message": "hi", "reply_to": ' + b"9" * 5000 + b"}", 400, ""),
    (b'{"message": "hi", "client_id": ""}', 422, "client_id"),
    (b'{"message": "hi", "client_id": "' + b"x" * 65 + b'"}', 422, "client_id"),
    (b'{"message": "' + b"x" * 10_001 + b'"}', 422, "message"),
    (b'{"message": "' + b"x" * 66_000 + b'"}', 413, ""),
]


async def test_a_body_that_will_not_do_is_refused_by_name(api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    for body, status, field in BODIES:
        response = await api("bob", "POST", "rooms/garden/messages", content=body, headers=headers)
        assert response.status_code == status, (body[:100], response.text)
        assert list(response.json().get("fields", {})) == ([field] if field else []), body[:100]
    assert not await Message.objects.aexists()


async def test_a_body_without_a_length_is_read_no_further_than_allowed(api: Api) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b" " * 10_000

    headers = {"Content-Type": "application/json"}
    response = await api("bob", "POST", "rooms/garden/messages", content=endless(), headers=headers)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


async def test_what_a_form_of_another_site_could_send_is_not_read(api: Api) -> None:
    for sent in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        for body in (b'{"message": "hi"}', b"message=hi", b""):
            if sent or body:
                headers = {"Content-Type": sent}
                response = await api("bob", "POST", "rooms/garden/messages", content=body, headers=headers)
                assert (response.status_code, response.json()["code"]) == (415, "unsupported_type")
    assert not await Message.objects.aexists()


QUERIES = [
    ("rooms/garden/messages?limit=0", "limit"),
    ("rooms/garden/messages?limit=101", "limit"),
    ("rooms/garden/messages?limit=many", "limit"),
    ("rooms/garden/messages?before=0", "before"),
    ("rooms/garden/messages?before=" + "9" * 30, "before"),
    ("rooms/garden/messages?after=-1", "after"),
    ("rooms/garden/messages?around=1.5", "around"),
    ("rooms/garden/messages?around=1.0", "around"),
    ("rooms/garden/messages?limit=1_0", "limit"),
    ("rooms/garden/messages?before=3&after=1", "query"),
    ("rooms/garden/messages?limits=5", "limits"),
    ("rooms/garden/changes", "after_rev"),
    ("rooms/garden/changes?after_rev=0.0", "after_rev"),
    ("rooms/garden/changes?after_rev=0&wait=31", "wait"),
    ("rooms/garden/changes?after_rev=0&wait=nan", "wait"),
    ("rooms/garden/changes?after_rev=0&wait=-1", "wait"),
    ("rooms?scope=all", "scope"),
    ("people?q=" + "x" * 65, "q"),
    ("people?q=a%00b", "q"),
    ("people?name=x", "name"),
    ("me?verbose=1", "verbose"),
    ("rooms/gar.den", "room"),
    ("rooms/" + "x" * 65, "room"),
    ("rooms/gar%00den", "room"),
]


async def test_an_address_that_will_not_do_is_refused_by_name(api: Api) -> None:
    for path, field in QUERIES:
        response = await api("bob", "GET", path)
        assert (response.status_code, list(response.json().get("fields", {}))) == (422, [field]), path


PATHS = [
    ("PATCH", "rooms/garden/messages/0", {"message": "x"}, 422),
    ("PATCH", "rooms/garden/messages/first", {"message": "x"}, 422),
    ("PATCH", "rooms/garden/messages/" + "9" * 40, {"message": "x"}, 422),
    ("DELETE", "rooms/garden/messages/1.0", None, 422),
    ("DELETE", "rooms/garden/messages/1%0A", None, 422),
    ("DELETE", "rooms/garden/messages/+1", None, 422),
    ("PATCH", "rooms/garden/messages/9007199254740992", {"message": "x"}, 404),
    ("PUT", "rooms/garden/messages/1/reactions/x", None, 422),
    ("PUT", "rooms/garden/messages/1/reactions/%FF", None, 422),
    ("PUT", "rooms/garden/messages/1/reactions/" + "👍" * 33, None, 422),
    ("PUT", "rooms/garden/members/a%00b", {}, 422),
    ("PUT", "rooms/garden/members/" + "x" * 65, {}, 422),
    ("PUT", "rooms/garden/members/nobody", {}, 404),
    ("PUT", "rooms/garden/members/bob", {"role": "king"}, 422),
    ("PUT", "rooms/garden/bans/bob", {"minutes": 0}, 422),
    ("PUT", "rooms/garden/bans/bob", {"minutes": 10**12}, 422),
    ("PUT", "rooms/garden/mutes/bob", {}, 422),
    ("PATCH", "rooms/garden/me", {"notify": "loudly"}, 422),
    ("PATCH", "rooms/garden", {"title": None}, 422),
    ("PATCH", "rooms/garden", {"title": "x" * 101}, 422),
    ("PATCH", "rooms/garden", {"topic": "a\x00b"}, 422),
    ("PATCH", "rooms/garden", {"slug": "orchard"}, 422),
    ("POST", "rooms", {"room": "dm-1-2"}, 422),
    ("POST", "rooms", {"room": "two words"}, 422),
    ("POST", "rooms", {"room": "ok", "kind": "direct"}, 422),
    ("POST", "rooms", {"room": "ok", "owner": "bob"}, 422),
    ("POST", "rooms", {"room": "GARDEN"}, 409),
    ("POST", "direct/nobody/messages", {"message": "x"}, 404),
    ("GET", "nothing", None, 404),
    ("GET", "rooms/garden/", None, 404),
    ("POST", "rooms/garden/messages/1/2/3", {}, 404),
]


async def test_a_wish_that_makes_no_sense_is_refused_in_json(api: Api) -> None:
    await api.say("alice", "hello")
    current_hub().send_limit = SharedBuckets(0, 0)
    for method, path, body, status in PATHS:
        response = await api("alice", method, path, **({} if body is None else {"json": body}))
        assert response.status_code == status, (method, path, response.text)
        assert response.headers["Content-Type"] == "application/json"
        assert response.json()["message"].endswith("."), path


async def test_a_wrong_method_is_answered_with_the_right_ones(api: Api) -> None:
    response = await api("bob", "PUT", "rooms/garden/messages", json={})
    assert (response.status_code, response.json()["code"]) == (405, "wrong_method")
    assert {word.strip() for word in response.headers["Allow"].split(",")} == {"GET", "POST"}


async def test_a_fault_of_ours_is_a_sentence_too_and_goes_to_the_log_without_the_address(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("chat.api.users.people_named", lambda *_, **__: 1 / 0)
    response = await api(None, "GET", f"people?token={api.stage.tokens['bob']}")
    assert (response.status_code, response.json()["code"]) == (500, "server_error")
    assert "ZeroDivisionError" in caplog.text
    assert api.stage.tokens["bob"] not in caplog.text


async def test_a_database_that_does_not_answer_is_reported_as_such(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def gone(*_: object, **__: object) -> None:
        raise OperationalError("no answer")

    monkeypatch.setattr("chat.api.users.people_named", gone)
    response = await api("bob", "GET", "people")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert int(response.headers["Retry-After"]) >= 1
