"""Sends `user_joined` and `user_left` when users open and close a room, counted over all processes."""

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

# Seconds in which opened rooms are collected for one notification to the other processes.
GATHER_SECONDS = 0.1
# Seconds before `user_left` is sent, so that a page reload sends nothing.
LINGER_SECONDS = 10.0
# Above this number of names, and twice the number still in use at the last cleanup, unused names are dropped.
NAMES_KEPT = 10_000
# For more rooms than this, one request asks for all. Ten thousand requests overflow the broker's queue, displace other
# notifications, and took 7 MB.
ASKED_PER_ROOM = 100
# Stands for a room's id, which is never 0. A process of an older version holds no such room and does not answer.
ALL_ROOMS = 0


class RoomPresence:
    """Tracks which users have a room open, on this and the other processes."""

    def __init__(self, bus: ClusterBus, rooms: Mapping[int, LocalRoom]) -> None:
        self._process = bus.process
        self._bus = bus
        self._rooms = rooms
        self._names: dict[int, str] = {}
        self._names_most = NAMES_KEPT
        # Room id -> the users who opened it here since the last notification: user id -> whether they opened it again
        # before `user_left` was due.
        self._opened: dict[int, dict[int, bool]] = {}
        # (room id, user id) -> timer, after the user's last socket here closed the room and before `user_left`.
        self._leaving: dict[tuple[int, int], asyncio.TimerHandle] = {}
        bus.on("room.opened", self._receive_opened)
        bus.on("room.let_go", self._receive_let_go)
        bus.on("room.who", self._receive_who)
        bus.on("room.visitors", self._receive_visitors)

    def enter(self, socket: Socket, room_id: int) -> None:
        """The socket, which holds the room, opens it: send `user_joined` if it is the user's first."""
        room = self._rooms.get(room_id)
        # None: all rooms were closed since the socket was attached, and the socket is being closed too.
        if room is None or room_id in socket.opened:
            return
        socket.opened.add(room_id)
        self._names[socket.user_id] = socket.user.username
        if leaving := self._leaving.pop((room_id, socket.user_id), None):
            leaving.cancel()
        # After a reload: `user_left` was not sent.
        again = room.occupancy.has(socket.user_id, self._process)
        if room.occupancy.open(socket.user_id):
            if room.occupancy.arrive(socket.user_id, self._process) and not again:
                self._send_joined(room, socket.user_id, but=socket)
            if not self._opened:
                asyncio.get_running_loop().call_later(GATHER_SECONDS, self._notify_opened)
            self._opened.setdefault(room_id, {}).setdefault(socket.user_id, again)

    def leave(self, socket: Socket, room_id: int) -> None:
        """The socket closes the room, or is closed itself: send `user_left` after LINGER_SECONDS if it was the last."""
        room = self._rooms.get(room_id)
        if room_id not in socket.opened or room is None:
            return
        socket.opened.discard(room_id)
        if room.occupancy.close(socket.user_id):
            later = asyncio.get_running_loop().call_later(LINGER_SECONDS, self._release, room_id, socket.user_id)
            self._leaving[room_id, socket.user_id] = later

    def ask(self, room_ids: Collection[int]) -> None:
        """Request from the other processes which users they have in these rooms."""
        if len(room_ids) > ASKED_PER_ROOM:
            self._bus.notify("room.who", room=ALL_ROOMS)
        else:
            for room_id in room_ids:
                self._bus.notify_room(room_id, "room.who")

    async def keep_processes(self, alive: set[str]) -> None:
        """Remove the users of processes that are not in `alive` (UUIDs as text) from all rooms."""
        known = {process.replace("-", "") for process in alive} | {self._process}
        async for step in steps(self._rooms.values()):
            for room in filter(attrgetter("has_occupancy"), step):
                for user_id in room.occupancy.keep_processes(known):
                    self._send_left(room, user_id)
        if len(self._names) > self._names_most:
            self._forget_names()

    def _forget_names(self) -> None:
        """Drop the names of users who have no room open."""
        occupied = filter(attrgetter("has_occupancy"), self._rooms.values())
        present = {user_id for room in occupied for user_id in room.occupancy.users()}
        self._names = {user_id: name for user_id, name in self._names.items() if user_id in present}
        self._names_most = max(NAMES_KEPT, 2 * len(self._names))

    def _notify_opened(self) -> None:
        opened, self._opened = self._opened, {}
        for room_id, users in opened.items():
            again = [user_id for user_id, again in users.items() if again]
            self._bus.notify_room(room_id, "room.opened", **self._named(list(users)), again=again)

    def _named(self, user_ids: list[int]) -> dict[str, Any]:
        return {"users": user_ids, "usernames": [self._names.get(user_id, "") for user_id in user_ids]}

    def _release(self, room_id: int, user_id: int) -> None:
        del self._leaving[room_id, user_id]
        room = self._rooms.get(room_id)
        if room is None:
            return
        if room.occupancy.depart(user_id, self._process):
            self._send_left(room, user_id)
        self._bus.notify_room(room_id, "room.let_go", user=user_id)

    def _receive_opened(self, notification: Message) -> None:
        if room := self._rooms.get(notification["room"]):
            # A process of an older version sends no `again`. A process that began to hold the room, or took the origin
            # for dead, has not recorded these users, and sends `user_joined`.
            again = notification.get("again", ())
            known = {user_id for user_id in again if room.occupancy.has(user_id, notification["origin"])}
            for user_id in self._arrived(room, notification):
                if user_id not in known:
                    self._send_joined(room, user_id)

    def _receive_let_go(self, notification: Message) -> None:
        room = self._rooms.get(notification["room"])
        if room and room.occupancy.depart(notification["user"], notification["origin"]):
            self._send_left(room, notification["user"])

    def _receive_who(self, notification: Message) -> None:
        if notification["room"] == ALL_ROOMS:
            asked = list(self._rooms.values())
        else:
            asked = [room] if (room := self._rooms.get(notification["room"])) else []
        for room in filter(attrgetter("has_occupancy"), asked):
            self._send_occupants(room)

    def _send_occupants(self, room: LocalRoom) -> None:
        if user_ids := room.occupancy.here():
            self._bus.notify_room(room.room_id, "room.visitors", **self._named(user_ids))

    def _receive_visitors(self, notification: Message) -> None:
        """Record users who were in the room before this process held it; send no `user_joined`."""
        if room := self._rooms.get(notification["room"]):
            self._arrived(room, notification)

    def _arrived(self, room: LocalRoom, notification: Message) -> list[int]:
        """Record the users that another process has in the room; returns those that no process had there before."""
        self._names.update(zip(notification["users"], notification["usernames"], strict=True))
        return [user_id for user_id in notification["users"] if room.occupancy.arrive(user_id, notification["origin"])]

    def _send_joined(self, room: LocalRoom, user_id: int, *, but: Socket | None = None) -> None:
        if room.sockets and (username := self._names.get(user_id)):
            room.send_ephemeral(events.UserJoined(room=room.slug, username=username).encode(), but=but)

    def _send_left(self, room: LocalRoom, user_id: int) -> None:
        if room.sockets and (username := self._names.get(user_id)):
            room.send_ephemeral(events.UserLeft(room=room.slug, username=username).encode())
