"""Campfire (ONCE): its SQLite database, alone or in its storage folder."""

import base64
import binascii
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from chat.importing import clocks
from chat.importing.archives import Archive
from chat.importing.html_text import Attributes, markdown
from chat.importing.stream import File, Message, NotAnExport, Options, Person, Room, RoomKind, Stream
from chat.importing.words import clean, one_line, username, whole

_HEAD = b"SQLite format 3\x00"
_KINDS: dict[str, RoomKind] = {"Rooms::Open": "public", "Rooms::Closed": "private", "Rooms::Direct": "direct"}
_PERSON = re.compile(rb"gid://[^/]+/User/(\d+)")
_INNER = re.compile(rb"[A-Za-z0-9+/_=-]{24,}")
_BOT = 2


def read(archive: Archive, _options: Options) -> Stream:
    """The stream of a database.

    Raises:
        NotAnExport: no file is a SQLite database with Campfire's tables.
    """
    for name in archive.names():
        with archive.open(name) as file:
            if file.read(len(_HEAD)) != _HEAD:
                continue
        with tempfile.TemporaryDirectory(prefix="import-") as folder:
            # Read a copy, with its write-ahead log: the original is not touched.
            for ending in ("", "-wal"):
                if name + ending in archive:
                    with archive.open(name + ending) as source, (Path(folder) / f"db{ending}").open("wb") as target:
                        shutil.copyfileobj(source, target)
            with closing(sqlite3.connect(Path(folder) / "db")) as db:
                db.row_factory = sqlite3.Row
                db.text_factory = lambda data: data.decode("utf-8", "replace")
                reader = _Reader(archive, db)
                if reader.is_campfire():
                    yield from reader.read()
                    return
    raise NotAnExport("no SQLite database with rooms, messages and boosts: this is no data of Campfire")


class _Reader:
    def __init__(self, archive: Archive, db: sqlite3.Connection) -> None:
        self._archive, self._db = archive, db
        self._people: dict[str, Person] = {}
        self._kept = {name.rpartition("/")[2]: name for name in archive.names()}

    def is_campfire(self) -> bool:
        """Whether Campfire's tables exist."""
        try:
            names = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        except sqlite3.DatabaseError as error:
            self._archive.notes.lose("file", f"is a damaged database: {error}")
            return False
        return {"rooms", "messages", "users", "boosts", "action_text_rich_texts"} <= names

    def read(self) -> Stream:
        """People, rooms, messages."""
        for row in self._rows("SELECT * FROM users ORDER BY id"):
            with self._archive.notes.entry(f"users: {row.get('id')}"):
                yield self._user(row)
        members: dict[int, list[str]] = {}
        for row in self._rows("SELECT room_id, user_id FROM memberships ORDER BY id"):
            members.setdefault(row["room_id"], []).append(str(row["user_id"]))
        for row in self._rows("SELECT * FROM rooms ORDER BY id"):
            with self._archive.notes.entry(f"rooms: {row.get('id')}"):
                yield self._room(row, members.get(row["id"], []))
        yield from self._messages()

    def _rows(self, query: str) -> Iterator[dict[str, Any]]:
        try:
            for row in self._db.execute(query):
                yield dict(row)
        except sqlite3.DatabaseError as error:
            self._archive.notes.lose("table", f"is damaged: {error}", query.partition("FROM ")[2][:60])

    def _user(self, row: dict[str, Any]) -> Person:
        title = one_line(row.get("name"), 100)
        # Deactivated people have an address made up by Campfire; `status` is a number; older versions have `active`.
        active = row.get("status") in {None, 0, "active"} and row.get("active", 1) != 0
        bot = row.get("role") in {_BOT, "bot"} or bool(row.get("bot_token"))
        email = clean(row.get("email_address"))
        name = username(title) or f"person-{row['id']}"
        person = Person(str(row["id"]), name, title or name, email if active and not bot else "", active, bot)
        self._people[person.id] = person
        return person

    def _room(self, row: dict[str, Any], members: list[str]) -> Room:
        kind = _KINDS.get(clean(row.get("type")), "private")
        if kind == "direct" and len(members) > 2:
            kind = "group"
        title = one_line(row.get("name"), 100)
        return Room(str(row["id"]), kind, title, members=members, created_at=_at(row.get("created_at")))

    def _messages(self) -> Stream:
        query = (
            "SELECT m.id, m.room_id, m.creator_id, m.created_at, t.body FROM messages m"
            " LEFT JOIN action_text_rich_texts t ON t.record_type = 'Message'"
            " AND t.record_id = m.id AND t.name = 'body' ORDER BY m.id"
        )
        for row in self._rows(query):
            place = f"messages: {row['id']}"
            with self._archive.notes.entry(place):
                yield from self._message(row, place)

    def _message(self, row: dict[str, Any], place: str) -> Stream:
        at = _at(row["created_at"])
        if at is None:
            self._archive.notes.lose("message", "has no time", place)
            return
        author = str(row["creator_id"])
        if author not in self._people:
            self._people[author] = Person(author, f"person-{author}", f"person-{author}", active=False)
            yield self._people[author]
        message = Message(str(row["room_id"]), str(row["id"]), author, at, order=row["id"], place=place)
        message.text = markdown(row["body"], self._special)
        message.files = list(self._files(row["id"]))
        for boost in self._of("SELECT booster_id, content FROM boosts WHERE message_id = ? ORDER BY id", row["id"]):
            message.reactions.setdefault(clean(boost["content"]), []).append(str(boost["booster_id"]))
        yield message

    def _of(self, query: str, number: int) -> list[dict[str, Any]]:
        try:
            return [dict(row) for row in self._db.execute(query, (number,))]
        except sqlite3.DatabaseError as error:
            self._archive.notes.lose("table", f"is damaged: {error}", query.partition("FROM ")[2][:60])
            return []

    def _files(self, message: int) -> Iterator[File]:
        query = (
            "SELECT b.filename, b.byte_size, b.key FROM active_storage_attachments a JOIN active_storage_blobs b"
            " ON b.id = a.blob_id WHERE a.record_type = 'Message' AND a.record_id = ? AND a.name = 'attachment'"
        )
        for row in self._of(query, message):
            name, path = one_line(row["filename"], 255), self._kept.get(clean(row["key"]), "")
            yield File(name, whole(row["byte_size"]), "present" if path else "missing", path=path)

    def _special(self, tag: str, attributes: Attributes, words: str) -> str | None:
        if tag != "action-text-attachment":
            return None
        if "mention" in attributes.get("content-type", ""):
            person = self._people.get(person_of(attributes.get("sgid", "")))
            return f"@{person.name}" if person else words or "@"
        return words or attributes.get("url") or attributes.get("filename") or ""


def person_of(sgid: str) -> str:
    """The id of the person inside a signed id, or "". The signature is the old server's and is not checked."""
    data = _decoded(unquote(sgid).partition("--")[0].encode("ascii", "replace"))
    for _ in range(3):
        if found := _PERSON.search(data):
            return found[1].decode()
        # Older versions of Rails sign a message that holds the id in Base64 again.
        inner = max(_INNER.findall(data), key=len, default=b"")
        data = _decoded(inner) if inner else b""
    return ""


def _decoded(data: bytes) -> bytes:
    try:
        return base64.b64decode(data.translate(bytes.maketrans(b"-_", b"+/")) + b"=" * (-len(data) % 4))
    except (binascii.Error, ValueError):
        return b""


def _at(value: object) -> datetime | None:
    return clocks.of_iso(value)
