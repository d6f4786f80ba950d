"""Rocket.Chat: a dump of its database, by `mongodump` (BSON) or `mongoexport` (JSON lines)."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chat.importing.archives import Archive
from chat.importing.dumps import Chunks, documents
from chat.importing.stream import File, Message, NotAnExport, Options, Person, Reaction, Room, RoomKind, Stream
from chat.importing.words import (
    Shelf,
    card,
    clean,
    emoji,
    joined,
    mapping,
    marked,
    objects,
    one_line,
    outside_code,
    quoted,
    whole,
    with_emoji,
)

_KINDS: dict[str, RoomKind] = {"c": "public", "p": "private", "d": "direct", "l": "private", "v": "private"}
_QUOTE = re.compile(r"\[ ?\]\((\S+?[?&]msg=([A-Za-z0-9_-]+)[^)\s]*)\)[ \t]*\n?")
_LINK = re.compile(r"!?\[[^\[\]\n]*\]\([^()\s]+\)|https?://\S+")
_MENTION = re.compile(r"(?<![\w@])@([\w.-]*\w)")
_ROOM = re.compile(r"(?<![\w#&])#([\w.-]*\w)")


def read(archive: Archive, _options: Options) -> Stream:
    """The stream of a dump of Rocket.Chat's database.

    Raises:
        NotAnExport: there is no collection of messages; what a person downloads hides the other people's names.
    """
    names = [f"rocketchat_message{ending}" for ending in (".bson", ".json", ".bson.gz", ".jsonl")]
    archive.enter(*names)
    if not any(name in archive for name in names):
        lines = [name for name in archive.names(suffix=".json") if _is_of_a_person(archive, name)]
        if lines:
            raise NotAnExport(f"{lines[0]}: this is what a person downloads; it hides names and ids. Use a mongodump")
        raise NotAnExport("no rocketchat_message.bson or .json: this is no dump of Rocket.Chat")
    yield from _Reader(archive).read()


def _is_of_a_person(archive: Archive, name: str) -> bool:
    for found, _ in documents(archive, name):
        return "username" in found and "msg" in found and "_id" not in found
    return False


class _Reader:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._people: dict[str, Person] = {}
        self._by_name: dict[str, str] = {}
        self._rooms: dict[str, Room] = {}
        self._slugs: dict[str, str] = {}
        self._members: dict[str, list[str]] = {}
        # Reactions by names that no list of people has: message, room, emoji and name.
        self._unknown: list[tuple[str, str, str, str]] = []
        self._kept_beside: dict[str, str] | None = None
        self._chunks = Chunks(archive, _file(archive, "rocketchat_uploads.chunks"))

    def read(self) -> Stream:
        """People, rooms, messages."""
        for user, place in self._all("users"):
            with self._archive.notes.entry(place):
                yield self._user(user)
        for row, _ in self._all("rocketchat_subscription"):
            member = clean(mapping(row.get("u")).get("_id"))
            if member:
                self._members.setdefault(clean(row.get("rid")), []).append(member)
        for row, place in self._all("rocketchat_room"):
            with self._archive.notes.entry(place):
                yield from self._room(row)
        for number, (row, place) in enumerate(documents(self._archive, _file(self._archive, "rocketchat_message"))):
            with self._archive.notes.entry(place):
                yield from self._message(row, place, number)
        for message, room, sign, name in self._unknown:
            # A person who wrote under this name and was renamed since.
            yield Reaction(message, sign, self._by_name.get(name, name), room)

    def _all(self, collection: str) -> Iterator[tuple[dict[str, Any], str]]:
        return documents(self._archive, _file(self._archive, collection))

    def _user(self, user: dict[str, Any]) -> Person:
        name = clean(user.get("username"))
        emails = objects(user.get("emails"))
        verified = next((clean(one.get("address")) for one in emails if one.get("verified")), "")
        person = Person(
            id=clean(user.get("_id")),
            name=name or clean(user.get("_id")),
            title=one_line(user.get("name") or name, 100),
            email=verified,
            active=user.get("active") is not False,
            bot=user.get("type") == "bot" or "bot" in (user.get("roles") or []),
        )
        self._people[person.id] = person
        self._by_name[name] = person.id
        return person

    def _room(self, row: dict[str, Any]) -> Stream:
        source, kind = clean(row.get("_id")), clean(row.get("t"))
        uids = [one for one in row.get("uids") or [] if isinstance(one, str)]
        if kind not in _KINDS:
            self._archive.notes.skip(f"rooms of the unknown kind {kind[:20]}, kept as private")
        known = _KINDS.get(kind, "private")
        room = Room(
            source,
            "group" if known == "direct" and len(set(uids)) > 2 else known,
            "" if known == "direct" else one_line(row.get("fname") or row.get("name"), 100),
            one_line(row.get("topic") or row.get("description")),
            bool(row.get("archived")),
            list(dict.fromkeys(uids or self._members.get(source, []))),
            row.get("ts") if isinstance(row.get("ts"), datetime) else None,
        )
        self._rooms[source] = room
        self._slugs[clean(row.get("name"))] = room.title
        yield room

    def _message(self, row: dict[str, Any], place: str, number: int) -> Stream:
        kind, at = clean(row.get("t")), row.get("ts")
        room, source = clean(row.get("rid")), clean(row.get("_id"))
        if row.get("_hidden") is True:
            self._archive.notes.skip("older versions of edited or pinned messages")
            return
        aside = kind not in {"", "rm", "e2e"}
        if aside:
            self._archive.notes.pass_line()
        if not isinstance(at, datetime) or not room or not source:
            self._archive.notes.lose("message", "has no time, room or id", place)
            return
        if room not in self._rooms:
            self._rooms[room] = Room(room, "private", room)
            yield self._rooms[room]
        message = Message(room, source, None, at, thread=clean(row.get("tmid")) or None, order=number, place=place)
        author = self._author(row)
        if author:
            if author.id not in self._people:
                self._people[author.id] = author
                yield author
            message.author = author.id
        message.in_room, message.aside = row.get("tshow") is True, aside
        if kind == "rm":
            message.deleted = True
        elif kind == "e2e":
            self._archive.notes.lose("text", "is encrypted from end to end", place)
        else:
            self._fill(message, row)
        yield message

    def _author(self, row: dict[str, Any]) -> Person | None:
        user, alias = mapping(row.get("u")), one_line(row.get("alias"), 100)
        source = clean(user.get("_id"))
        if alias and (row.get("bot") or alias != clean(user.get("name"))):
            # An integration posts as a user under another name.
            return self._people.get(f"alias/{alias}") or Person(f"alias/{alias}", alias, alias, bot=True)
        if not source:
            return None
        name = clean(user.get("username")) or source
        self._by_name.setdefault(name, source)
        return self._people.get(source) or Person(source, name, one_line(user.get("name")) or name)

    def _fill(self, message: Message, row: dict[str, Any]) -> None:
        attachments = objects(row.get("attachments"))
        text = clean(row.get("msg"))
        for found in _QUOTE.finditer(text):
            if message.reply_to is None:
                message.reply_to = found[2]
                attachments = [one for one in attachments if found[2] not in clean(one.get("message_link"))]
        text = self._markdown(_QUOTE.sub("", text).strip())
        files = [
            one for one in objects(row.get("files")) or objects([row.get("file")]) if one.get("typeGroup") != "thumb"
        ]
        message.files = [self._kept(one, attachments) for one in files]
        message.text = joined([text, *(self._attachment(one, bool(files)) for one in attachments)])
        edited = row.get("editedAt")
        message.edited = edited if isinstance(edited, datetime) else None
        for name, value in mapping(row.get("reactions")).items():
            usernames = [one for one in mapping(value).get("usernames") or [] if isinstance(one, str)]
            sign = emoji(name, whose="joypixels")
            people = message.reactions.setdefault(sign, [])
            people.extend(self._by_name[one] for one in usernames if one in self._by_name)
            self._unknown += [(message.id, message.room, sign, one) for one in usernames if one not in self._by_name]

    def _attachment(self, one: dict[str, Any], with_file: bool) -> str:
        text = self._markdown(clean(one.get("text")))
        if one.get("message_link"):
            return quoted(text) if text else ""
        if with_file and (
            one.get("type") == "file"
            or one.get("title_link_download")
            or one.get("image_url")
            or one.get("description")
        ):
            return self._markdown(clean(one.get("description")))
        return card(
            above=self._markdown(clean(one.get("pretext"))),
            title=clean(one.get("title")),
            address=clean(one.get("title_link")),
            text=text or self._markdown(clean(one.get("description"))),
            fields=[
                (clean(part.get("title")), self._markdown(str(part.get("value") or "")))
                for part in objects(one.get("fields"))
            ],
            image=clean(one.get("image_url")),
        )

    def _kept(self, file: dict[str, Any], attachments: list[dict[str, Any]]) -> File:
        source, name = clean(file.get("_id")), one_line(file.get("name"), 255)
        size = whole(file.get("size"))
        address = next(
            (
                clean(one.get("title_link") or one.get("image_url"))
                for one in attachments
                if source in clean(one.get("title_link") or one.get("image_url"))
            ),
            "",
        )
        if path := self._chunks.path(source) or self._beside(source):
            return File(name, size if size is not None else self._archive.size(path), "present", address, path)
        return File(name, size, "link" if address else "missing", address)

    def _beside(self, source: str) -> str:
        """The path of a file of the store `FileSystem`, whose folder is beside the dump and names files by id."""
        if self._kept_beside is None:
            self._kept_beside = {name.rpartition("/")[2]: name for name in self._archive.names()}
        return self._kept_beside.get(source, "") if source else ""

    def _markdown(self, text: str) -> str:
        return outside_code(text, self._marks)

    def _marks(self, text: str) -> str:
        shelf = Shelf()
        text = _LINK.sub(lambda found: shelf.put(found[0]), text)
        text = _MENTION.sub(self._mention, marked(text))
        text = _ROOM.sub(lambda found: f"#{self._slugs.get(found[1]) or found[1]}", text)
        return shelf.filled(with_emoji(text, "joypixels"))

    def _mention(self, found: re.Match[str]) -> str:
        person = self._people.get(self._by_name.get(found[1], ""))
        return f"@{person.name}" if person else found[0]


def _file(archive: Archive, collection: str) -> str:
    for ending in (".bson", ".bson.gz", ".json", ".jsonl"):
        if f"{collection}{ending}" in archive:
            return f"{collection}{ending}"
    return f"{collection}.bson"
