"""Who opens a room and lets it go (`user_joined`, `user_left`), told once a person over all their sockets."""

import asyncio
from collections.abc import Collection, Mapping
from operator import attrgetter
from typing import Any

from chat.live.broker import Message
from chat.live.cluster import ClusterBus
from chat.live.rooms import LocalRoom
from chat.live.socket import Socket
from chat.live.steps import steps
from chat.protocol import events

# Those who come are told to the other processes together.
GATHER_SECONDS = 0.1
# Letting a room go is told late, so that a reload makes no noise.
LINGER_SECONDS = 10.0
# Beyond so many names, and twice those that were of use last time, the others are forgotten.
NAMES_KEPT = 10_000
# Of more rooms than these the others are asked at once. Ten thousand questions are more than the broker's queue holds,
# would push others' hints out of it, and took 7 MB.
ASKED_ONE_BY_ONE = 100
# In place of a room's id, which is never 0; a process of an older version knows no such room, and is silent.
ALL_ROOMS = 0


class RoomPresence:
    def __init__(self, bus: ClusterBus, rooms: Mapping[int, LocalRoom]) -> None:
        self._process = bus.process
        self._bus = bus
        self._rooms = rooms
        self._names: dict[int, str] = {}
        self._names_most = NAMES_KEPT
        # Who opened which room here since the other processes were last told.
        self._opened: dict[int, list[int]] = {}
        # People whose last socket here let a room go, by (room, person), until the others are told.
        self._leaving: dict[tuple[int, int], asyncio.TimerHandle] = {}
        bus.on("room.opened", self._receive_opened)
        bus.on("room.let_go", self._receive_let_go)
        bus.on("room.who", self._receive_who)
        bus.on("room.visitors", self._receive_visitors)

    def enter(self, socket: Socket, room_id: int) -> None:
        """The socket, which holds the room, opens it."""
        room = self._rooms.get(room_id)
        # No room: all were forgotten since it was taken hold of, and the socket is about to close.
        if room is None or room_id in socket.opened:
            return
        socket.opened.add(room_id)
        self._names[socket.user_id] = socket.user.username
        if leaving := self._leaving.pop((room_id, socket.user_id), None):
            leaving.cancel()
        if room.occupancy.open(socket.user_id):
            if room.occupancy.arrive(socket.user_id, self._process):
                self._tell_joined(room, socket.user_id, but=socket)
            if not self._opened:
                asyncio.get_running_loop().call_later(GATHER_SECONDS, self._notify_opened)
            self._opened.setdefault(room_id, []).append(socket.user_id)

    def leave(self, socket: Socket, room_id: int) -> None:
        """The socket lets the room go, or is gone itself."""
        room = self._rooms.get(room_id)
        if room_id not in socket.opened or room is None:
            return
        socket.opened.discard(room_id)
        if room.occupancy.close(socket.user_id):
            later = asyncio.get_running_loop().call_later(LINGER_SECONDS, self._let_go, room_id, socket.user_id)
            self._leaving[room_id, socket.user_id] = later

    def ask(self, room_ids: Collection[int]) -> None:
        """Ask the other processes whom they have in these rooms."""
        if len(room_ids) > ASKED_ONE_BY_ONE:
            self._bus.notify("room.who", room=ALL_ROOMS)
        else:
            for room_id in room_ids:
                self._bus.notify_room(room_id, "room.who")

    async def keep_processes(self, alive: set[str]) -> None:
        """Processes that are not alive have nobody in any room."""
        known = {process.replace("-", "") for process in alive} | {self._process}
        async for step in steps(self._rooms.values()):
            for room in filter(attrgetter("visited"), step):
                for user_id in room.occupancy.keep_processes(known):
                    self._tell_left(room, user_id)
        if len(self._names) > self._names_most:
            self._forget_names()

    def _forget_names(self) -> None:
        """Of people who have no room open any more."""
        visited = filter(attrgetter("visited"), self._rooms.values())
        there = {user_id for room in visited for user_id in room.occupancy.everybody()}
        self._names = {user_id: name for user_id, name in self._names.items() if user_id in there}
        self._names_most = max(NAMES_KEPT, 2 * len(self._names))

    def _notify_opened(self) -> None:
        opened, self._opened = self._opened, {}
        for room_id, people in opened.items():
            self._bus.notify_room(room_id, "room.opened", **self._named(people))

    def _named(self, people: list[int]) -> dict[str, Any]:
        return {"users": people, "usernames": [self._names.get(user_id, "") for user_id in people]}

    def _let_go(self, room_id: int, user_id: int) -> None:
        del self._leaving[room_id, user_id]
        room = self._rooms.get(room_id)
        if room is None:
            return
        if room.occupancy.depart(user_id, self._process):
            self._tell_left(room, user_id)
        self._bus.notify_room(room_id, "room.let_go", user=user_id)

    def _receive_opened(self, hint: Message) -> None:
        if room := self._rooms.get(hint["room"]):
            for user_id in self._arrived(room, hint):
                self._tell_joined(room, user_id)

    def _receive_let_go(self, hint: Message) -> None:
        room = self._rooms.get(hint["room"])
        if room and room.occupancy.depart(hint["user"], hint["origin"]):
            self._tell_left(room, hint["user"])

    def _receive_who(self, hint: Message) -> None:
        if hint["room"] == ALL_ROOMS:
            asked = list(self._rooms.values())
        else:
            asked = [room] if (room := self._rooms.get(hint["room"])) else []
        for room in filter(attrgetter("visited"), asked):
            self._say_who(room)

    def _say_who(self, room: LocalRoom) -> None:
        if people := room.occupancy.here():
            self._bus.notify_room(room.room_id, "room.visitors", **self._named(people))

    def _receive_visitors(self, hint: Message) -> None:
        """They were there before we looked: nobody is told that they come."""
        if room := self._rooms.get(hint["room"]):
            self._arrived(room, hint)

    def _arrived(self, room: LocalRoom, hint: Message) -> list[int]:
        """Take in whom another process has in the room; returns those whom nobody had there before."""
        self._names.update(zip(hint["users"], hint["usernames"], strict=True))
        return [user_id for user_id in hint["users"] if room.occupancy.arrive(user_id, hint["origin"])]

    def _tell_joined(self, room: LocalRoom, user_id: int, *, but: Socket | None = None) -> None:
        if room.sockets and (username := self._names.get(user_id)):
            room.tell(events.UserJoined(room=room.slug, username=username).encode(), but=but)

    def _tell_left(self, room: LocalRoom, user_id: int) -> None:
        if room.sockets and (username := self._names.get(user_id)):
            room.tell(events.UserLeft(room=room.slug, username=username).encode())
