"""A session without a connection, and the server's side of the conversation."""

import json
from typing import Any

from chatclient.events import Event
from chatclient.feed import Feed, Position
from chatclient.outbox import Outbox
from chatclient.session import Session
from chatclient.timing import Timing

Object = dict[str, Any]

TIMING = Timing(idle=25.0, silence=10.0, answer=30.0, first_delay=0.5, longest_delay=30.0)
EVERY_ROOM = None


class Talk:
    """A session with its feed and outbox, and the frames that a server could send."""

    def __init__(self, room: str | None = "lobby", *, position: Position | None = None) -> None:
        self.feed = Feed(size=1000, listen=True, position=position)
        self.outbox = Outbox(size=100)
        self.ids = 0
        self.session = Session(
            room=room, outbox=self.outbox, feed=self.feed, timing=TIMING, new_id=self._new_id, random=lambda: 1.0
        )

    def _new_id(self) -> str:
        self.ids += 1
        return f"r{self.ids}"

    def receive(self, *events: Object, now: float = 0.0) -> None:
        for event in events:
            self.session.receive(json.dumps(event), now)

    def open(self, *events: Object, now: float = 0.0, **hello: Any) -> None:
        """Open a connection on which the server sends its introduction and these events."""
        self.session.opened(now)
        self.receive(authenticated(**hello), *events, now=now)

    def commands(self, now: float = 0.0) -> list[Object]:
        return self.session.commands(now)

    def types(self, now: float = 0.0) -> list[str]:
        return [command["type"] for command in self.commands(now)]

    def submit(self, client_id: str, *, room: str = "lobby", text: str = "hello") -> str:
        return self.session.submit({"type": "chat_message", "room": room, "message": text, "client_id": client_id})

    @property
    def events(self) -> list[Event]:
        """The events waiting for the reader; each is returned once."""
        return list(iter(self.feed.next, None))

    @property
    def event_types(self) -> list[str]:
        return [event.type for event in self.events]

    @property
    def settled(self) -> list[tuple[str, Any]]:
        found, self.session.settled = self.session.settled, []
        return found


def authenticated(**fields: Any) -> Object:
    return {"type": "authenticated", "username": "alice", "epoch": "one", "limits": {}, **fields}


def joined(room: str = "lobby", *, rev: int = 2, **fields: Any) -> Object:
    return {"type": "joined_room", "room": room, "seq": rev, "rev": rev, **fields}


def entry(room: str, *, rev: int = 2) -> Object:
    return {"room": room, "seq": rev, "rev": rev}


def rooms(*names: str, **fields: Any) -> Object:
    return {"type": "rooms", "rooms": [entry(name) for name in names], **fields}


def message(seq: int, room: str = "lobby", *, rev: int | None = None) -> Object:
    moment = "2026-11-21T10:00:00+00:00"
    return {
        "type": "message",
        "room": room,
        "seq": seq,
        "rev": rev or seq,
        "message": f"message {seq}",
        "username": "bob",
        "timestamp": moment,
    }


def page(*messages: Object, room: str = "lobby", **fields: Any) -> Object:
    return {"type": "history", "room": room, "messages": list(messages), **fields}


def ack(client_id: str, **fields: Any) -> Object:
    return {"type": "ack", "client_id": client_id, "room": "lobby", "seq": 3, "rev": 3, **fields}


def refused(code: str, **fields: Any) -> Object:
    return {"type": "error", "code": code, "message": "No.", **fields}
