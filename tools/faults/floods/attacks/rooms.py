"""Joining, leaving and making rooms: actions that write a line for others, or make the server hold more."""

import asyncio
import itertools
import json
import uuid

from websockets.asyncio.client import ClientConnection

from tools.faults.floods.asking import Asking
from tools.faults.floods.target import Target

ROOMS = 10_000
# Prepares the site before the attack, run with `SIZE` in `manage.py shell`.
OWN_MANY = (
    f"ROOMS = {ROOMS}"
    + """
from chat.models import Participant
from chat.models import Membership, Room
hugo = Participant.objects.get(username="hugo")
rooms = Room.objects.bulk_create(Room(slug=f"hugos-{n}", title=f"Number {n}", topic="A topic " * 10)
                                 for n in range(int(ROOMS * SIZE)))
Membership.objects.bulk_create(Membership(room=room, user=hugo, role="owner") for room in rooms)
"""
)
# `clear` would hide the messages of the others, so it is aimed at a room of its own.
CLEARED = "attic"
MODERATE = f"""
from chat.models import Membership, Participant
from chat.services.rooms import room_create
Membership.objects.filter(room__slug="lobby", user__username="hugo").update(role="moderator")
hugo = Participant.objects.get(username="hugo")
room_create(creator=hugo, slug="{CLEARED}")
"""


async def join_leave(target: Target) -> None:
    """One person joins and leaves a room as fast as they can, on a socket and by HTTP."""

    async def on_socket() -> None:
        async with target.socket("hugo") as socket:
            reading = asyncio.create_task(target.hear(socket))
            for command in itertools.cycle(("leave_room", "join_room")):
                await socket.send(json.dumps({"type": command, "room": target.room}))
                if not target.running:
                    break
            reading.cancel()

    async def by_http() -> None:
        async with target.tcp() as streams:
            asking = Asking(target, *streams)
            for command in itertools.cycle(("leave", "join")):
                await asking.ask("POST", f"/api/v1/rooms/{target.room}/{command}", name="gita")

    await asyncio.gather(target.beside(1, on_socket), target.beside(2, by_http))


async def topics(target: Target) -> None:
    """A moderator sets another topic as fast as they can, on a socket and by HTTP."""

    async def on_socket() -> None:
        async with target.socket("hugo") as socket:
            reading = asyncio.create_task(target.hear(socket))
            for number in itertools.count():
                command = {"type": "command", "command": "topic", "room": target.room, "topic": f"Number {number}"}
                await socket.send(json.dumps(command))
                if not target.running:
                    break
            reading.cancel()

    async def by_http() -> None:
        async with target.tcp() as streams:
            asking = Asking(target, *streams)
            for number in itertools.count():
                await asking.ask("PATCH", f"/api/v1/rooms/{target.room}", {"topic": f"Page {number}"}, name="hugo")

    await asyncio.gather(target.beside(1, on_socket), target.beside(1, by_http))


async def making(target: Target) -> None:
    """One person makes rooms as fast as they can."""

    async def make() -> None:
        async with target.tcp() as streams:
            asking = Asking(target, *streams)
            while target.running:
                room = {"room": f"room-{uuid.uuid4().hex[:12]}", "title": "Another", "topic": "A topic " * 30}
                status = await asking.ask("POST", "/api/v1/rooms", room, name="hugo")
                target.count["rooms"] += status == 201

    await target.beside(4, make)


async def owner_returns(target: Target) -> None:
    """The owner of very many rooms opens a socket for all of them, reads its greeting, and comes back."""
    # At the first greeting the server loads the rooms.
    async with target.socket("hugo") as socket:
        await _greeted(socket, target)

    async def come_back() -> None:
        async with target.socket("hugo") as socket:
            await _greeted(socket, target)

    # One after the other: each further socket that such an owner holds at the same time takes 1 MB.
    await target.beside(1, come_back)


async def _greeted(socket: ClientConnection, target: Target) -> None:
    """Read until every room has come, in one frame or in several."""
    due, seen = int(ROOMS * target.size), 0
    async for frame in socket:
        event = json.loads(frame)
        if event["type"] == "rooms":
            seen += len(event["rooms"])
        if seen >= due:
            target.count["greeted"] += 1
            return
