"""Teams: responses of Microsoft Graph (camelCase), or the files of a PowerShell export (PascalCase)."""

import json
import re
from typing import Any

from chat.importing import clocks
from chat.importing.archives import Archive
from chat.importing.documents import DAMAGE, items
from chat.importing.html_text import Attributes, markdown
from chat.importing.stream import File, Message, NotAnExport, Options, Person, Room, RoomKind, Stream
from chat.importing.words import clean, escaped, joined, link, mapping, objects, one_line, quoted, styled, username

_WORDS = {"like": "👍", "heart": "❤️", "laugh": "😆", "surprised": "😮", "sad": "😢", "angry": "😡"}
_PAIR = re.compile(r"19:([0-9a-f-]{36})_([0-9a-f-]{36})@unq\.gbl\.spaces")
# Chats with their topic and members, as `GET /chats?$expand=members` returns them.
_CHATS = re.compile(r"(?:^|/)chats(?:List)?(?:_[^/]*)?\.json$", re.IGNORECASE)
_CHANNELS = re.compile(r"(?:^|/)channels_[^/]*\.json$", re.IGNORECASE)
_USERS = re.compile(r"(?:^|/)(?:usersList|users)\.json$", re.IGNORECASE)
_SYSTEM = re.compile(r"\s*<systemEventMessage\s*/>\s*", re.IGNORECASE)


def read(archive: Archive, _options: Options) -> Stream:
    """The stream of an export.

    Raises:
        NotAnExport: no file holds messages.
    """
    reader = _Reader(archive)
    yield from reader.read()
    if not reader.messages:
        raise NotAnExport("no JSON with messages of Teams (messageType, createdDateTime)")


class _Reader:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._people: dict[str, Person] = {}
        self._listed: dict[str, dict[str, Any]] = {}
        self._channels: dict[str, dict[str, Any]] = {}
        self._chats: dict[str, dict[str, Any]] = {}
        self._rooms: set[str] = set()
        self.messages = 0

    def read(self) -> Stream:
        """Lists first, then every file with messages. One chat may appear under each of its people."""
        names = self._archive.names(suffix=".json")
        for name in names:
            if _USERS.search(name):
                for user, _ in self._items(name):
                    self._listed[clean(user.get("id"))] = user
            elif _CHANNELS.search(name):
                for channel, _ in self._items(name):
                    self._channels[clean(channel.get("id"))] = channel
            elif _CHATS.search(name):
                for chat, _ in self._items(name):
                    self._chats[clean(chat.get("id"))] = chat
        for user in self._listed.values():
            yield from self._meet({"id": user.get("id"), "displayName": user.get("displayName")})
        for name in names:
            lists = (_USERS, _CHANNELS, _CHATS)
            if not any(one.search(name) for one in lists) and not name.endswith("teamsList.json"):
                for entry, place in self._items(name):
                    if "messageType" in entry or ("createdDateTime" in entry and "body" in entry):
                        self.messages += 1
                        with self._archive.notes.entry(place):
                            yield from self._message(entry, place)
                        # `$expand=replies` nests replies in their message.
                        for reply in objects(entry.get("replies")):
                            with self._archive.notes.entry(place):
                                yield from self._message(reply, place)
                    else:
                        self._archive.notes.skip("entries that are no messages")

    def _items(self, name: str) -> Any:
        for value, place in items(self._archive, name, "" if self._is_list(name) else "value"):
            yield _camel(value), place

    def _is_list(self, name: str) -> bool:
        try:
            with self._archive.open(name) as file:
                return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["
        except DAMAGE:
            return False

    def _meet(self, user: dict[str, Any], *, bot: bool = False) -> Stream:
        source = clean(user.get("id"))
        if not source or source in self._people:
            return
        listed = self._listed.get(source, {})
        title = one_line(user.get("displayName") or listed.get("displayName"), 100)
        mail = clean(listed.get("mail") or listed.get("userPrincipalName"))
        name = mail.partition("@")[0] or username(title) or source
        self._people[source] = Person(source, name, title or source, mail, active=bool(title or listed or bot), bot=bot)
        yield self._people[source]

    def _message(self, entry: dict[str, Any], place: str) -> Stream:
        body = mapping(entry.get("body"))
        content = clean(body.get("content"))
        if entry.get("messageType", "message") != "message" or _SYSTEM.fullmatch(content):
            self._archive.notes.pass_line()
            return
        at, source = clocks.of_iso(entry.get("createdDateTime")), clean(entry.get("id"))
        channel = clean(mapping(entry.get("channelIdentity")).get("channelId"))
        room = channel or clean(entry.get("chatId"))
        if at is None or not source or not room:
            self._archive.notes.lose("message", "has no time, id or room", place)
            return
        if room not in self._rooms:
            self._rooms.add(room)
            for member in objects(self._chats.get(room, {}).get("members")):
                yield from self._meet(_member(member))
            yield self._room(room, bool(channel))
        message = Message(
            room, source, None, at, order=int(source) if source.isdigit() and len(source) < 18 else 0, place=place
        )
        sender = mapping(entry.get("from"))
        for key, bot in (("user", False), ("application", True)):
            if who := mapping(sender.get(key)):
                yield from self._meet(who, bot=bot)
                message.author = clean(who.get("id")) or None
                break
        parent = clean(entry.get("replyToId"))
        message.thread = parent if parent and parent != source else None
        if entry.get("deletedDateTime"):
            message.deleted = True
        else:
            for mention in objects(entry.get("mentions")):
                yield from self._meet(mapping(mapping(mention.get("mentioned")).get("user")))
            if entry.get("lastEditedDateTime"):
                message.edited = clocks.of_iso(entry["lastEditedDateTime"]) or True
            self._fill(message, entry, content, body.get("contentType") == "html")
            yield from self._react(message, entry)
        yield message

    def _room(self, source: str, is_channel: bool) -> Room:
        pair = _PAIR.fullmatch(source)
        if pair:
            return Room(source, "direct", members=list(dict.fromkeys(pair.groups())))
        if not is_channel:
            chat = self._chats.get(source, {})
            members = [clean(_member(one).get("id")) for one in objects(chat.get("members"))]
            members = list(dict.fromkeys(one for one in members if one))
            return Room(source, "group", one_line(chat.get("topic"), 100), members=members or None)
        channel = self._channels.get(source, {})
        # The readers of a channel that no list describes are unknown: it counts as private.
        kind: RoomKind = "public" if channel.get("membershipType") == "standard" else "private"
        return Room(
            source,
            kind,
            one_line(channel.get("displayName"), 100),
            one_line(channel.get("description")),
            bool(channel.get("isArchived")),
        )

    def _fill(self, message: Message, entry: dict[str, Any], content: str, is_html: bool) -> None:
        text = _Body(self, message, entry).text(content) if is_html else escaped(content)
        subject = one_line(entry.get("subject"))
        parts = [styled(escaped(subject), "**") if subject else "", text]
        images, message.files = message.files, []
        for one in objects(entry.get("attachments")):
            parts.append(_attachment(one, message))
        message.text = joined(parts)
        message.files += images

    def mentioned(self, source: str, words: str) -> str:
        """The name of a person in a text."""
        person = self._people.get(source)
        return f"@{person.name if person else words}"

    def _react(self, message: Message, entry: dict[str, Any]) -> Stream:
        for reaction in objects(entry.get("reactions")):
            who = mapping(mapping(reaction.get("user")).get("user"))
            sign = clean(reaction.get("reactionType"))
            if not who.get("id") or not sign:
                self._archive.notes.lose("reaction", "names no person", message.place)
                continue
            yield from self._meet(who)
            people = message.reactions.setdefault(_WORDS.get(sign, sign), [])
            if who["id"] not in people:
                people.append(clean(who["id"]))


def _member(value: dict[str, Any]) -> dict[str, Any]:
    """A member of a chat as a user: the entry's own `id` identifies the membership."""
    return {"id": value.get("userId"), "displayName": value.get("displayName")}


class _Body:
    """The HTML of one message: mentions, emoji, images."""

    def __init__(self, reader: _Reader, message: Message, entry: dict[str, Any]) -> None:
        self._reader, self._message = reader, message
        self._mentions = {
            str(one.get("id")): clean(mapping(mapping(one.get("mentioned")).get("user")).get("id"))
            for one in objects(entry.get("mentions"))
        }

    def text(self, content: str) -> str:
        """The text as Markdown."""
        found = markdown(content, self._special)
        # First and last name of one person may be two tags.
        return re.sub("\x03([^\x03]*)\x03(?:[ \n]*\x03\\1\x03)*", lambda one: self._named(one[1]), found)

    def _named(self, kept: str) -> str:
        source, _, words = kept.partition("\x04")
        return self._reader.mentioned(source, words) if source else f"@{words}"

    def _special(self, tag: str, attributes: Attributes, words: str) -> str | None:
        if tag == "at":
            source = self._mentions.get(attributes.get("id", ""), "")
            return f"\x03{source}\x04{'' if source in self._reader._people else words}\x03"
        if tag == "emoji":
            return attributes.get("alt", "") or words
        if tag == "attachment":
            return ""
        if tag == "img":
            alt = clean(attributes.get("alt"))
            if "emoji" in attributes.get("itemtype", "").lower():
                return alt
            address = clean(attributes.get("src"))
            if address:
                self._message.files.append(File(one_line(alt, 255) or "image", state="link", url=address))
            return ""
        return None


def _attachment(one: dict[str, Any], message: Message) -> str:
    kind, content = clean(one.get("contentType")), one.get("content")
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except (ValueError, RecursionError):
            content = {}
    value = mapping(content)
    name, address = one_line(one.get("name"), 255), clean(one.get("contentUrl"))
    if kind == "messageReference":
        if message.reply_to is None and message.thread is None:
            message.reply_to = clean(value.get("messageId") or one.get("id")) or None
        return ""
    if kind == "forwardedMessageReference":
        words = clean(value.get("originalMessageContent") or value.get("messagePreview"))
        return quoted(markdown(words)) if words else ""
    if kind == "reference" or (address and not value):
        message.files.append(File(name or "file", state="link", url=address))
        return ""
    return joined(_card_words(value)) or link(name, address)


def _card_words(value: Any, depth: int = 0) -> list[str]:
    """The texts of a card of any kind, in its order."""
    if depth > 12:
        return []
    if isinstance(value, list):
        return [words for one in value for words in _card_words(one, depth + 1)]
    if not isinstance(value, dict):
        return []
    found = [clean(value[key]) for key in ("title", "subtitle", "text") if isinstance(value.get(key), str)]
    for key in ("body", "items", "columns", "facts", "sections"):
        found += _card_words(value.get(key), depth + 1)
    if isinstance(value.get("value"), str) and "title" in value:
        found = [f"**{clean(value['title'])}** {clean(value['value'])}"]
    return found


def _camel(value: Any, depth: int = 0) -> Any:
    """Convert keys to Graph's form: PowerShell's files capitalise them."""
    if depth > 30:
        return None
    if isinstance(value, list):
        return [_camel(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _camel(one, depth + 1) for key, one in value.items()}
    return value
