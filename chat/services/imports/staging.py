"""Sorts the stream of an export: a temporary database holds what does not fit in memory.

Its file has no name on disk, so nothing stays behind, however the import stops.
"""

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from chat.importing.stream import File, Message, Notes, Person, Reaction, Room
from chat.importing.words import clean, derived_id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# How far the other chat's clock may be ahead of this server's.
_FAST = timedelta(days=1)
_CACHE_KB = 64 * 1024
_READING_KB = 8 * 1024
_HELD = 1000
_INSERT = "INSERT OR IGNORE INTO message VALUES (?, ?, ?, ?, ?, ?)"
# System lines about the room are kept only if a message replies to them.
_COUNT = """SELECT count(*) FROM message WHERE room = ? AND (NOT aside
    OR EXISTS (SELECT 1 FROM parent WHERE parent.room = message.room AND parent.id = message.id))"""
_PARENT = """INSERT INTO parent VALUES (?, ?, ?)
    ON CONFLICT (room, id) DO UPDATE SET replies = replies + excluded.replies"""
_IN_ORDER = """SELECT id, at, place, data FROM message WHERE room = ? AND (NOT aside
    OR EXISTS (SELECT 1 FROM parent WHERE parent.room = message.room AND parent.id = message.id))
    ORDER BY at, place, id"""
_TWICE = "messages that the export holds twice"
# Room, microseconds, order among messages with the same time, id, the remaining fields, and whether it is a system
# line about the room.
_Row = tuple[str, int, int, str, bytes, bool]
ID_MAX = 255
# Leaves space after an id of the export for a number.
_ID_LONGEST = 200
TEXT_MAX = 100_000


def sound(element: Person | Room | Message | Reaction) -> Person | Room | Message | Reaction:
    """The element with ids that a database accepts: replaces unsuitable ones, always by the same id."""
    match element:
        # First, because most elements are messages.
        case Message():
            element.room, element.id = _sound(element.room), _sound(element.id)
            element.author = element.author and _sound(element.author)
            element.thread = element.thread and _sound(element.thread)
            element.reply_to = element.reply_to and _sound(element.reply_to)
            for sign, people in element.reactions.items():
                element.reactions[sign] = [_sound(one) for one in people]
        case Person():
            element.id = _sound(element.id)
        case Room():
            element.id = _sound(element.id)
            if element.members is not None:
                element.members = [_sound(one) for one in element.members]
            element.roles = {_sound(one): role for one, role in element.roles.items()}
        case Reaction():
            element.message, element.room, element.person = map(_sound, (element.message, element.room, element.person))
    return element


def _sound(source: str) -> str:
    if source.isascii() and len(source) <= _ID_LONGEST and "\0" not in source:
        return source
    plain = clean(source)
    return plain if plain == source and len(source) <= _ID_LONGEST else f"{plain[:100]}-{derived_id(source)}"


class Staging:
    """The elements of one export: people and rooms in memory, messages and reactions on disk."""

    def __init__(self, db: sqlite3.Connection, notes: Notes) -> None:
        self.people: dict[str, Person] = {}
        self.rooms: dict[str, Room] = {}
        self._db, self._notes = db, notes
        # Authors in another chat may choose a message's time, in Matrix through a server of their own. A time at the
        # end of the year 9999 has no local time east of Greenwich, and showing its room would fail.
        self._now = datetime.now(UTC)
        self._latest = self._now + _FAST
        self._kept = 0
        self._rows: list[_Row] = []
        self._again: dict[tuple[str, str], int] = {}
        self._parents: list[tuple[str, str, int]] = []
        self._reactions: list[tuple[str, str, str, str]] = []
        # Whether reactions arrived separately from their messages.
        self._apart = False
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            f"PRAGMA cache_size = -{_CACHE_KB}",
            "CREATE TABLE message (room TEXT, at INTEGER, place INTEGER, id TEXT, data BLOB, aside INTEGER,"
            " PRIMARY KEY (room, id))",
            "CREATE TABLE parent (room TEXT, id TEXT, replies INTEGER, PRIMARY KEY (room, id)) WITHOUT ROWID",
            "CREATE TABLE reaction (message TEXT, room TEXT, emoji TEXT, person TEXT)",
            # One transaction, never committed: only this connection reads. Each commit would write the pages to disk.
            "BEGIN",
        ):
            db.execute(statement)

    def take(self, element: Person | Room | Message | Reaction) -> None:
        """Store an element. A later room or person replaces an earlier one with the same id."""
        match element:
            case Message():
                self._message(element)
            case Person():
                self.people[element.id] = element
            case Room():
                if element.created_at and not _EPOCH <= element.created_at <= self._latest:
                    element.created_at = None
                self.rooms[element.id] = element
            case Reaction():
                self._apart = True
                self._reactions.append((element.message, element.room, element.emoji, element.person))
                if len(self._reactions) >= _HELD:
                    self._flush()

    @property
    def messages(self) -> int:
        """The number of stored messages; before `end` it may include duplicates that are found later."""
        return self._kept + len(self._rows)

    def end(self) -> None:
        """Prepare for reading."""
        self._flush()
        # Sorting takes as much memory as the cache again; sorting and reading in order need few pages.
        self._db.execute(f"PRAGMA cache_size = -{_READING_KB}")
        self._db.execute("PRAGMA shrink_memory")
        self._db.execute("CREATE INDEX message_order ON message (room, at, place, id, aside)")
        self._db.execute("CREATE INDEX reaction_message ON reaction (message)")

    def _flush(self) -> None:
        if self._rows:
            inserted = self._db.executemany(_INSERT, self._rows).rowcount
            self._kept += inserted
            for _ in range(len(self._rows) - inserted):
                self._notes.skip(_TWICE)
        self._db.executemany(_PARENT, self._parents)
        self._db.executemany("INSERT INTO reaction VALUES (?, ?, ?, ?)", self._reactions)
        self._rows, self._parents, self._reactions = [], [], []

    def _message(self, message: Message) -> None:
        if message.at is not None and not _EPOCH <= message.at <= self._latest:
            self._notes.lose(
                "time", "is before 1970 or to come, and was moved to where clocks begin or are", message.place
            )
            message.at = min(max(message.at, _EPOCH), self._now)
        if isinstance(message.edited, datetime) and not _EPOCH <= message.edited <= self._latest:
            message.edited = True
        if message.at is None or len(message.id) > ID_MAX - 10:
            self._notes.lose("message", "has no time, or an id that is too long", message.place)
            return
        if len(message.text) > TEXT_MAX:
            self._notes.lose("text", f"is longer than {TEXT_MAX} characters, and was cut there", message.place)
            message.text = message.text[:TEXT_MAX]
        message.text = message.text.replace("\0", "")
        try:
            data = _packed(message)
        except UnicodeEncodeError:
            self._notes.lose("message", "holds characters that are none", message.place)
            return
        order = message.order if abs(message.order) < 2**63 else 0
        row = (message.room, _micros(message.at), order, message.id, data, message.aside)
        if message.thread:
            self._parents.append((message.room, message.thread, not (message.deleted or message.aside)))
        if message.reply_to:
            self._parents.append((message.room, message.reply_to, 0))
        if message.derived:
            self._derived(row)
            return
        self._rows.append(row)
        if len(self._rows) >= _HELD:
            self._flush()

    def _derived(self, row: _Row) -> None:
        """Store a message under a unique id."""
        self._flush()
        room, at, place, source, data, aside = row
        self._kept += 1
        if self._db.execute(_INSERT, row).rowcount == 0:
            self._again[room, source] = number = self._again.get((room, source), 1) + 1
            self._db.execute(_INSERT, (room, at, place, f"{source}-{number}", data, aside))

    def count(self, room: str) -> int:
        """The number of messages of a room."""
        return int(self._db.execute(_COUNT, (room,)).fetchone()[0])

    def rooms_without_facts(self) -> list[str]:
        """Rooms with messages but without a description in the export."""
        rows = self._db.execute("SELECT DISTINCT room FROM message WHERE NOT aside")
        return [room for (room,) in rows if room not in self.rooms]

    def parents(self, room: str) -> dict[str, int]:
        """The ids of a room's parent messages, with the number of replies in their threads. The number is wrong after
        duplicates and system lines about the room."""
        return dict(self._db.execute("SELECT id, replies FROM parent WHERE room = ?", (room,)))

    def in_order(self, room: str) -> Generator[Message]:
        """A room's messages by time, then in the source's order."""
        with closing(self._db.cursor()) as cursor:
            rows = cursor.execute(_IN_ORDER, (room,))
            for source, at, order, data in rows:
                message = _unpacked(room, source, at, order, data)
                if self._apart:
                    self._react(message)
                yield message

    def _react(self, message: Message) -> None:
        for emoji, person in self._db.execute(
            "SELECT emoji, person FROM reaction WHERE message = ? AND room IN ('', ?) ORDER BY rowid",
            (message.id, message.room),
        ):
            message.reactions.setdefault(emoji, []).append(person)


@contextmanager
def staging(notes: Notes) -> Iterator[Staging]:
    """A staging area that is deleted on exit."""
    with closing(sqlite3.connect("", isolation_level=None)) as db:
        yield Staging(db, notes)


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _at(micros: Any) -> Any:
    return _EPOCH + timedelta(microseconds=micros) if type(micros) is int else micros


def _packed(message: Message) -> bytes:
    edited = _micros(message.edited) if isinstance(message.edited, datetime) else message.edited
    files = [asdict(file) for file in message.files]
    facts = [message.author, message.text, message.thread, message.reply_to, message.reactions, edited, message.deleted]
    return msgspec.msgpack.encode([*facts, files, message.topic, message.place, message.in_room])


def _unpacked(room: str, source: str, at: int, order: int, data: bytes) -> Message:
    found = msgspec.msgpack.decode(data)
    author, text, thread, reply_to, reactions, edited, deleted, files, topic, place, in_room = found
    return Message(
        room,
        source,
        author,
        _at(at),
        text,
        thread,
        reply_to,
        reactions,
        _at(edited),
        deleted,
        [File(**file) for file in files],
        topic=topic,
        order=order,
        place=place,
        in_room=in_room,
    )
