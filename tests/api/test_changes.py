"""Changes after a number, and waiting for them."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat.api import long_poll
from chat.live.hub import current_hub
from chat.models import Room, ServerState
from chat.services.messages import message_edit
from chat.services.moderation import room_clear
from chat.services.publishing import rooms_changed
from chat.services.tokens import token_revoke
from tests.api.conftest import Api
from your_project.asgi import application


async def changed(api: Api, who: str = "alice", room: str = "garden", **query: Any) -> dict[str, Any]:
    response = await api(who, "GET", f"rooms/{room}/changes", params=query)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def until_waiting(room: str = "garden", count: int = 1) -> None:
    room_id = (await Room.objects.aget(slug=room)).pk
    while (room_here := current_hub().rooms.get(room_id)) is None or room_here.awaited < count:
        await asyncio.sleep(0.005)


async def test_every_change_comes_once_in_order_with_its_newest_state(api: Api) -> None:
    await api.say("bob", "one")
    await api.say("bob", "two")
    await api("bob", "PATCH", "rooms/garden/messages/1", json={"message": "one!"})
    found = await changed(api, after_rev=0)
    assert [(event["seq"], event["rev"], event["message"]) for event in found["messages"]] == [
        (2, 2, "two"),
        (1, 3, "one!"),
    ]
    assert (found["room"], found["complete"], found["rev"]) == ("garden", True, 3)
    assert (await changed(api, after_rev=3))["messages"] == []


async def test_a_clearing_and_new_facts_come_between_the_messages(api: Api) -> None:
    await api.say("bob", "one")
    await sync_to_async(room_clear)(user=api.stage.users["alice"], room="garden")
    await api("alice", "PATCH", "rooms/garden", json={"topic": "roses"})
    found = await changed(api, after_rev=1)
    assert [event["type"] for event in found["messages"]] == ["cleared", "message", "message", "room"]


async def test_a_number_that_means_nothing_here_asks_for_the_history(api: Api) -> None:
    await api.say("bob", "one")
    epoch = (await api("alice", "GET", "me")).json()["epoch"]
    assert (await changed(api, after_rev=5))["complete"] is False
    assert (await changed(api, after_rev=0, epoch=epoch))["complete"] is True
    await ServerState.objects.aupdate(epoch="00000000-0000-4000-8000-000000000000")
    assert (await changed(api, after_rev=0, epoch=epoch, wait=30))["complete"] is False


async def test_existing_changes_are_returned_without_waiting(api: Api) -> None:
    await api.say("bob", "one")
    assert len((await changed(api, after_rev=0, wait=30))["messages"]) == 1


async def test_a_message_wakes_everybody_who_waits_for_its_room(api: Api) -> None:
    waiters = [asyncio.create_task(changed(api, who, after_rev=0, wait=30)) for who in ("alice", "bob", "mona")]
    elsewhere = asyncio.create_task(changed(api, room="square", after_rev=0, wait=0.3))
    await until_waiting(count=3)
    said = await api.say("bob", "hello")
    for found in await asyncio.gather(*waiters):
        assert [event["rev"] for event in found["messages"]] == [said["rev"]]
    assert (await elsewhere)["messages"] == []
    assert not any(room.awaited for room in current_hub().rooms.values())


async def test_an_edit_wakes_too(api: Api) -> None:
    await api.say("bob", "helo")
    waiter = asyncio.create_task(changed(api, after_rev=1, wait=30))
    await until_waiting()
    await sync_to_async(message_edit)(user=api.stage.users["bob"], room="garden", seq=1, text="hello")
    assert [event["message"] for event in (await waiter)["messages"]] == ["hello"]


async def test_what_another_process_wrote_is_found_by_comparing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    waiter = asyncio.create_task(changed(api, after_rev=0, wait=30))
    await until_waiting()
    monkeypatch.setattr(rooms_changed, "send_robust", lambda **_: [])
    await api.say("bob", "hello")
    assert len((await waiter)["messages"]) == 1


async def test_nothing_new_is_an_empty_answer_after_the_wait(api: Api) -> None:
    found = await changed(api, after_rev=0, wait=0.1)
    assert (found["complete"], found["messages"], found["rev"]) == (True, [], 0)


async def test_a_server_that_stops_answers_those_who_wait(api: Api) -> None:
    waiter = asyncio.create_task(changed(api, after_rev=0, wait=30))
    await until_waiting()
    await current_hub().drain(0)
    assert (await asyncio.wait_for(waiter, 20))["messages"] == []


async def test_a_person_removed_while_waiting_is_sent_nothing_more(api: Api) -> None:
    waiter = asyncio.create_task(api("bob", "GET", "rooms/square/changes?after_rev=0&wait=1"))
    await until_waiting("square")
    await api("alice", "PUT", "rooms/square/bans/bob")
    answer = await waiter
    assert (answer.status_code, answer.json()["code"]) == (403, "banned")


async def test_a_token_that_is_revoked_while_waiting_learns_nothing_more(api: Api) -> None:
    waiter = asyncio.create_task(api("bob", "GET", "rooms/garden/changes?after_rev=0&wait=30"))
    await until_waiting()
    token = await api.stage.users["bob"].api_tokens.aget()
    await sync_to_async(token_revoke)(token=token)
    await api.say("alice", "secret")
    assert (await waiter).status_code == 401


async def test_a_person_waits_in_no_more_places_than_they_may_have_sockets(api: Api, settings: Any) -> None:
    settings.CHAT_SOCKETS_PER_USER = 2
    waiters = [asyncio.create_task(changed(api, after_rev=0, wait=30)) for _ in range(2)]
    await until_waiting(count=2)
    third = await api("alice", "GET", "rooms/garden/changes?after_rev=0&wait=30")
    assert (third.status_code, third.json()["code"]) == (429, "rate_limited")
    await api.say("bob", "hello")
    await asyncio.gather(*waiters)


async def test_a_caller_who_hangs_up_leaves_nothing_behind(api: Api) -> None:
    frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    frames.put_nowait({"type": "http.request", "body": b"", "more_body": False})
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/rooms/garden/changes",
        "query_string": b"after_rev=0&wait=30",
        "headers": [(b"host", b"testserver"), (b"authorization", f"Bearer {api.stage.tokens['bob']}".encode())],
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asking = asyncio.create_task(application(scope, frames.get, send))
    await until_waiting()
    frames.put_nowait({"type": "http.disconnect"})
    await asyncio.wait_for(asking, 20)
    assert sent == []
    assert not any(room.awaited for room in current_hub().rooms.values())
    with long_poll.waiting(api.stage.users["bob"].pk):
        assert dict(long_poll._waiting) == {api.stage.users["bob"].pk: 1}
