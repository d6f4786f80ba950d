"""What the other processes tell this one: hints of some kinds, and what each of them does here."""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from chat import metrics
from chat.live.broker import Message
from chat.live.name_changes import NameChanges
from chat.live.presence import Presence
from chat.live.rate_limits import SharedBuckets
from chat.live.read_marks import ReadMarks
from chat.live.room_presence import RoomPresence
from chat.live.room_stream import Numbered
from chat.live.rooms import LocalRooms
from chat.live.user_sockets import UserSockets
from chat.services.publishing import Moved


class Hearing:
    def __init__(
        self,
        process: str,
        *,
        rooms: LocalRooms,
        user_sockets: UserSockets,
        reading: ReadMarks,
        room_presence: RoomPresence,
        presence: Presence,
        names: NameChanges,
        budgets: Mapping[str, SharedBuckets],
        spawn: Callable[[Any], object],
    ) -> None:
        """`budgets`: what people may spend, by the kind of hint that tells what they spent elsewhere."""
        self._process = process
        self._rooms = rooms
        self._user_sockets = user_sockets
        self._read_marks = reading
        self._spawn = spawn
        self._kinds: dict[str, Callable[[Message], None]] = {
            "room.events": self._events,
            "room.live": self._live,
            "person.tell": self._person,
            "person.counts": lambda hint: reading.bring_counts(hint["user"], hint["room"]),
            # An older process does not say why, nor until when.
            "person.left": lambda hint: user_sockets.drop(
                hint["user"], hint["room"], hint["reason"], hint.get("why", ""), hint.get("until") or None
            ),
            "people.check": lambda hint: user_sockets.check(hint["users"]),
            "everybody.tell": lambda hint: user_sockets.tell(hint["text"]),
            "direct.opened": self._direct,
            "presence.changed": lambda _hint: presence.look_soon(),
            "names.changed": lambda _hint: names.look_soon(),
            **{kind: partial(_debit, buckets) for kind, buckets in budgets.items()},
            **room_presence.hints,
        }

    def hear(self, hint: Message) -> None:
        """Our own come back as well, and newer processes may send kinds that are not known here."""
        if hint["origin"] != self._process and (take := self._kinds.get(hint["type"])):
            take(hint)

    def _events(self, hint: Message) -> None:
        if room := self._rooms.get(hint["room"]):
            room.offer(Numbered(rev, text) for rev, text in zip(hint["revs"], hint["texts"], strict=True))
            metrics.DELIVERY.labels("other").observe(max(time.time() - hint["at"], 0.0))
        # An older process does not say who has read.
        for user_id, slug, seq in hint.get("reads", ()):
            self._read_marks.posted(Moved(user_id, hint["room"], slug, seq))

    def _live(self, hint: Message) -> None:
        if room := self._rooms.get(hint["room"]):
            room.tell(hint["text"], but_user=hint["but_user"])

    def _person(self, hint: Message) -> None:
        for socket in self._user_sockets.sockets(hint["user"]):
            socket.queue.offer(hint["text"])

    def _direct(self, hint: Message) -> None:
        self._spawn(self._user_sockets.give_direct(hint["room"], hint["users"], seq=hint["seq"], rev=hint["rev"]))


def _debit(buckets: SharedBuckets, hint: Message) -> None:
    buckets.debit(dict(zip(hint["payers"], hint["spent"], strict=True)), asyncio.get_running_loop().time())
