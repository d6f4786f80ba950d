"""Telegram Desktop: `result.json` of one chat or of all."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import ijson

from chat.importing import clocks
from chat.importing.archives import Archive
from chat.importing.documents import DAMAGE, mended_stream, with_floats
from chat.importing.stream import File, Message, NotAnExport, Options, Person, Room, RoomKind, Stream
from chat.importing.telegram_told import told
from chat.importing.words import (
    clean,
    code,
    escaped,
    fence,
    joined,
    link,
    objects,
    one_line,
    quoted,
    styled,
    username,
    whole,
)

_KINDS: dict[str, RoomKind] = {
    "saved_messages": "direct",
    "personal_chat": "direct",
    "bot_chat": "direct",
    "replies": "direct",
    "verification_codes": "direct",
    "private_group": "group",
    "private_supergroup": "group",
    "private_channel": "private",
    "public_supergroup": "public",
    "public_channel": "public",
}
_CHATS = ("", "chats.list.item.", "left_chats.list.item.")
_STYLES = {"bold": "**", "italic": "*", "strikethrough": "~~"}
_MEDIA = ("file", "photo")


def read(archive: Archive, options: Options) -> Stream:
    """The stream of a `result.json`.

    Raises:
        NotAnExport: there is none, or it has local times only and no zone is given.
    """
    archive.enter("result.json")
    name = "result.json" if "result.json" in archive else next(iter(archive.names(suffix=".json")), "")
    if not name:
        raise NotAnExport("no result.json: this is no JSON export of Telegram Desktop")
    reader = _Reader(archive, name, options)
    yield from reader.read()
    if not reader.chats:
        raise NotAnExport(f"{name}: holds no chat with `type` and `messages`")


class _Reader:
    def __init__(self, archive: Archive, name: str, options: Options) -> None:
        self._archive, self._name, self._zone = archive, name, options.zone
        self._people: dict[str, Person] = {}
        self._room: Room | None = None
        self.chats = 0
        # The kind of each chat by its id.
        self._kinds: dict[str, str] = {}
        # A new clock for each chat: times only go forward within one.
        self._clock: clocks.LocalClock | None = None

    def read(self) -> Stream:
        """Each chat with its messages."""
        for what, value, number in self._events():
            if what == "chat":
                self._begin(value)
                if self._room:
                    yield self._room
            elif self._room and isinstance(value, dict):
                place = f"{self._name}: message {number}"
                with self._archive.notes.entry(place):
                    yield from self._entry(self._room, value, place)

    def _events(self) -> Iterator[tuple[str, Any, int]]:
        """("chat", its facts, 0) before ("message", entry, its number), read in parts: a chat may be of any size."""
        facts: dict[str, Any] = {}
        number, builder, holder = 0, None, ""
        try:
            with self._archive.open(self._name) as file:
                # Not `use_float`: with it, the parser in C refuses integers above 2^63.
                for prefix, event, value in ijson.parse(mended_stream(file)):
                    if builder is not None:
                        builder.event(event, value)
                        if event == "end_map" and prefix == holder:
                            number += 1
                            yield "message", with_floats(builder.value), number
                            builder = None
                        continue
                    for chat in _CHATS:
                        if prefix == f"{chat}messages.item" and event == "start_map":
                            builder, holder = ijson.ObjectBuilder(), prefix
                            builder.event(event, value)
                        elif prefix == f"{chat}messages" and event == "start_array":
                            yield "chat", facts, 0
                            facts, number = {}, 0
                        elif prefix in {f"{chat}name", f"{chat}type", f"{chat}id"} and event in {"string", "number"}:
                            facts[prefix.rpartition(".")[2]] = value
                        elif prefix == chat[:-1] and event == "start_map" and chat:
                            facts = {}
        except ijson.JSONError as error:
            self._archive.notes.lose("file", f"ends or breaks in the middle: {str(error)[:80]}", self._name)
        except DAMAGE as error:
            self._archive.notes.lose("file", f"is damaged in the archive: {error}", self._name)

    def _begin(self, facts: dict[str, Any]) -> None:
        self._room, self._clock = None, clocks.LocalClock(self._zone) if self._zone else None
        if "type" not in facts or "id" not in facts:
            return
        self.chats += 1
        kind = clean(facts["type"])
        if kind not in _KINDS:
            self._archive.notes.skip(f"chats of the unknown kind {kind[:40]}, kept as private")
        source = str(facts["id"])
        if self._kinds.setdefault(source, kind) != kind:
            # A person and a channel may have the same number.
            source = f"{source}/{kind}"
        self._room = Room(source, _KINDS.get(kind, "private"), one_line(facts.get("name"), 100))

    def _entry(self, room: Room, entry: dict[str, Any], place: str) -> Stream:
        kind = clean(entry.get("type"))
        aside = kind == "service"
        if aside:
            self._archive.notes.pass_line()
            if self._clock is None and not entry.get("date_unixtime"):
                return
        elif kind != "message":
            self._archive.notes.lose("message", f"is of the kind {kind[:40] or 'none'}, without words", place)
            return
        at = self._at(entry, "date")
        if at is None or entry.get("id") is None:
            self._archive.notes.lose("message", "has no time or id", place)
            return
        message = Message(room.id, str(entry["id"]), None, at, order=whole(entry["id"]) or 0, place=place, aside=aside)
        who = "actor" if aside else "from"
        source = _peer(entry.get(f"{who}_id")) or one_line(entry.get(who), 100)
        if source:
            message.author = source
            if not aside:
                yield from self._meet(source, entry.get(who))
        if entry.get("reply_to_message_id") is not None and not entry.get("reply_to_peer_id"):
            message.reply_to = str(entry["reply_to_message_id"])
        if not entry.get("reactions"):
            # A reaction sets `edited` too, and overwrites the time of a real edit.
            edited = self._at(entry, "edited")
            # Versions of 2018 and 2019 write the year 1970 where nothing was edited.
            message.edited = edited if edited and edited >= at else None
        message.text = joined([self._text(entry), *told(entry)])
        if aside:
            # `topic_created`: the messages in a topic of a forum reply to this line.
            message.text = one_line(entry.get("title")) or clean(entry.get("action")).replace("_", " ")
        message.files = self._files(entry)
        if any(one.state == "sticker" for one in message.files) and not message.text:
            message.text = clean(entry.get("sticker_emoji"))
        yield from self._react(message, entry)
        yield message

    def _at(self, entry: dict[str, Any], key: str) -> datetime | None:
        if exact := entry.get(f"{key}_unixtime"):
            return clocks.of_seconds(exact)
        local = entry.get(key)
        if not isinstance(local, str):
            return None
        if self._clock is None:
            raise NotAnExport(f"{self._name}: has local times only: name the zone of the computer with --zone")
        try:
            written = datetime.fromisoformat(local).replace(tzinfo=None)
        except ValueError:
            return None
        # An edit may be later than the messages that follow: it does not move the clock.
        return self._clock.utc(written) if key == "date" else clocks.LocalClock(self._zone).utc(written)

    def _meet(self, source: str, shown: object) -> Stream:
        if source not in self._people:
            title = one_line(shown, 100)
            name = username(title) or source
            self._people[source] = Person(source, name, title or source, active=bool(title))
            yield self._people[source]

    def _text(self, entry: dict[str, Any]) -> str:
        parts = entry.get("text_entities") or entry.get("text")
        if isinstance(parts, str):
            return escaped(clean(parts))
        return self._joined(parts if isinstance(parts, list) else [])

    def _joined(self, parts: list[Any]) -> str:
        found = ""
        for part in parts:
            entity = part if isinstance(part, dict) else {"type": "plain", "text": part}
            words = self._part(entity)
            own_lines = entity.get("type") in {"pre", "blockquote"}
            if own_lines and found and not found.endswith("\n"):
                found += "\n"
            if found.endswith(("\n```", "\0")) and not words.startswith("\n"):
                found = found.removesuffix("\0") + "\n"
            found += words + ("\0" if own_lines else "")
        return found.replace("\0", "").strip("\n")

    def _part(self, entity: dict[str, Any]) -> str:
        kind, text = entity.get("type"), clean(entity.get("text"))
        if kind in _STYLES:
            return styled(escaped(text), _STYLES[str(kind)])
        if kind == "code":
            return code(text)
        if kind == "pre":
            return fence(text, clean(entity.get("language")))
        if kind == "text_link":
            return link(text, clean(entity.get("href")))
        if kind == "mention_name":
            person = self._people.get(f"user{entity.get('user_id')}")
            return f"@{person.name if person else text}"
        if kind == "blockquote":
            return quoted(escaped(text)) + "\n"
        return text if kind in {"link", "mention", "email", "hashtag"} else escaped(text)

    def _files(self, entry: dict[str, Any]) -> list[File]:
        found = []
        for key in _MEDIA:
            place = clean(entry.get(key))
            if not place:
                continue
            name = one_line(entry.get("file_name"), 255)
            size = whole(entry.get("file_size" if key == "file" else "photo_file_size"))
            # "(File not included. …)", with or without a name before it.
            absent = place.endswith(")") and "(File " in place
            name = name or ("" if absent else one_line(place.rpartition("/")[2], 255)) or key
            sticker = entry.get("media_type") == "sticker"
            if place in self._archive:
                size = self._archive.size(place)
                found.append(File(name, size, "sticker" if sticker else "present", path=place))
            else:
                found.append(File(name, size, "sticker" if sticker else "missing"))
        return found

    def _react(self, message: Message, entry: dict[str, Any]) -> Stream:
        for reaction in objects(entry.get("reactions")):
            recent = objects(reaction.get("recent"))
            known = reaction.get("type") == "emoji" and clean(reaction.get("emoji"))
            for one in recent if known else []:
                source = _peer(one.get("from_id"))
                if source:
                    yield from self._meet(source, one.get("from"))
                    message.reactions.setdefault(str(known), []).append(source)
            missing = (whole(reaction.get("count")) or 0) - (len(recent) if known else 0)
            self._archive.notes.lose_reactions(missing, message.place)


def _peer(value: object) -> str:
    """The author: `user1`, `chat1`, `channel1`. Before 2021 authors were numbers, with the kind above 2^32."""
    number = whole(value)
    if number is None:
        return clean(value)
    kind, source = divmod(number, 2**32)
    return f"{('user', 'chat')[kind] if kind < 2 else 'channel'}{source}"
