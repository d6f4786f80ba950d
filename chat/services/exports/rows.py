"""The rows of an archive: people, rooms and messages as JSON objects."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from chat.models import File, ImportedMessage, ImportedRoom, Membership, Message, Participant, Reaction, Room
from chat.protocol.events import stamp
from chat.queries.message_states import MessageRow, message_rows, states_of
from chat.queries.readable import readable_by

CHUNK = 1000
Object = dict[str, Any]
# Bytes of a file name in an archive: file systems take 255.
NAME_BYTES = 200
# Characters that Windows or any other system forbids in file names; and Windows's device names.
_NO_NAME = frozenset('/\\<>:"|?*\x7f')
_DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10))}
)
# What others did with a message; blanked in rooms that its author may no longer read.
BY_OTHERS: Object = {"reactions": {}, "replies": None, "pinned": None}


@dataclass(frozen=True, slots=True)
class Scope:
    """What an archive contains: everything, the public rooms, one room, or one person's messages; since a given time.

    Messages hidden by a clearing are never included. For a room that the person may no longer read, the archive of
    their messages has those messages, but nothing that has changed in the room since.
    """

    room: Room | None = None
    person: Participant | None = None
    since: datetime | None = None
    public: bool = False

    def __str__(self) -> str:
        if self.room:
            return f"room:{self.room.slug}"
        return f"person:{self.person}" if self.person else "public" if self.public else "all"

    def rooms(self) -> QuerySet[Room]:
        """The rooms, in id order."""
        found = Room.objects.order_by("pk")
        if self.room:
            return found.filter(pk=self.room.pk)
        if self.person:
            return found.filter(Q(memberships__user=self.person) | Q(messages__author=self.person)).distinct()
        return found.filter(kind=Room.Kind.PUBLIC) if self.public else found

    def closed(self) -> set[int]:
        """The ids of the rooms that the person may no longer read; empty for an archive of rooms."""
        if self.person is None:
            return set()
        return set(self.rooms().exclude(readable_by(self.person)).values_list("pk", flat=True))

    def shown(self) -> Iterator[Room]:
        """The rooms, without the title and topic of those that the person may no longer read."""
        closed = self.closed()
        for room in self.rooms():
            if room.pk in closed:
                room.title = room.topic = ""
                room.archived = False
            yield room

    def messages(self, room: Room) -> QuerySet[Message]:
        """The messages of a room."""
        found = Message.objects.filter(room=room, seq__gte=F("room__cleared_before_seq"))
        if self.person:
            found = found.filter(author=self.person)
        return found.filter(created_at__gte=self.since) if self.since else found

    def size(self) -> int:
        """The number of messages. One query per room."""
        return sum(self.messages(room).count() for room in self.rooms())

    def people(self) -> QuerySet[Participant]:
        """The people who wrote, reacted or are members. For one person's data, only that person."""
        found = Participant.objects.order_by("pk")
        if self.person:
            return found.filter(pk=self.person.pk)
        if self.room or self.public:
            rooms = self.rooms().order_by().values("pk")
            return found.filter(
                Q(pk__in=Membership.objects.filter(room__in=rooms).values("user"))
                | Q(pk__in=Message.objects.filter(room__in=rooms).values("author"))
                | Q(pk__in=Reaction.objects.filter(message__room__in=rooms).values("user"))
            )
        return found


def people_rows(scope: Scope) -> Iterator[Object]:
    """`people.jsonl`."""
    for one in scope.people().iterator(chunk_size=CHUNK):
        yield {
            "id": one.pk,
            "username": one.username,
            "display_name": one.display_name,
            "kind": one.kind,
            "active": one.is_active,
            "created_at": stamp(one.created_at),
        }


def room_rows(scope: Scope) -> Iterator[Object]:
    """`rooms.jsonl`. For one person's data, it names no other members."""
    for room in scope.shown():
        members = Membership.objects.filter(room=room).order_by("pk")
        if scope.person:
            members = members.filter(user=scope.person)
        place = ImportedRoom.objects.filter(room=room).first()
        yield {
            "room": room.slug,
            "kind": room.kind,
            "title": room.title,
            "topic": room.topic,
            "archived": room.archived,
            "created_at": stamp(room.created_at),
            "members": [
                {"username": name, "role": role}
                for name, role in members.values_list("user__username", "role").iterator()
            ],
            "source": {"format": place.format, "room": place.source} if place else None,
        }


def message_objects(scope: Scope) -> Iterator[Object]:
    """`messages.jsonl`, by room and `seq`."""
    closed = scope.closed()
    for room in scope.rooms():
        messages = scope.messages(room).order_by("seq")
        last = 0
        while rows := message_rows(messages.filter(seq__gt=last)[:CHUNK]):
            last = rows[-1].seq
            for found in _objects(rows):
                yield found | BY_OTHERS if room.pk in closed else found


def _objects(rows: list[MessageRow]) -> Iterator[Object]:
    sources = {
        one.message_id: one
        for one in ImportedMessage.objects.filter(message__in=[row.id for row in rows]).select_related("place")
    }
    for row, state in zip(rows, states_of(rows), strict=True):
        found: Object = json.loads(state.encode())
        source = sources.get(row.id)
        found["files"] = [_file(file) for file in found.get("files", [])]
        if source and source.in_thread and not found.get("thread"):
            found["thread"], found["reply_to"] = found["reply_to"], None
        elif found["thread"] and found["reply_to"] == found["thread"]:
            # As clients send it: a reply to the thread's root names the root only once.
            found["reply_to"] = None
        found["source"] = _source(source) if source else None
        yield found


def file_path(key: str, name: str) -> str:
    """The path of a file in the archive. Turns any name into one path component that every operating system can write,
    because people unpack archives."""
    plain = "".join("_" if sign in _NO_NAME or ord(sign) < 32 else sign for sign in name).strip(". ") or "file"
    if plain.partition(".")[0].upper() in _DEVICES:
        plain = f"_{plain}"
    if len(plain.encode()) > NAME_BYTES:
        stem, dot, ending = plain.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 20 else ""
        plain = plain.encode()[: NAME_BYTES - len(ending.encode())].decode(errors="ignore") + ending
    return f"files/{key}/{plain}"


def room_folder(slug: str) -> str:
    """The folder of a room in the readable export. Windows forbids a folder called `con`; no slug contains a dot."""
    return f"room.{slug}" if slug.upper() in _DEVICES else slug


def files_of(scope: Scope) -> Iterator[File]:
    """The files of the archive's messages."""
    for room in scope.rooms():
        found = File.objects.stored().filter(message__in=scope.messages(room)).order_by("pk")
        yield from found.iterator(chunk_size=CHUNK)


def _file(file: Object) -> Object:
    """A file as in the message's state, with its path in the archive instead of its URLs."""
    kept = {key: value for key, value in file.items() if key not in {"url", "thumbs"}}
    return kept | {"path": file_path(file["id"], file["name"])}


def _source(source: ImportedMessage) -> Object:
    found = {"format": source.place.format, "room": source.place.source, "id": source.source}
    return found | {"topic": source.topic} if source.topic else found
