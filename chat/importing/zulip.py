"""Zulip: a folder or tar with `realm.json`, numbered files of messages, and uploads."""

import json
import re
from typing import Any

from chat.importing import clocks
from chat.importing.archives import Archive
from chat.importing.documents import items
from chat.importing.stream import File, Message, NotAnExport, Options, Person, Reaction, Room, Stream
from chat.importing.words import clean, objects, one_line, sign_of_codes, whole
from chat.importing.zulip_text import markdown

_UPLOAD = re.compile(
    r"!?\[([^\[\]\n]*)\]\((?:https?://[^/\s)]+)?/user_uploads/([^\s)]+)\)|(?:https?://[^/\s)]+)?/user_uploads/(\S+)"
)
_RESOLVED = "✔ "
CHANNEL, GROUP, PERSON = 2, 3, 1


def read(archive: Archive, _options: Options) -> Stream:
    """The stream of a Zulip export.

    Raises:
        NotAnExport: there is no `realm.json`.
    """
    archive.enter("realm.json")
    if "realm.json" not in archive:
        raise NotAnExport("no realm.json: this is no export of Zulip")
    yield from _Reader(archive).read()


class _Reader:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._people: dict[str, Person] = {}
        self._by_name: dict[str, Person] = {}
        self._recipients: dict[int, tuple[int, int]] = {}
        self._members: dict[int, list[str]] = {}
        # Room by recipient; a conversation of two people is found by its pair instead.
        self._rooms: dict[int, Room] = {}
        self._pairs: set[str] = set()
        self._uploads: dict[str, tuple[str, int | None]] = {}

    def read(self) -> Stream:
        """People, rooms, messages by file, then the reactions, which are stored apart."""
        for name in self._archive.names():
            if name.endswith((".partial", ".locked")):
                self._archive.notes.lose("file", "is left over from an export that broke off", name)
        for table in ("zerver_userprofile", "zerver_userprofile_mirrordummy", "zerver_userprofile_crossrealm"):
            for row, place in items(self._archive, "realm.json", table):
                with self._archive.notes.entry(place):
                    yield self._person(row)
        for row, _ in items(self._archive, "realm.json", "zerver_recipient"):
            numbers = [row.get(name) for name in ("id", "type", "type_id")]
            if all(isinstance(one, int) for one in numbers):
                self._recipients[row["id"]] = (row["type"], row["type_id"])
        for row, _ in items(self._archive, "realm.json", "zerver_subscription"):
            if row.get("active", True) and isinstance(row.get("recipient"), int):
                self._members.setdefault(row["recipient"], []).append(str(row.get("user_profile")))
        yield from self._channels()
        yield from self._groups()
        for row, _ in items(self._archive, "attachment.json", "zerver_attachment"):
            self._uploads[clean(row.get("path_id"))] = (one_line(row.get("file_name"), 255), whole(row.get("size")))
        for name in self._archive.names():
            if re.fullmatch(r"messages-\d+\.json", name):
                for row, place in items(self._archive, name, "zerver_message"):
                    with self._archive.notes.entry(place):
                        yield from self._message(row, place)
        yield from self._reactions()

    def _person(self, row: dict[str, Any]) -> Person:
        email = clean(row.get("delivery_email") or row.get("email"))
        title = one_line(row.get("full_name"), 100)
        local = email.partition("@")[0]
        bot = bool(row.get("is_bot") or row.get("is_cross_realm_bot"))
        person = Person(
            str(row.get("id")),
            local or title,
            title or local,
            "" if bot or row.get("is_mirror_dummy") else email,
            active=bool(row.get("is_active", True)) and not row.get("is_mirror_dummy"),
            bot=bot,
        )
        self._people[person.id] = person
        self._by_name.setdefault(title, person)
        return person

    def _channels(self) -> Stream:
        by_type = {of[1]: number for number, of in self._recipients.items() if of[0] == CHANNEL}
        for row, place in items(self._archive, "realm.json", "zerver_stream"):
            source = row.get("id")
            recipient = row.get("recipient") or (by_type.get(source) if isinstance(source, int) else None)
            if not isinstance(recipient, int):
                self._archive.notes.lose("room", "has no recipient", place)
                continue
            created = row.get("date_created")
            yield self._keep(
                recipient,
                Room(
                    str(recipient),
                    "private" if row.get("invite_only") else "public",
                    one_line(row.get("name"), 100),
                    one_line(row.get("description")),
                    bool(row.get("deactivated")),
                    self._of(recipient),
                    clocks.of_seconds(created) if created else None,
                ),
            )

    def _groups(self) -> Stream:
        for recipient, (kind, _) in self._recipients.items():
            if kind == GROUP and len(members := self._of(recipient)) > 2:
                yield self._keep(recipient, Room(str(recipient), "group", members=members))

    def _keep(self, recipient: int, room: Room) -> Room:
        self._rooms[recipient] = room
        return room

    def _of(self, recipient: int) -> list[str]:
        return list(dict.fromkeys(self._members.get(recipient, [])))

    def _room(self, row: dict[str, Any]) -> Any:
        """The room of a message; yields it the first time."""
        recipient = row.get("recipient")
        if not isinstance(recipient, int):
            return None
        kind, of = self._recipients.get(recipient, (0, 0))
        if recipient in self._rooms:
            return self._rooms[recipient].id
        if kind == PERSON:
            members = {str(row.get("sender")), str(of)}
        elif kind == GROUP and 0 < len(self._of(recipient)) <= 2:
            members = set(self._of(recipient))
        elif kind in {CHANNEL, GROUP}:
            # Its readers are unknown: a channel counts as private.
            room = Room(str(recipient), "private" if kind == CHANNEL else "group", members=self._of(recipient))
            yield self._keep(recipient, room)
            return room.id
        else:
            return None
        pair = sorted(members, key=lambda one: (len(one), one))
        source = "dm:" + ",".join(pair)
        if source not in self._pairs:
            self._pairs.add(source)
            yield Room(source, "direct", members=pair)
        return source

    def _message(self, row: dict[str, Any], place: str) -> Stream:
        at = clocks.of_seconds(row.get("date_sent"))
        room = yield from self._room(row)
        if room is None or at is None or row.get("id") is None:
            self._archive.notes.lose("message", "has no time" if at is None else "has no recipient or id", place)
            return
        sender = str(row.get("sender"))
        if sender not in self._people:
            self._people[sender] = Person(sender, sender, sender)
            yield self._people[sender]
        message = Message(
            room,
            str(row["id"]),
            sender,
            at,
            edited=_edited(row),
            topic=_topic(row),
            order=whole(row["id"]) or 0,
            place=place,
        )
        message.text = markdown(self._taken(message, clean(row.get("content"))), self._called)
        yield message

    def _taken(self, message: Message, content: str) -> str:
        """The text without the links to uploads, which become files of the message."""
        if "/user_uploads/" not in content:
            return content

        def one(found: re.Match[str]) -> str:
            path = found[2] or found[3]
            name, size = self._uploads.get(path, ("", None))
            name = name or one_line(found[1] or path.rpartition("/")[2], 255)
            place = f"uploads/{path}"
            if place in self._archive:
                message.files.append(File(name, self._archive.size(place), "present", path=place))
            else:
                message.files.append(File(name, size, "missing"))
            return ""

        return _UPLOAD.sub(one, content).strip()

    def _called(self, full_name: str, source: str) -> str:
        person = self._people.get(source) or self._by_name.get(full_name)
        return person.name if person else full_name

    def _reactions(self) -> Stream:
        named = {
            str(row.get("id")): clean(row.get("name"))
            for row, _ in items(self._archive, "realm.json", "zerver_realmemoji")
        }
        for row, _ in items(self._archive, "realm.json", "zerver_reaction"):
            name, codes = clean(row.get("emoji_name")), clean(row.get("emoji_code"))
            sign = sign_of_codes(codes) if row.get("reaction_type") == "unicode_emoji" else ""
            yield Reaction(str(row.get("message")), sign or f":{named.get(codes, name)}:", str(row.get("user_profile")))


def _topic(row: dict[str, Any]) -> str:
    topic = clean(row.get("subject"))
    return "" if topic == "\x07" else topic.removeprefix(_RESOLVED)


def _edited(row: dict[str, Any]) -> Any:
    """When the text was changed: `last_edit_time` is also set by a move to another topic."""
    history = row.get("edit_history")
    if isinstance(history, str):
        try:
            history = json.loads(history)
        except ValueError:
            return None
    for number, entry in enumerate(objects(history)):
        if "prev_content" in entry:
            newest = clocks.of_seconds(row.get("last_edit_time")) if number == 0 else None
            return newest or clocks.of_seconds(entry.get("timestamp")) or True
    return None
