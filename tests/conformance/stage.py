"""Acts of people in one room, through the real services, and the events that one person's socket receives for each."""

import json
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from chat.live.read_marks import event_of
from chat.models import Membership, Participant, Room, Thread
from chat.protocol import events
from chat.protocol.errors import ChatError
from chat.queries.history import resumed_after
from chat.queries.rooms import room_entries
from chat.queries.threads import thread_events, threads_page
from chat.services import publishing
from chat.services.forwarding import Origin
from chat.services.members import room_join, room_leave
from chat.services.messages import message_delete, message_edit, message_react
from chat.services.moderation import room_clear
from chat.services.pins import message_pin
from chat.services.posting import Draft, messages_post
from chat.services.publishing import Moved, Publication, ThreadChange
from chat.services.read_state import ReadMark, UnreadMark, marks_save
from chat.services.rooms import room_update
from chat.services.threads import thread_follow, thread_read
from chat.services.versions import versions_of
from support import people

Object = dict[str, Any]
Captured = Callable[..., AbstractContextManager[Any]]

EPOCH = "5d2f6a0e-4c1b-4b6e-9d53-0a6f1c9e7a11"
MOMENT = "2026-11-21T10:00:00.000000+00:00"
# The socket under test.
HERE = "here"
# The user ids in the cases.
IDS = {"alice": 3, "bob": 4, "charlie": 5}


class Stage:
    """Alice, the reader, owns the room; Bob is a moderator, Charlie a member."""

    def __init__(self, captured: Captured) -> None:
        self._captured = captured
        self.people: dict[str, Participant] = {
            name: people.person(name, display_name=name.capitalize()) for name in IDS
        }
        Room.objects.filter(slug="lobby").delete()
        others = [self.people["bob"], self.people["charlie"]]
        self.room = people.room("lobby", owner=self.people["alice"], members=others, kind="public")
        Membership.objects.filter(user=self.people["bob"]).update(role="moderator")
        self._names = {user.pk: name for name, user in self.people.items()}
        self._away_since: int | None = None

    @property
    def counts(self) -> Object:
        """The counts that the server sends Alice."""
        entry = self._entry()
        return {"unread": entry.unread, "mentions": entry.mentions}

    @property
    def threads(self) -> Object:
        """The threads with unread messages that the server sends Alice."""
        alice, first = self.people["alice"], Room.objects.get(pk=self.room.pk).cleared_before_seq
        seqs = Thread.objects.filter(room=self.room, seq__gte=first).values_list("seq", flat=True)
        parts = [part for seq in seqs for part in thread_events(self.room.pk, seq, [alice.pk]).values()]
        return {str(part.thread): [part.unread, part.mentions, part.hidden_mentions] for part in parts if part.unread}

    @property
    def unread_threads(self) -> events.Threads:
        """Alice's threads with unread messages, which a client requests on each connection."""
        return threads_page(self.people["alice"], wanted="unread", limit=100)

    def greeting(self) -> list[Object]:
        hello = {
            "type": "authenticated",
            "user_id": IDS["alice"],
            "username": "alice",
            "display_name": "Alice",
            "staff": False,
            "epoch": EPOCH,
            "server_time": MOMENT,
            "limits": {},
        }
        return [hello, self._rooms()]

    def do(self, act: Object) -> list[Object]:
        """Perform the act; returns the events for Alice's socket, none while it is away."""
        if act["act"] == "lose the connection":
            self._away_since = self._head()
            return []
        if act["act"] == "come back":
            rev, self._away_since = self._away_since, None
            resumed = resumed_after(Room.objects.get(pk=self.room.pk), rev)
            found = self.unread_threads
            threads = [json.loads(found.encode())] if found.threads else []
            return [*self.greeting(), self._as_in_cases(json.loads(resumed.encode())), *threads]
        with self._listening() as sent:
            if act["act"] == "versions":
                sent.append(self._versions(act["seq"]))
            else:
                self._act(act)
        return sent if self._away_since is None else []

    def _act(self, act: Object) -> None:
        by, alice = self.people[act.get("by", "alice")], self.people["alice"]
        match act["act"]:
            case "post":
                messages_post([Draft(by, "lobby", act["text"])])
            case "edit":
                message_edit(user=by, room="lobby", seq=act["seq"], text=act["text"])
            case "delete":
                message_delete(user=by, room="lobby", seq=act["seq"])
            case "react":
                message_react(user=by, room="lobby", seq=act["seq"], emoji="👍", on=act["on"])
            case "pin":
                message_pin(user=by, room="lobby", seq=act["seq"], on=act["on"])
            case "clear":
                room_clear(user=by, room="lobby")
            case "topic":
                room_update(user=by, room="lobby", topic=act["text"])
            case "leave":
                room_leave(user=by, room="lobby")
            case "join":
                room_join(user=by, room="lobby")
            case "reply":
                where = {"thread": act["thread"], "in_room": act["in_room"]}
                messages_post([Draft(by, "lobby", act["text"], **where)])
            case "forward":
                where = {"thread": act.get("thread"), "in_room": act.get("in_room", True)}
                messages_post([Draft(by, "lobby", act["text"], origin=Origin("lobby", act["seq"]), **where)])
            case "follow":
                thread_follow(user=alice, room="lobby", thread=act["thread"], on=act["on"])
            case "thread read":
                self._read_thread(act)
            case "read":
                marks_save([ReadMark(alice.pk, self.room.pk, act["seq"])])
            case "read here":
                marks_save([ReadMark(alice.pk, self.room.pk, act["seq"], HERE)])
            case "mark unread":
                marks_save([UnreadMark(alice.pk, self.room.pk, act["seq"])])

    def _versions(self, seq: int) -> Object:
        """The server's answer to Alice."""
        found: Object = json.loads(versions_of(user=self.people["alice"], room="lobby", seq=seq).encode())
        return found | {"versions": [one | {"timestamp": MOMENT} for one in found["versions"]]}

    def _read_thread(self, act: Object) -> None:
        with suppress(ChatError):
            thread_read(user=self.people["alice"], room="lobby", thread=act["thread"], seq=act["seq"])

    @contextmanager
    def _listening(self) -> Generator[list[Object]]:
        sent: list[Object] = []

        def read(moved: list[Moved]) -> None:
            for mark in moved:
                if mark.user_id == self.people["alice"].pk and mark.socket != HERE:
                    sent.append(json.loads(event_of(mark).encode()))
                    if mark.more:
                        sent.append(self._rooms())

        def changed(*, changes: list[Publication], moved: list[Moved], **_: Any) -> None:
            sent.extend(self._as_in_cases(json.loads(change.text)) for change in changes)
            read(moved)

        def marked(*, moved: list[Moved], **_: Any) -> None:
            read(moved)

        def threads(*, changed: list[ThreadChange], **_: Any) -> None:
            alice = self.people["alice"].pk
            for one in changed:
                if one.user_id in (None, alice):
                    also = [alice] if one.user_id else []
                    found = thread_events(one.room_id, one.thread, [alice], also=also)
                    sent.extend(json.loads(event.encode()) for event in found.values())

        publishing.rooms_changed.connect(changed)
        publishing.marks_moved.connect(marked)
        publishing.threads_changed.connect(threads)
        try:
            with self._captured(execute=True):
                yield sent
        finally:
            publishing.rooms_changed.disconnect(changed)
            publishing.marks_moved.disconnect(marked)
            publishing.threads_changed.disconnect(threads)

    def _as_in_cases(self, event: Object) -> Object:
        """Replace ids by those of the cases, and all times by one moment."""
        if event["type"] == "resumed":
            return event | {"messages": [self._as_in_cases(message) for message in event["messages"]]}
        if event["type"] == "message":
            event |= {"user_id": IDS[self._names[event["user_id"]]], "timestamp": MOMENT}
            event["edited_at"] = event["edited_at"] and MOMENT
            event["pinned"] = event["pinned"] and event["pinned"] | {"at": MOMENT}
            if event.get("forwarded"):
                event["forwarded"] |= {"timestamp": MOMENT}
            if event["replies"]:
                event["replies"] |= {"last_at": MOMENT}
        return event

    def _rooms(self) -> Object:
        rooms: Object = json.loads(events.Rooms(rooms=[self._entry()]).encode())
        return rooms

    def _entry(self) -> events.RoomEntry:
        (held,) = room_entries(self.people["alice"])
        return held.entry

    def _head(self) -> int:
        return Room.objects.get(pk=self.room.pk).last_rev


def totals_of(found: events.Threads) -> Object:
    """The server's totals of all threads, which come with their list."""
    return {"unread": found.unread, "mentions": found.mentions, "hidden": sum(found.hidden_mentions.values())}
