"""The notifications that the processes of one installation send each other.

A notification is a dictionary with its `type`, the process that sent it (`origin`), and the fields of its kind. Each
kind is sent and received by one module of this package, which defines its fields:

- `publisher`: `room.events` (durable, numbered) and `room.live` (ephemeral).
- `room_presence`: `room.opened`, `room.let_go`, `room.who`, `room.visitors`.
- `read_marks`: `person.tell`, `person.counts`: how far a user has read.
- `user_sockets`: `person.left`, `people.check`, `everybody.tell`, `direct.opened`.
- `thread_marks`: `thread.changed`: users' unread replies in a thread.
- `presence`: `presence.changed`. `name_changes`: `names.changed`.
- `notifying`: `notifications.stirred`: something was posted, changed or read.
- `hub`: `sends.spent` and the like: the tokens taken from rate limits.

All of them may be lost, repeated or reordered (`broker`); the `reconciler` finds what matters in the database as well.
During a rolling restart, older and newer processes send each other their kinds: an unknown kind is dropped, and a field
that an older process does not send is read with `get`.
"""

from collections.abc import Callable
from typing import Any

from chat.live.broker import ALL_PROCESSES, Broker, Message
from chat.live.rooms import group_of

Receiver = Callable[[Message], object]


class ClusterBus:
    """Sends notifications to the other processes, and passes received ones to the receiver of their kind."""

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
        """Send a notification to all other processes. Fields are strings, numbers and lists of them."""
        self._broker.send(ALL_PROCESSES, {"type": kind, "origin": self.process, **fields})

    def notify_room(self, room_id: int, kind: str, **fields: Any) -> None:
        """Send a notification to the other processes that hold the room."""
        self._broker.send(group_of(room_id), {"type": kind, "origin": self.process, "room": room_id, **fields})

    def receive(self, notification: Message) -> None:
        """Call the receiver of one notification from the broker; this process' own ones are ignored."""
        if notification["origin"] != self.process and (receiver := self._receivers.get(notification["type"])):
            receiver(notification)
