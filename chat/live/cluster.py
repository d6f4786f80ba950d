"""What the processes of one server send each other.

A notification is a dictionary with its `type`, the process it is from (`origin`), and the fields of its kind. Each kind
belongs to one module of this package, which sends it, receives it, and so says what is in it:

- `publisher`: `room.events` (durable, by number) and `room.live` (such as may be lost).
- `room_presence`: `room.opened`, `room.let_go`, `room.who`, `room.visitors`.
- `read_marks`: `person.tell`, `person.counts`: how far a person has read.
- `user_sockets`: `person.left`, `people.check`, `everybody.tell`, `direct.opened`.
- `presence`: `presence.changed`. `name_changes`: `names.changed`.
- `hub`: `sends.spent` and the like: what people spent of their limits.

All of them may be lost, doubled, or overtake each other (`broker`): what matters is also found by comparing with the
database (`reconciler`). During a rolling restart, older and newer processes send each other their kinds: one that is
not known is dropped, a field that may be missing is read with `get`.
"""

from collections.abc import Callable
from typing import Any

from chat.live.broker import EVERYBODY, Broker, Message
from chat.live.rooms import group_of

Receiver = Callable[[Message], object]


class ClusterBus:
    def __init__(self, process: str, broker: Broker) -> None:
        self.process = process
        self._broker = broker
        self._receivers: dict[str, Receiver] = {}

    def on(self, kind: str, receiver: Receiver) -> None:
        """Call `receiver` with each notification of this kind from another process.

        Raises:
            ValueError: when the kind has a receiver already.
        """
        if kind in self._receivers:
            raise ValueError(f"The kind {kind} has two receivers.")
        self._receivers[kind] = receiver

    def notify(self, kind: str, **fields: Any) -> None:
        """Send to all other processes; texts, numbers, and lists of them."""
        self._broker.send(EVERYBODY, {"type": kind, "origin": self.process, **fields})

    def notify_room(self, room_id: int, kind: str, **fields: Any) -> None:
        """Send to the processes that hold the room."""
        self._broker.send(group_of(room_id), {"type": kind, "origin": self.process, "room": room_id, **fields})

    def receive(self, notification: Message) -> None:
        """One that came through the broker; our own come back as well."""
        if notification["origin"] != self.process and (receiver := self._receivers.get(notification["type"])):
            receiver(notification)
