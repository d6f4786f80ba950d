"""What the other processes tell this one: hints of some kinds, and what each of them does here."""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from chat import metrics
from chat.live.feed import Numbered
from chat.live.limits import SharedBuckets
from chat.live.names import Names
from chat.live.people import People
from chat.live.presence import Presence
from chat.live.reading import Reading
from chat.live.relay import Message
from chat.live.rooms import LocalRooms
from chat.live.visitors import Visitors
from chat.services.changes import Moved


class Hearing:
    def __init__(
        self,
        process: str,
        *,
        rooms: LocalRooms,
        people: People,
        reading: Reading,
        visitors: Visitors,
        presence: Presence,
        names: Names,
        budgets: Mapping[str, SharedBuckets],
        spawn: Callable[[Any], object],
    ) -> None:
        """`budgets`: what people may spend, by the kind of hint that tells what they spent elsewhere."""
        self._process = process
        self._rooms = rooms
        self._people = people
        self._reading = reading
        self._spawn = spawn
        self._kinds: dict[str, Callable[[Message], None]] = {
            "room.events": self._events,
            "room.live": self._live,
            "person.tell": self._person,
            "person.counts": lambda hint: reading.bring_counts(hint["user"], hint["room"]),
            # An older process does not say why, nor until when.
            "person.left": lambda hint: people.drop(
                hint["user"], hint["room"], hint["reason"], hint.get("why", ""), hint.get("until") or None
            ),
            "people.check": lambda hint: people.check(hint["users"]),
            "everybody.tell": lambda hint: people.tell(hint["text"]),
            "direct.opened": self._direct,
            "presence.changed": lambda _hint: presence.look_soon(),
            "names.changed": lambda _hint: names.look_soon(),
            **{kind: partial(_debit, buckets) for kind, buckets in budgets.items()},
            **visitors.hints,
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
            self._reading.posted(Moved(user_id, hint["room"], slug, seq))

    def _live(self, hint: Message) -> None:
        if room := self._rooms.get(hint["room"]):
            room.tell(hint["text"], but_user=hint["but_user"])

    def _person(self, hint: Message) -> None:
        for socket in self._people.sockets(hint["user"]):
            socket.outbox.offer(hint["text"])

    def _direct(self, hint: Message) -> None:
        self._spawn(self._people.give_direct(hint["room"], hint["users"], seq=hint["seq"], rev=hint["rev"]))


def _debit(buckets: SharedBuckets, hint: Message) -> None:
    buckets.debit(dict(zip(hint["payers"], hint["spent"], strict=True)), asyncio.get_running_loop().time())
