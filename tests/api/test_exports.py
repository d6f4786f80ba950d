"""Exports over HTTP."""

import io
import zipfile

from asgiref.sync import sync_to_async

from chat.models import Export
from chat.services.exports.preparing import export_prepare
from tests.api.conftest import Api


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
