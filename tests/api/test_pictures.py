"""Pictures of people and rooms: squares cropped from uploads, for those who may see them."""

import io

from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.services import account_create
from accounts.workspace import workspace_picture
from accounts.workspace_picture import picture_remove, picture_set
from chat.models import File, Profile, Room
from chat.services import files
from tests.api.conftest import Api
from tests.api.test_files import fetch, uploaded


def drawn(width: int = 900, height: int = 600) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "JPEG")
    return out.getvalue()


async def picture(api: Api, who: str) -> str:
    return str((await uploaded(api, who, drawn(), "me.jpg"))["id"])


async def test_a_person_has_a_picture_that_everyone_sees_who_is_signed_in(api: Api) -> None:
    key = await picture(api, "alice")
    card = (await api("alice", "PUT", "me/picture", json={"file": key})).json()
    assert card["picture"] == f"/pictures/{key}"
    members = (await api("bob", "GET", "rooms/garden/members")).json()["members"]
    assert {one["username"]: one.get("picture", "") for one in members}["alice"] == card["picture"]
    for side in (128, 512):
        seen = await fetch(api, "charlie", f"{card['picture']}/{side}")
        assert seen.headers["content-type"] == "image/webp"
        assert "immutable" in seen.headers["cache-control"]
        assert Image.open(io.BytesIO(seen.content)).size == (side, side)
    assert (await fetch(api, None, f"{card['picture']}/128")).status_code == 401
    assert (await fetch(api, "alice", f"/files/{key}/me.jpg")).status_code == 404, "only the squares are kept"
    refused = await api("alice", "POST", "rooms/garden/messages", json={"message": "", "files": [key]})
    assert refused.status_code == 422


async def test_a_picture_that_was_replaced_or_removed_is_gone(api: Api) -> None:
    first, second = await picture(api, "alice"), await picture(api, "alice")
    for key in (first, second):
        assert (await api("alice", "PUT", "me/picture", json={"file": key})).status_code == 200
    assert (await fetch(api, "bob", f"/pictures/{first}/128")).status_code == 404
    await sync_to_async(files.sweep)()
    assert [file.key async for file in File.objects.all()] == [second]
    assert "picture" not in (await api("alice", "DELETE", "me/picture")).json()
    assert (await Profile.objects.aget(user=api.stage.users["alice"])).picture == ""
    await sync_to_async(files.sweep)()
    assert not await File.objects.aexists()


async def test_the_picture_of_a_private_room_is_seen_by_its_members(api: Api) -> None:
    key = await picture(api, "alice")
    room = (await api("alice", "PUT", "rooms/garden/picture", json={"file": key})).json()
    assert room["picture"] == f"/pictures/{key}"
    mine = (await api("bob", "GET", "rooms")).json()["rooms"]
    assert {one["room"]: one.get("picture", "") for one in mine}["garden"] == room["picture"]
    seen = await fetch(api, "bob", f"{room['picture']}/128")
    assert (seen.status_code, seen.headers["cache-control"]) == (200, "private, no-cache")
    assert (await fetch(api, "charlie", f"{room['picture']}/128")).status_code == 404
    changes = (await api("bob", "GET", "rooms/garden/changes?after_rev=0")).json()
    assert room["picture"] in str(changes)
    assert (await api("alice", "DELETE", "rooms/garden/picture")).json().get("picture", "") == ""
    assert (await Room.objects.aget(slug="garden")).picture == ""


async def test_the_picture_of_the_workspace_is_seen_without_an_account_and_no_other_is(api: Api) -> None:
    admin = await sync_to_async(account_create)(username="root", password=None)
    sent = SimpleUploadedFile("logo.jpg", drawn(), "image/jpeg")
    await sync_to_async(picture_set)(user=admin, sent=sent)
    first = await sync_to_async(workspace_picture)()
    seen = await api.http.get(first)
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/webp")
    assert Image.open(io.BytesIO(seen.content)).size == (128, 128)
    page = await api.http.get("/accounts/login/")
    assert first in page.text
    # The picture of a person.
    key = await picture(api, "alice")
    assert (await api("alice", "PUT", "me/picture", json={"file": key})).status_code == 200
    assert (await api.http.get(f"/accounts/workspace/{key}/128")).status_code == 404
    await sync_to_async(picture_set)(user=admin, sent=SimpleUploadedFile("new.jpg", drawn(300, 300), "image/jpeg"))
    second = await sync_to_async(workspace_picture)()
    assert ((await api.http.get(first)).status_code, (await api.http.get(second)).status_code) == (404, 200)
    await sync_to_async(picture_remove)(user=admin)
    assert (await api.http.get(second)).status_code == 404
    await sync_to_async(files.sweep)()
    assert [file.key async for file in File.objects.all()] == [key]


async def test_only_a_picture_that_is_ones_own_becomes_one(api: Api) -> None:
    note = (await uploaded(api, "alice"))["id"]
    refused = await api("alice", "PUT", "me/picture", json={"file": note})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["files"])
    theirs = await picture(api, "bob")
    assert (await api("alice", "PUT", "me/picture", json={"file": theirs})).status_code == 404
