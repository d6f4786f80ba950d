"""Against a running server: sockets hear at once what HTTP writes, and waiting costs next to nothing."""

import asyncio
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from support.servers import Server
from tests.api.conftest import Serve

FAST_ENOUGH_SECONDS = 20


@pytest.fixture(scope="module")
def server(serve: Serve) -> Iterator[Server]:
    with serve(CHAT_SEND_LIMIT="0", CHAT_API_LIMIT="0", CHAT_SOCKETS_PER_USER="0") as server:
        yield server


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    server.make_people("ada", "ben")
    found = {}
    for name in ("ada", "ben"):
        body = {"username": name, "password": "correct horse battery"}
        found[name] = str(httpx.post(f"{server.url}/api/v1/token", json=body).json()["access_token"])
    return found


def client(server: Server, token: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=f"{server.url}/api/v1/", headers=headers, timeout=40)


def lobby(server: Server, token: str) -> connect:
    return connect(f"{server.ws_url}/ws/chat/lobby/?token={token}")


async def heard(socket: ClientConnection, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    async with asyncio.timeout(FAST_ENOUGH_SECONDS):
        while True:
            event: dict[str, Any] = json.loads(await socket.recv())
            if wanted(event):
                return event


async def test_what_is_posted_edited_and_deleted_over_http_reaches_an_open_socket(
    server: Server, tokens: dict[str, str]
) -> None:
    async with (
        client(server, tokens["ada"]) as ada,
        lobby(server, tokens["ben"]) as ben,
    ):
        await heard(ben, lambda event: event["type"] == "history")
        await ada.post("rooms/lobby/join")
        said = (await ada.post("rooms/lobby/messages", json={"message": "hello"})).json()
        assert await heard(ben, lambda event: event.get("message") == "hello") == said
        edited = (await ada.patch(f"rooms/lobby/messages/{said['seq']}", json={"message": "hello!"})).json()
        assert await heard(ben, lambda event: event.get("rev") == edited["rev"]) == edited
        deleted = (await ada.delete(f"rooms/lobby/messages/{said['seq']}")).json()
        assert await heard(ben, lambda event: event.get("rev") == deleted["rev"]) == deleted


async def test_who_posts_over_http_has_read_the_room_on_their_sockets(server: Server, tokens: dict[str, str]) -> None:
    async with (
        client(server, tokens["ada"]) as ada,
        connect(f"{server.ws_url}/ws/chat/?token={tokens['ada']}") as there,
    ):
        await ada.post("rooms/lobby/join")
        said = (await ada.post("rooms/lobby/messages", json={"message": "I have read it all"})).json()
        read = await heard(there, lambda event: event["type"] == "read" and event["seq"] == said["seq"])
        assert read == {"type": "read", "room": "lobby", "seq": said["seq"]}


async def test_a_first_direct_message_opens_the_room_on_the_others_socket(
    server: Server, tokens: dict[str, str]
) -> None:
    async with client(server, tokens["ada"]) as ada, connect(f"{server.ws_url}/ws/chat/?token={tokens['ben']}") as ben:
        await heard(ben, lambda event: event["type"] == "rooms")
        said = (await ada.post("direct/ben/messages", json={"message": "psst"})).json()
        opened = await heard(ben, lambda event: event["type"] == "rooms")
        assert [room["username"] for room in opened["rooms"]] == ["ada"]
        assert await heard(ben, lambda event: event["type"] == "message") == said


async def test_a_ticket_from_http_opens_a_socket_once(server: Server, tokens: dict[str, str]) -> None:
    async with client(server, tokens["ada"]) as ada:
        ticket = (await ada.post("ticket")).json()["ticket"]
    async with connect(f"{server.ws_url}/ws/chat/?ticket={ticket}") as socket:
        assert (await heard(socket, lambda event: True))["username"] == "ada"
    async with connect(f"{server.ws_url}/ws/chat/?ticket={ticket}") as socket:
        await asyncio.wait_for(socket.wait_closed(), FAST_ENOUGH_SECONDS)
        assert socket.close_code == 4001


async def test_a_hundred_who_wait_hold_no_thread_and_all_hear_a_message_from_a_socket(
    server: Server, tokens: dict[str, str]
) -> None:
    async with (
        client(server, tokens["ada"]) as ada,
        lobby(server, tokens["ben"]) as ben,
    ):
        joined = await heard(ben, lambda event: event["type"] == "joined_room")
        await ada.post("rooms/lobby/join")
        rev = (await ada.get("rooms/lobby")).json()["rev"]
        assert rev >= joined["rev"]
        at_rest = threads(server)
        query = f"rooms/lobby/changes?after_rev={rev}&wait=30"
        limits = httpx.Limits(max_connections=None)
        headers = {"Authorization": f"Bearer {tokens['ada']}"}
        async with httpx.AsyncClient(
            base_url=f"{server.url}/api/v1/", headers=headers, timeout=40, limits=limits
        ) as many:
            waiters = [asyncio.create_task(many.get(query)) for _ in range(100)]
            await until_idle(server, at_rest)
            assert not any(waiter.done() for waiter in waiters)
            await ben.send(json.dumps({"type": "chat_message", "message": "wake up"}))
            answers = await asyncio.wait_for(asyncio.gather(*waiters), FAST_ENOUGH_SECONDS)
        assert {answer.json()["messages"][-1]["message"] for answer in answers} == {"wake up"}


async def test_an_export_is_prepared_beside_the_server_and_a_killed_one_begins_anew(
    server: Server, tokens: dict[str, str]
) -> None:
    async with client(server, tokens["ada"]) as ada:
        await ada.post("rooms", json={"room": "attic", "kind": "private"})
        for number in range(2):
            await ada.post("rooms/attic/messages", json={"message": f"box {number}"})
        started = (await ada.post("exports", json={"scope": "person", "format": "html"})).json()
        # What a killed process leaves: an expired lease and part of the file.
        server.manage("shell", "-v0", "-c", _KILLED.format(number=started["id"]))
        async with asyncio.timeout(2 * FAST_ENOUGH_SECONDS):
            while (facts := (await ada.get("exports")).json()["exports"][0])["state"] == "preparing":
                await asyncio.sleep(0.2)
        assert (facts["state"], facts["problem"]) == ("ready", "")
        answer = await ada.get(f"exports/{started['id']}/download")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.testzip() is None
            assert "rooms/attic/index.html" in archive.namelist()


_KILLED = """
from chat import storage
from chat.models import *
from chat.services.exports.requests import export_place
from django.utils import timezone
export = Export.objects.get(pk={number})
if export.state == "preparing":
    storage.store_pieces(iter([b"half of it"]), export_place(export), "application/zip")
    TransferWork.objects.update_or_create(pk=1, defaults={{"holder": "0" * 32, "expires_at": timezone.now()}})
"""


def threads(server: Server) -> int:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("Threads:")).split()[1])


async def until_idle(server: Server, at_rest: int) -> None:
    """Wait until, for half a second, there are no more threads than the pool for database work may have added."""
    calm = 0
    async with asyncio.timeout(FAST_ENOUGH_SECONDS):
        while calm < 20:
            calm = calm + 1 if threads(server) <= at_rest + 10 else 0
            await asyncio.sleep(0.025)
