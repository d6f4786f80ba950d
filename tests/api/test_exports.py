"""Exports over HTTP."""

import io
import zipfile

import pytest
from asgiref.sync import sync_to_async

from chat.identity import password_proofs
from chat.models import Export
from chat.services.exports.preparing import export_prepare
from chat.services.tokens import token_issue
from support.people import PASSWORD
from tests.api.conftest import Api
from tests.api.test_signing_in import cookies


async def test_a_program_asks_for_an_export_and_downloads_it_when_it_is_ready(api: Api) -> None:
    await api.say("bob", "hello")
    asked = await api("bob", "POST", "exports", json={"scope": "person", "files": False})
    assert asked.status_code == 201
    number = asked.json()["id"]
    facts = asked.json()
    assert (facts["state"], facts["by"], facts["person"], facts["room"]) == ("preparing", "bob", "bob", None)
    again = await api("bob", "POST", "exports", json={"scope": "person"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert (await api("bob", "GET", f"exports/{number}/download")).status_code == 409
    await sync_to_async(lambda: export_prepare(Export.objects.get(pk=number)))()
    [listed] = (await api("bob", "GET", "exports")).json()["exports"]
    assert (listed["state"], listed["size"] > 0, listed["expires_at"] is not None) == ("ready", True, True)
    whole = await api("bob", "GET", f"exports/{number}/download")
    assert (whole.status_code, whole.headers["content-type"], len(whole.content)) == (
        200,
        "application/zip",
        listed["size"],
    )
    assert whole.headers["content-disposition"].startswith("attachment; ")
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        assert "hello" in archive.read("messages.jsonl").decode()
    part = await api("bob", "GET", f"exports/{number}/download", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, whole.content[:10])
    for who in ("alice", "staff", "charlie"):
        assert (await api(who, "GET", f"exports/{number}/download")).status_code == 404
        assert (await api(who, "GET", "exports")).json() == {"exports": []}


async def test_an_export_that_cannot_be_is_refused_with_the_field(api: Api) -> None:
    for body in ({"scope": "everything"}, {"scope": "person", "since": "yesterday"}, {"scope": "room", "room": "../x"}):
        refused = await api("alice", "POST", "exports", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert (await api("alice", "POST", "exports", json={"scope": "room"})).status_code == 404


async def test_a_session_gives_the_password_for_one_download(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    number = (await api("bob", "POST", "exports", json={"scope": "person", "files": False})).json()["id"]
    await sync_to_async(lambda: export_prepare(Export.objects.get(pk=number)))()
    headers = []
    for who in ("bob", "bob", "alice"):
        found = await cookies(api, who)
        cookie = "; ".join(f"{name}={value}" for name, value in found.items())
        headers.append({"Cookie": cookie, "X-CSRFToken": found["csrftoken"]})
    browser, other, alice = headers
    path = f"exports/{number}/proof"
    wrong = await api(None, "POST", path, headers=browser, json={"password": "wrong"})
    assert (wrong.status_code, wrong.json()["fields"]) == (422, {"password": "is not yours"})
    assert (await api(None, "POST", path, headers=alice, json={"password": PASSWORD})).status_code == 404
    given = (await api(None, "POST", path, headers=browser, json={"password": PASSWORD})).json()
    assert given["expires_in"] == 60
    download = f"exports/{number}/download?proof={given['proof']}"
    whole = await api(None, "GET", download, headers=browser)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "application/zip")
    # Neither for another session, nor for another person, nor for another export.
    for stranger, status in ((other, 403), (alice, 403), ({}, 401)):
        assert (await api(None, "GET", download, headers=stranger)).status_code == status
    assert (await api(None, "GET", download.replace(f"/{number}/", "/999/"), headers=browser)).status_code == 403
    monkeypatch.setattr(password_proofs, "PROOF_SECONDS", -1)
    assert (await api(None, "GET", download, headers=browser)).status_code == 403


async def test_a_session_downloads_nothing_by_its_cookie_or_by_a_ticket_alone(api: Api) -> None:
    number = (await api("bob", "POST", "exports", json={"scope": "person", "files": False})).json()["id"]
    await sync_to_async(lambda: export_prepare(Export.objects.get(pk=number)))()
    found = await cookies(api, "bob")
    browser = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in found.items()),
        "X-CSRFToken": found["csrftoken"],
    }
    path = f"exports/{number}/download"
    assert (await api(None, "GET", path, headers=browser)).status_code == 403
    ticket = (await api(None, "POST", "ticket", headers=browser)).json()["ticket"]
    refused = await api(None, "GET", f"{path}?ticket={ticket}")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    ticket = (await api("bob", "POST", "ticket")).json()["ticket"]
    assert (await api(None, "GET", f"{path}?ticket={ticket}")).status_code == 200


async def test_the_token_of_an_owner_exports_the_room_only_with_the_scope_of_owners(api: Api) -> None:
    for scopes, status in ((["read", "write"], 403), (["read", "write", "moderate"], 201)):
        _, key = await sync_to_async(token_issue)(user=api.stage.users["alice"], name="bot", scopes=scopes)
        api.stage.tokens["bot"] = key
        asked = await api("bot", "POST", "exports", json={"scope": "room", "room": "garden"})
        assert asked.status_code == status
    assert asked.json()["room"] == "garden"
