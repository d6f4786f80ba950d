"""WhatsApp: the text of one chat, as Android or iOS export it, with or without media."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from chat.importing import clocks
from chat.importing.archives import Archive
from chat.importing.documents import DAMAGE, TEXT_LINE_MAX, text_lines
from chat.importing.stream import File, Message, NotAnExport, Options, Person, Room, Stream
from chat.importing.whatsapp_lines import (
    Beginning,
    beginning,
    deleted,
    edited,
    is_foreign,
    is_notice,
    media,
)
from chat.importing.words import Shelf, clean, code, derived_id, fence, marked, one_line, username

_CODE = re.compile(r"```(.+?)```|`([^`\n]+)`", re.DOTALL)
_FILE_TITLE = re.compile(
    r"WhatsApp[ -]Chat (?:with|mit|con|com|avec|met|con il gruppo|z|med|-) ?(.+)"
    r"|(?:Chat|Conversa|Conversación|Discussion) (?:de|do) WhatsApp (?:con|com|avec) (.+)"
    r"|Discussion WhatsApp avec (.+)"
)
# The end of a name that contains ": ", before text by the phone; an edit mark begins with "<".
_LONG_NAME = re.compile("([^\u200e\n:]{1,60}): \u200e(?!<)")
_QUOTED = re.compile(r"[\"“„«']([^\"“”„«»]+)[\"”“»']")


def read(archive: Archive, options: Options) -> Stream:
    """The stream of a chat.

    Raises:
        NotAnExport: no text begins as a chat does, the zone is not given, or the order of day and month is unknown.
    """
    found = False
    for name in _texts(archive):
        reader = _Reader(archive, name, options)
        if reader.survey():
            found = True
            yield from reader.read()
    if not found:
        raise NotAnExport("no text whose first line is a WhatsApp message with its date")


def _texts(archive: Archive) -> list[str]:
    texts = [name for name in archive.names() if name.lower().endswith(".txt") or len(archive.sizes) == 1]
    chats = [name for name in texts if name.rpartition("/")[2] == "_chat.txt" or "WhatsApp" in name.rpartition("/")[2]]
    return chats or texts


class _Survey:
    """Facts that only the whole file shows: who writes, how lines end, which number is the day."""

    def __init__(self) -> None:
        self.first: Beginning | None = None
        self.speaks: Counter[str] = Counter()
        self.notices: Counter[str] = Counter()
        self.title = ""
        # Quoted texts in the phone's own lines: names of the group, among others.
        self.quoted: set[str] = set()
        self.day_first: bool | None = None
        self.foreign = False
        self.splits_at_crlf = False


class _Reader:
    def __init__(self, archive: Archive, name: str, options: Options) -> None:
        self._archive, self._name, self._options = archive, name, options
        self._found = _Survey()
        self._people: dict[str, Person] = {}
        self._folder = name.rpartition("/")[0]

    def survey(self) -> bool:
        """Read the file once. Returns whether it is a chat."""
        # Counts how lines end that come directly before a message.
        ends: Counter[bool] = Counter()
        before = b""
        try:
            with self._archive.open(self._name) as file:
                for line in text_lines(file):
                    if before and beginning(line[:200].decode("utf-8-sig", "replace"), None):
                        ends[before.endswith(b"\r\n")] += 1
                    before = line
        except DAMAGE as error:
            self._archive.notes.lose("file", f"is damaged in the archive: {error}", self._name)
        # iOS ends messages with CRLF and lines inside them with LF. In other files a CRLF may come from pasted text.
        self._found.splits_at_crlf = ends[True] > ends[False]
        for start, text, _ in self._messages():
            self._note(start, text)
        if self._found.first is None:
            return False
        self._found.day_first = self._order_of_date()
        self._found.title = self._title()
        return True

    def _note(self, start: Beginning, text: str) -> None:
        found = self._found
        if found.first is None:
            found.first = start
        numbers = start.numbers
        if found.day_first is None and len(str(numbers[0])) < 3:
            if numbers[0] > 12:
                found.day_first = True
            elif numbers[1] > 12:
                found.day_first = False
        if start.author is None or "\u200e" in text or media(text):
            # Only the phone's own text counts; people write in any language.
            found.foreign = found.foreign or is_foreign(text)
        if start.author:
            known = media(text) or deleted(text) is not None
            rest = _LONG_NAME.match(text) if start.bracket else None
            aside = start.bracket and (text.startswith("\u200e") or rest or start is found.first) and not known
            aside = aside and (text.startswith("\u200e") or bool(rest) or is_notice(text))
            name = f"{start.author}: {rest[1]}" if rest and aside else start.author
            (found.notices if aside else found.speaks)[name] += 1
        elif start.author is None:
            quotes = _QUOTED.findall(text)
            found.quoted.update(quotes[-1:] if len(found.quoted) < 1000 else ())
            if len(quotes) >= 2:
                found.title = quotes[-1]

    def _order_of_date(self) -> bool:
        found, first = self._found, self._found.first
        if first is None or len(str(first.numbers[0])) == 4 or first.separator == ".":
            return True
        if self._options.day_first is not None:
            return self._options.day_first
        if found.day_first is not None:
            return found.day_first
        if found.foreign:
            return True
        raise NotAnExport(f"{self._name}: the order of day and month cannot be seen: pass --day-first or --month-first")

    def _title(self) -> str:
        file = self._name.rpartition("/")[2].removesuffix(".txt")
        # iOS names the text `_chat.txt`, and the archive after the chat.
        named = _FILE_TITLE.fullmatch(file) or _FILE_TITLE.fullmatch(self._archive.label)
        title = next((part for part in named.groups() if part), "") if named else ""
        # A file's name lacks some characters of the group's name.
        wanted = _letters(title)
        title = next((name for name in sorted(self._found.quoted) if title and _letters(name) == wanted), title)
        nobody = [name for name in self._found.notices if not self._found.speaks[name]]
        contact = [name for name in self._found.notices if self._found.speaks[name]]
        return one_line(title or next(iter(nobody or contact), "") or self._archive.label or "WhatsApp", 100)

    def read(self) -> Stream:
        """The room, then its messages."""
        if not self._options.zone:
            raise NotAnExport(f"{self._name}: has local times: name the zone of the phone with --zone")
        found = self._found
        speakers = [name for name, count in found.speaks.items() if count]
        direct = len(speakers) <= 2 and (found.title in speakers or found.title == "WhatsApp")
        room = Room(found.title, "direct" if direct else "group", found.title)
        yield room
        clock = clocks.LocalClock(self._options.zone)
        for number, (start, text, line) in enumerate(self._messages()):
            place = f"{self._name}: line {line}"
            local = start.local(bool(found.day_first))
            if local is None:
                self._archive.notes.lose("message", "has a date that does not exist", place)
                continue
            at = clock.utc(local)
            system = start.author is None or not found.speaks[start.author]
            if system or (start.bracket and self._is_aside(start, text)):
                self._archive.notes.pass_line()
                continue
            yield from self._message(room, str(start.author), at, text, number, place)

    def _is_aside(self, start: Beginning, text: str) -> bool:
        """Whether this is the phone's own text, which iOS puts under the name of a person who also writes."""
        if not text.startswith("\u200e"):
            # Copies of the text may have lost their direction marks.
            return start == self._found.first and is_notice(text)
        return is_notice(text) or text.lstrip("\u200e").startswith(f"{start.author} ")

    def _message(self, room: Room, author: str, at: datetime, text: str, number: int, place: str) -> Stream:
        if author not in self._people:
            self._people[author] = Person(author, username(author) or author, author)
            yield self._people[author]
        source = derived_id(room.id, author, at.isoformat(), text)
        message = Message(room.id, source, author, at, derived=True, order=number, place=place)
        if deleted(text) is not None:
            message.deleted = True
            yield message
            return
        text, message.edited = edited(text)
        if attached := media(text):
            name, text = attached
            message.files = [self._file(name)]
        message.text = markdown(clean(text.replace("\u200e", "").strip("\n")).strip())
        yield message

    def _file(self, name: str) -> File:
        if not name:
            return File("", state="omitted")
        path = f"{self._folder}/{name}" if self._folder else name
        if path in self._archive:
            return File(name, self._archive.size(path), "present", path=path)
        return File(name, state="missing")

    def _messages(self) -> Iterator[tuple[Beginning, str, int]]:
        """Each message with its text and the number of its line; other lines continue the message before."""
        start, parts, begun, number, size = None, [], 0, 0, 0
        try:
            with self._archive.open(self._name) as file:
                for line, number in self._lines(file):
                    found = beginning(line, self._found.first or start)
                    if found:
                        if start:
                            yield start, "\n".join(parts), begun
                        start, parts, begun, size = found, [found.text], number, len(found.text)
                    elif start is None:
                        # None of the first lines begins a message: this is another text.
                        if number > 5:
                            return
                    elif size < TEXT_LINE_MAX:
                        size += len(line) + 1
                        parts.append(line)
        except DAMAGE as error:
            self._archive.notes.lose("file", f"is damaged in the archive: {error}", f"{self._name}: line {number}")
        if start:
            yield start, "\n".join(parts), begun

    def _lines(self, file: IO[bytes]) -> Iterator[tuple[str, int]]:
        held, number = b"", 0
        for count, raw in enumerate(text_lines(file), start=1):
            if not held:
                number = count
            if self._found.splits_at_crlf and not raw.endswith(b"\r\n") and len(held) < TEXT_LINE_MAX:
                held += raw
                continue
            yield (held + raw).decode("utf-8-sig", "replace").rstrip("\r\n"), number
            held = b""
        if held:
            yield held.decode("utf-8-sig", "replace").rstrip("\r\n"), number


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def markdown(text: str) -> str:
    """The text of a message as our Markdown."""
    if not text:
        return ""
    shelf = Shelf()
    kept = _CODE.sub(lambda found: shelf.put(_code(found[1] or found[2])), text)
    kept = re.sub(r"https?://\S+", lambda found: shelf.put(found[0]), kept)
    return shelf.filled(marked(kept))


def _code(text: str) -> str:
    return fence(text) if "\n" in text else code(text)
