"""Custom emoji: who may add and change them, how they are rendered, and reactions with them."""

import io
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from PIL import Image

from chat.models import File
from chat.services import files
from chat.services.emoji import ALIASES_MAX, BYTES_MAX
from chat.services.tokens import token_issue
from tests.api.conftest import Api
from tests.api.test_files import fetch, uploaded


def drawn(kind: str = "PNG", *, size: int = 300, frames: int = 1) -> bytes:
    out = io.BytesIO()
    pictures = [Image.new("RGB", (size, size), (40 * n, 90, 90)) for n in range(frames)]
    more = {"save_all": True, "append_images": pictures[1:]} if frames > 1 else {}
    pictures[0].save(out, kind, **more)
    return out.getvalue()


async def add(api: Api, who: str, name: str, data: bytes | None = None, **more: Any) -> Any:
    file = await uploaded(api, who, data or drawn(), "x.png")
    return await api(who, "POST", "emoji", json={"name": name, "file": file["id"], **more})


async def named(api: Api) -> dict[str, list[str]]:
    found = (await api("bob", "GET", "emoji")).json()["emoji"]
    return {emoji["name"]: emoji["aliases"] for emoji in found}


async def test_a_member_adds_an_emoji_that_everyone_signed_in_sees(api: Api) -> None:
    made = await add(api, "bob", "shipit", aliases=["ship-it"])
    assert (made.status_code, made.json()["made_by"]) == (201, "bob")
    seen = await fetch(api, "charlie", made.json()["url"])
    assert Image.open(io.BytesIO(seen.content)).size == (128, 128)
    assert (await fetch(api, None, made.json()["url"])).status_code == 401
    assert await named(api) == {"shipit": ["ship-it"]}


async def test_one_that_moves_has_a_still_picture(api: Api) -> None:
    made = (await add(api, "bob", "party_parrot", drawn("GIF", frames=3))).json()
    moving = Image.open(io.BytesIO((await fetch(api, "bob", made["url"])).content))
    still = Image.open(io.BytesIO((await fetch(api, "bob", made["still"])).content))
    assert (getattr(moving, "n_frames", 1), getattr(still, "n_frames", 1)) == (3, 1)
    assert "still" not in (await add(api, "bob", "calm")).json()


@pytest.mark.parametrize("name", ["x", "Über", "a" * 33, "a b", ":x:", ""])
async def test_a_name_that_is_none_is_refused(api: Api, name: str) -> None:
    assert (await add(api, "bob", name)).status_code == 422


async def test_a_name_that_is_taken_is_refused_and_leaves_nothing_behind(api: Api) -> None:
    await add(api, "bob", "shipit")
    for name, aliases in (("shipit", []), ("tada", []), ("other", ["shipit"])):
        assert (await add(api, "alice", name, aliases=aliases)).status_code == 409
    assert await named(api) == {"shipit": []}


async def test_a_picture_whose_name_was_taken_can_still_be_sent(api: Api) -> None:
    await add(api, "bob", "shipit")
    file = await uploaded(api, "alice", drawn(), "x.png")
    refused = await api("alice", "POST", "emoji", json={"name": "vessel", "aliases": ["shipit"], "file": file["id"]})
    assert (refused.status_code, refused.json()["message"]) == (409, ":shipit: is taken.")
    sent = await api.say("alice", "", files=[file["id"]])
    shown = await fetch(api, "bob", sent["files"][0]["url"])
    assert Image.open(io.BytesIO(shown.content)).size == (300, 300)


async def test_a_picture_that_is_none_or_too_large_is_refused(api: Api) -> None:
    assert (await add(api, "bob", "text", b"no picture")).status_code == 422
    assert (await add(api, "bob", "photo", drawn("JPEG"))).status_code == 422
    large = await add(api, "bob", "large", drawn() + b"\0" * BYTES_MAX)
    assert (large.status_code, large.json()["code"]) == (413, "too_large")


async def test_administrators_alone_add_where_the_operator_says_so(api: Api, settings: Any) -> None:
    settings.CHAT_WHO_ADDS_EMOJI = "administrators"
    assert (await add(api, "bob", "shipit")).status_code == 403
    assert (await add(api, "staff", "shipit")).status_code == 201


async def test_one_member_takes_only_some_of_the_places(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.services.emoji.EMOJI_EACH", 2)
    for name in ("one", "two"):
        assert (await add(api, "bob", f"bob_{name}")).status_code == 201
    refused = await add(api, "bob", "bob_three")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert refused.json()["message"] == "2 emoji are yours, as many as one may add. Delete one first."
    assert (await add(api, "alice", "of_alice")).status_code == 201
    for number in range(3):
        assert (await add(api, "staff", f"of_staff{number}")).status_code == 201
    assert (await api("bob", "DELETE", "emoji/bob_one")).status_code == 204
    assert (await add(api, "bob", "bob_three")).status_code == 201


async def test_a_token_of_staff_that_may_not_moderate_changes_no_emoji_of_others(api: Api, settings: Any) -> None:
    key = await sync_to_async(token_issue)(user=api.stage.users["staff"], name="bot", scopes=["read", "write"])
    api.stage.tokens["bot"] = key[1]
    await add(api, "bob", "shipit")
    for who, status in (("bot", 403), ("staff", 200)):
        assert (await api(who, "PATCH", "emoji/shipit", json={"aliases": ["boaty"]})).status_code == status
    assert (await add(api, "bot", "theirs")).status_code == 201
    assert (await api("bot", "DELETE", "emoji/theirs")).status_code == 204
    for who, status in (("bot", 403), ("staff", 204)):
        assert (await api(who, "DELETE", "emoji/shipit")).status_code == status
    settings.CHAT_WHO_ADDS_EMOJI = "administrators"
    assert (await add(api, "bot", "other")).status_code == 403
    assert not (await api("bot", "GET", "emoji")).json()["may_add"]


async def test_renaming_again_and_again_takes_no_more_names_than_an_emoji_may_have(api: Api) -> None:
    await add(api, "bob", "name0")
    for number in range(ALIASES_MAX):
        assert (await api("bob", "PATCH", f"emoji/name{number}", json={"name": f"name{number + 1}"})).status_code == 200
    refused = await api("bob", "PATCH", "emoji/name0", json={"name": "one_more"})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["aliases"])
    assert (await api("bob", "PATCH", "emoji/name0", json={"name": "name3"})).status_code == 200
    fewer = await api("bob", "PATCH", "emoji/name0", json={"name": "one_more", "aliases": ["name1"]})
    assert fewer.json()["aliases"] == ["name1", "name3"]


async def test_a_renamed_emoji_keeps_its_old_name_and_others_do_not_rename_it(api: Api) -> None:
    await add(api, "bob", "shipit")
    assert (await api("alice", "PATCH", "emoji/shipit", json={"name": "mine"})).status_code == 403
    assert (await api("bob", "PATCH", "emoji/shipit", json={"name": "shippy"})).json()["aliases"] == ["shipit"]
    assert (await api("staff", "PATCH", "emoji/shipit", json={"name": "shipit"})).json()["aliases"] == ["shippy"]
    assert (await api("bob", "PATCH", "emoji/shippy", json={"aliases": ["boaty"]})).json()["aliases"] == ["boaty"]
    assert (await api("bob", "PATCH", "emoji/shippy", json={"aliases": []})).status_code == 404


async def test_a_reaction_names_an_emoji_that_is_there(api: Api) -> None:
    await add(api, "bob", "shipit", aliases=["shippy"])
    await api.say("bob", "hello")
    for name in ("shipit", "shippy"):
        reacted = await api("alice", "PUT", f"rooms/garden/messages/1/reactions/:{name}:")
        assert reacted.json()["reactions"] == {":shipit:": ["alice"]}
    assert (await api("alice", "PUT", "rooms/garden/messages/1/reactions/:nothing:")).status_code == 422
    taken = await api("alice", "DELETE", "rooms/garden/messages/1/reactions/:shippy:")
    assert taken.json()["reactions"] == {}


async def test_a_deleted_emoji_is_gone_with_its_picture(api: Api) -> None:
    made = (await add(api, "bob", "shipit")).json()
    assert (await api("alice", "DELETE", "emoji/shipit")).status_code == 403
    assert (await api("bob", "DELETE", "emoji/shipit")).status_code == 204
    assert (await api("bob", "DELETE", "emoji/shipit")).status_code == 404
    assert (await fetch(api, "bob", made["url"])).status_code == 404
    await sync_to_async(files.sweep)()
    assert not await File.objects.aexists()
