"""Discord, as DiscordChatExporter writes it in JSON: one file for a channel or thread, or several parts of one."""

import re
from typing import Any
from urllib.parse import unquote

from chat.importing import clocks
from chat.importing.archives import Archive
from chat.importing.documents import facts, items
from chat.importing.stream import File, Message, NotAnExport, Options, Person, Room, RoomKind, Stream
from chat.importing.words import card, clean, joined, mapping, objects, one_line, outside_code, quoted, whole

DELETED_USER = "456226577798135808"
# Types with text by their author. 19, 20 and 23 are the numbers of replies and commands to programs.
_WORDS = {"Default", "Reply", "0", "19", "20", "23", "ChatInputCommand", "ContextMenuCommand"}
_WORDS |= {"ApplicationCommand", "Forward"}
_RAW = re.compile(r"<(?:@!?(\d+)|#(\d+)|@&(\d+)|a?:(\w+):\d+|t:(-?\d+)(?::\w)?)>")
_ADDRESS = re.compile(r"https?://\S+")
_HEADS = ("guild.id", "channel.id", "channel.type", "channel.name", "channel.topic", "channel.categoryId")


def read(archive: Archive, _options: Options) -> Stream:
    """The stream of one or more files of DiscordChatExporter.

    Raises:
        NotAnExport: no file has a channel and messages.
    """
    found = False
    reader = _Reader(archive)
    for name in sorted(archive.names(suffix=".json"), key=_part):
        head = facts(archive, name, *_HEADS, until="messages")
        if not head.get("channel.id") or "guild.id" not in head:
            archive.notes.skip("files that are no channel")
            continue
        found = True
        yield from reader.read(name, head)
    if not found:
        raise NotAnExport("no JSON with `guild` and `channel`: this is no export of DiscordChatExporter")


def _part(name: str) -> tuple[str, int]:
    number = re.search(r" \[part (\d+)\]", name)
    return re.sub(r" \[part \d+\]", "", name), int(number[1]) if number else 0


class _Reader:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._people: dict[str, Person] = {}
        self._rooms: dict[str, Room] = {}
        self._folder = ""
        self._paths: dict[str, str] | None = None

    def read(self, name: str, head: dict[str, Any]) -> Stream:
        """The messages of one file; its room comes first, and again with the people who wrote there."""
        source = str(head["channel.id"])
        self._folder = name.rpartition("/")[0]
        room = self._rooms.get(source)
        if room is None:
            kind = _kind(clean(head.get("channel.type")))
            title = one_line(head.get("channel.name"), 100)
            room = self._rooms[source] = Room(source, kind, title, one_line(head.get("channel.topic")), members=[])
            yield room
        for entry, place in items(self._archive, name, "messages"):
            with self._archive.notes.entry(place):
                yield from self._message(room, entry, place)
        yield room

    def _message(self, room: Room, entry: dict[str, Any], place: str) -> Stream:
        kind, source = clean(entry.get("type")), clean(entry.get("id"))
        at = clocks.of_iso(entry.get("timestamp"))
        author = mapping(entry.get("author"))
        if author.get("id"):
            yield from self._meet(author, room)
        if kind == "21":
            self._archive.notes.skip("pointers to the message a thread began with")
            return
        if kind not in _WORDS:
            self._archive.notes.pass_line()
        if at is None or not source:
            self._archive.notes.lose("message", "has no time or id", place)
            return
        for one in objects(entry.get("mentions")):
            yield from self._meet(one)
        reference = mapping(entry.get("reference"))
        message = Message(
            room.id,
            source,
            str(author["id"]) if author.get("id") else None,
            at,
            edited=clocks.of_iso(entry.get("timestampEdited")),
            order=int(source) if source.isdigit() and len(source) < 20 else 0,
            place=place,
            aside=kind not in _WORDS,
        )
        if reference.get("type") != "Forward" and reference.get("channelId") in {None, room.id}:
            message.reply_to = clean(reference.get("messageId")) or None
        self._fill(message, entry)
        yield from self._react(message, entry, room)
        yield message

    def _fill(self, message: Message, entry: dict[str, Any]) -> None:
        by_program = bool(mapping(entry.get("author")).get("isBot"))
        text = self._markdown(clean(entry.get("content")), entry)
        parts = [text, *self._embeds(entry, text, by_program)]
        message.files = self._files(entry)
        forwarded = mapping(entry.get("forwardedMessage"))
        if forwarded:
            words = self._markdown(clean(forwarded.get("content")), entry)
            inner = joined([words, *self._embeds(forwarded, words, by_program)])
            parts.append(quoted(inner) if inner else "")
            message.files += self._files(forwarded)
        message.text = joined(parts)

    def _react(self, message: Message, entry: dict[str, Any], room: Room) -> Stream:
        for reaction in objects(entry.get("reactions")):
            sign = mapping(reaction.get("emoji"))
            name = clean(sign.get("name"))
            people = message.reactions.setdefault(f":{name}:" if sign.get("id") else name, [])
            users = objects(reaction.get("users"))
            for user in users:
                yield from self._meet(user, room)
                people.append(str(user.get("id")))
            self._archive.notes.lose_reactions((whole(reaction.get("count")) or 0) - len(users), message.place)

    def _meet(self, author: dict[str, Any], room: Room | None = None) -> Stream:
        source = str(author.get("id"))
        gone, program = source == DELETED_USER, bool(author.get("isBot"))
        if source not in self._people:
            name = clean(author.get("name")) or source
            title = one_line(author.get("nickname") or name, 100)
            self._people[source] = Person(source, name, title, active=not gone, bot=program)
            yield self._people[source]
        if room is not None and room.members is not None and not gone and not program and source not in room.members:
            room.members.append(source)

    def _markdown(self, text: str, entry: dict[str, Any]) -> str:
        if not text:
            return ""
        names: dict[str, str] = {}
        for one in objects(entry.get("mentions")):
            person = self._people.get(str(one.get("id")))
            for shown in (one.get("nickname"), one.get("name")):
                if person and clean(shown):
                    names.setdefault(f"@{clean(shown)}", f"@{person.name}")
        return outside_code(text, lambda part: self._marks(part, names))

    def _marks(self, text: str, names: dict[str, str]) -> str:
        if names:
            longest = sorted(names, key=len, reverse=True)
            text = re.sub("|".join(re.escape(name) for name in longest), lambda found: names[found[0]], text)
        text = _RAW.sub(self._raw, text)
        text = re.sub(r"\|\|(.+?)\|\|", r"\1", text, flags=re.DOTALL)
        text = re.sub(r"(?<![_\w])__(?=\S)(.+?\S|\S)__(?![_\w])", r"\1", text)
        text = re.sub(r"(?m)^-# ", "", text)
        return re.sub(r"(?ms)^>>> (.*)\Z", lambda found: quoted(found[1]), text)

    def _raw(self, found: re.Match[str]) -> str:
        person, room, role, name, seconds = found.groups()
        if person:
            return f"@{self._people[person].name if person in self._people else person}"
        if room:
            return f"#{self._rooms[room].title if room in self._rooms else room}"
        if role:
            return f"@{role}"
        at = clocks.of_seconds(seconds) if seconds else None
        return f":{name}:" if name else f"{at:%Y-%m-%d %H:%M} UTC" if at else found[0]

    def _embeds(self, entry: dict[str, Any], text: str, by_program: bool) -> list[str]:
        found = []
        for one in objects(entry.get("embeds")):
            address = clean(one.get("url"))
            if (address and address in text) or (not by_program and _ADDRESS.search(text)):
                # A preview of a link in the text.
                self._archive.notes.skip("previews of links")
                continue
            image = objects(one.get("images")) or [mapping(one.get("image"))]
            found.append(
                card(
                    above=clean(mapping(one.get("author")).get("name")),
                    title=clean(one.get("title")),
                    address=address,
                    text=self._markdown(clean(one.get("description")), entry),
                    fields=[
                        (clean(part.get("name")), self._markdown(clean(part.get("value")), entry))
                        for part in objects(one.get("fields"))
                    ],
                    image=clean(image[0].get("url")),
                )
            )
        return found

    def _place(self, address: str) -> str:
        """The path of a downloaded file: beside the JSON, or in a folder that the exporter names by its full path."""
        relative = address.removeprefix("./")
        for path in (f"{self._folder}/{relative}" if self._folder else relative, relative, unquote(relative)):
            if path in self._archive:
                return path
        if self._paths is None:
            self._paths = {path.rpartition("/")[2]: path for path in self._archive.names()}
        return self._paths.get(address.rpartition("/")[2], "") if address else ""

    def _files(self, entry: dict[str, Any]) -> list[File]:
        found = []
        for one in objects(entry.get("attachments")):
            name, address = one_line(one.get("fileName"), 255), clean(one.get("url"))
            size = whole(one.get("fileSizeBytes"))
            if re.match(r"[a-z][a-z0-9+.-]+:", address):
                found.append(File(name, size, "link", address))
            elif path := self._place(address.replace("\\", "/")):
                found.append(File(name, self._archive.size(path), "present", path=path))
            else:
                found.append(File(name, size, "missing"))
        for one in objects(entry.get("stickers")):
            found.append(File(one_line(one.get("name"), 255), state="sticker", url=clean(one.get("sourceUrl"))))
        return found


def _kind(channel_type: str) -> RoomKind:
    """The kind of a room. The export does not say whether a server's channel is private: it counts as public."""
    if channel_type in {"DirectTextChat", "1"}:
        return "direct"
    if channel_type in {"DirectGroupTextChat", "3"}:
        return "group"
    return "private" if channel_type in {"GuildPrivateThread", "12"} else "public"
