"""Matrix rooms as Element exports them in JSON, alone or in a zip with the attachments."""

import re
from typing import Any

from chat.importing import clocks
from chat.importing.archives import Archive
from chat.importing.documents import facts, items
from chat.importing.html_text import Attributes, markdown
from chat.importing.stream import File, Message, NotAnExport, Options, Person, Reaction, Room, Stream
from chat.importing.words import clean, emote, escaped, joined, mapping, objects, one_line, whole

_MEDIA = {"m.image", "m.file", "m.video", "m.audio"}
_FOLDERS = ("images", "videos", "audio", "files", "stickers")
_POLLS = {"m.poll.start", "org.matrix.msc3381.poll.start"}
_PERMALINK = re.compile(r"https://matrix\.to/#/(@[^/?]+)")
_FALLBACK = re.compile(r"\A(?:> .*\n|>\n)+\n?")
_MARKUP = "org.matrix.custom.html"


def read(archive: Archive, _options: Options) -> Stream:
    """The stream of one or more rooms.

    Raises:
        NotAnExport: no file has `room_name` and `messages`.
    """
    found = False
    for name in archive.names(suffix=".json"):
        head = facts(archive, name, "room_name", "topic", "room_creator", "exported_by", until="messages")
        if "room_name" in head:
            found = True
            yield from _Reader(archive, name, head).read()
    if not found:
        raise NotAnExport("no JSON with `room_name` and `messages`: this is no export of Element")


class _Reader:
    def __init__(self, archive: Archive, name: str, head: dict[str, Any]) -> None:
        self._archive, self._name, self._head = archive, name, head
        self._folder = name.rpartition("/")[0]
        self._people: dict[str, Person] = {}
        self._titles: dict[str, str] = {}
        self._room = ""
        self._media: dict[str, list[str]] = {}
        # Edits as separate events, as programs other than Element keep them: the newest for each message.
        self._edits: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}

    def read(self) -> Stream:
        """Names, edits and the room's id are only in the events, so these are read twice."""
        public = False
        for event, _ in items(self._archive, self._name, "messages"):
            self._room = self._room or clean(event.get("room_id"))
            content = mapping(event.get("content"))
            if event.get("type") == "m.room.member":
                before = mapping(mapping(event.get("unsigned")).get("prev_content"))
                if title := clean(content.get("displayname")) or clean(before.get("displayname")):
                    self._titles[clean(event.get("state_key") or event.get("sender"))] = one_line(title, 100)
            self._note_edit(event, content)
            public = public or (event.get("type") == "m.room.join_rules" and content.get("join_rule") == "public")
        title, topic = one_line(self._head.get("room_name"), 100), one_line(self._head.get("topic"))
        self._room = self._room or title
        yield Room(self._room, "public" if public else "private", title, topic)
        self._find_media()
        for number, (event, place) in enumerate(items(self._archive, self._name, "messages")):
            with self._archive.notes.entry(place):
                yield from self._event(event, place, number)

    def _note_edit(self, event: dict[str, Any], content: dict[str, Any]) -> None:
        relation, at = mapping(content.get("m.relates_to")), whole(event.get("origin_server_ts"))
        new = mapping(content.get("m.new_content"))
        # Only the author can edit a message; edits by others are ignored.
        source = (clean(relation.get("event_id")), clean(event.get("sender")))
        if relation.get("rel_type") == "m.replace" and new and at is not None:
            self._edits[source] = max(self._edits.get(source, (-1, new)), (at, new), key=lambda one: one[0])

    def _find_media(self) -> None:
        """Index files by the part of their name that the message has: Element appends the date."""
        for folder in _FOLDERS:
            for path in self._archive.names(f"{self._folder}/{folder}" if self._folder else folder):
                name = path.rpartition("/")[2]
                stem = re.sub(r"-\d{4}[-.]\d\d[-.]\d\d.*?(\.\w+)?\Z", r"\1", name)
                self._media.setdefault(stem if stem != name else name, []).append(path)

    def _event(self, event: dict[str, Any], place: str, number: int) -> Stream:
        kind, at = clean(event.get("type")), clocks.of_millis(event.get("origin_server_ts"))
        source, sender = clean(event.get("event_id")), clean(event.get("sender"))
        if "state_key" in event or kind.startswith("m.call.") or kind == "m.room.member":
            self._archive.notes.pass_line()
            return
        if kind == "m.reaction":
            yield from self._reaction(mapping(mapping(event.get("content")).get("m.relates_to")), sender)
            return
        if kind not in {"m.room.message", "m.sticker", "m.room.encrypted", *_POLLS}:
            self._archive.notes.lose("entry", f"is of the unknown kind {kind[:60]}", place)
            return
        if at is None or not source:
            self._archive.notes.lose("message", "has no time or id", place)
            return
        unsigned = mapping(event.get("unsigned"))
        content, edited = self._newest((source, sender), mapping(event.get("content")), unsigned, place)
        if mapping(content.get("m.relates_to")).get("rel_type") == "m.replace":
            self._archive.notes.skip("edits as events of their own")
            return
        if sender and sender not in self._people:
            self._people[sender] = self._person(sender)
            yield self._people[sender]
        message = Message(self._room, source, sender or None, at, edited=edited, order=number, place=place)
        if not content and ("redacted_because" in unsigned or "redacted_by" in unsigned):
            message.deleted = True
            message.edited = None
        else:
            self._relate(message, mapping(event.get("content")))
            self._fill(message, kind, content)
            self._count_reactions(unsigned, place)
        yield message

    def _person(self, source: str) -> Person:
        local = source.removeprefix("@").partition(":")[0]
        return Person(source, local, self._titles.get(source) or local)

    def _reaction(self, relation: dict[str, Any], sender: str) -> Stream:
        """Read a reaction. Element leaves reactions out; other programs keep them."""
        source, sign = clean(relation.get("event_id")), clean(relation.get("key"))
        if not source or not sign or not sender:
            # A removed reaction leaves an empty event.
            self._archive.notes.skip("reactions that were taken back")
            return
        if sender not in self._people:
            self._people[sender] = self._person(sender)
            yield self._people[sender]
        yield Reaction(source, sign, sender, self._room)

    def _newest(self, source: tuple[str, str], content: dict[str, Any], unsigned: dict[str, Any], place: str) -> Any:
        """The newest text: it is in the content only if the exporting client knew the edit."""
        if content and source in self._edits:
            at, new = self._edits[source]
            return new, clocks.of_millis(at) or True
        replaced = mapping(mapping(unsigned.get("m.relations")).get("m.replace"))
        if not replaced or not content:
            return content, None
        edited = clocks.of_millis(replaced.get("origin_server_ts")) or True
        by = mapping(replaced.get("content"))
        if new := mapping(by.get("m.new_content")):
            return new, edited
        if by.get("ciphertext") or by.get("algorithm"):
            self._archive.notes.lose("text", "was edited, and the new text is encrypted", place)
        return content, edited

    def _relate(self, message: Message, content: dict[str, Any]) -> None:
        relation = mapping(content.get("m.relates_to"))
        reply = clean(mapping(relation.get("m.in_reply_to")).get("event_id"))
        if relation.get("rel_type") in {"m.thread", "io.element.thread"}:
            message.thread = clean(relation.get("event_id")) or None
            if relation.get("is_falling_back", False):
                reply = ""
        message.reply_to = reply or None

    def _fill(self, message: Message, kind: str, content: dict[str, Any]) -> None:
        sort, body = clean(content.get("msgtype")), clean(content.get("body"))
        if kind == "m.room.encrypted" or sort == "m.bad.encrypted":
            self._archive.notes.lose("text", "could not be decrypted by who exported", message.place)
        elif kind in _POLLS:
            message.text = _poll(content)
        elif kind == "m.sticker":
            message.files = [self._file(content, body, sticker=True)]
        elif sort in _MEDIA:
            name = clean(content.get("filename"))
            message.files = [self._file(content, name or body)]
            if name and name != body:
                message.text = self._words(content, body, message)
        elif sort == "m.location":
            message.text = joined([body, clean(content.get("geo_uri"))])
        else:
            text = self._words(content, body, message)
            message.text = emote(text) if sort == "m.emote" else text

    def _words(self, content: dict[str, Any], body: str, message: Message) -> str:
        if content.get("format") == _MARKUP and clean(content.get("formatted_body")):
            return markdown(content["formatted_body"], self._special)
        if message.reply_to:
            body = _FALLBACK.sub("", body)
        return escaped(body)

    def _special(self, tag: str, attributes: Attributes, _words: str) -> str | None:
        if tag == "a":
            address = attributes.get("href", "").replace("%40", "@").replace("%3A", ":")
            if found := _PERMALINK.match(address):
                person = self._people.get(found[1]) or self._person(found[1])
                return f"@{person.name}"
        if tag == "img":
            # The only name of a custom emoji is its text `:name:`.
            return clean(attributes.get("alt") or attributes.get("title"))
        return None

    def _file(self, content: dict[str, Any], name: str, *, sticker: bool = False) -> File:
        address = clean(content.get("url") or mapping(content.get("file")).get("url"))
        size = whole(mapping(content.get("info")).get("size"))
        name = one_line(name, 255)
        places = self._media.get(name)
        if places:
            path = places.pop(0) if len(places) > 1 else places[0]
            return File(name, self._archive.size(path), "sticker" if sticker else "present", address, path)
        return File(name, size, "sticker" if sticker else "link", address)

    def _count_reactions(self, unsigned: dict[str, Any], place: str) -> None:
        counted = mapping(mapping(unsigned.get("m.relations")).get("m.annotation"))
        for one in objects(counted.get("chunk")):
            self._archive.notes.lose_reactions(whole(one.get("count")) or 0, place)


def _poll(content: dict[str, Any]) -> str:
    poll = mapping(content.get("m.poll") or content.get("m.poll.start") or content.get("org.matrix.msc3381.poll.start"))
    if text := _said(content):
        return text
    answers = [_said(one) for one in objects(poll.get("answers"))]
    return joined(
        [_said(mapping(poll.get("question"))), *(f"{number}. {one}" for number, one in enumerate(answers, start=1))]
    )


def _said(value: dict[str, Any]) -> str:
    for key in ("m.text", "org.matrix.msc1767.text", "body"):
        found = value.get(key)
        if isinstance(found, list):
            found = next((one.get("body") for one in objects(found)), "")
        if clean(found):
            return clean(found)
    return ""
