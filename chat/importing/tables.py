"""CSV of any chat: a header line, then one message per row. For chats without a reader of their own."""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO

from chat.importing import clocks
from chat.importing.archives import Archive
from chat.importing.documents import DAMAGE, LINE_MAX, text_lines
from chat.importing.stream import Message, NotAnExport, Options, Person, Room, RoomKind, Stream
from chat.importing.words import clean, derived_id, one_line, username

# Each column by the titles that it may have.
COLUMNS = {
    "time": ("time", "timestamp", "date", "datetime", "sent", "sent_at", "created_at"),
    "author": ("author", "username", "user", "from", "sender"),
    "text": ("text", "message", "body", "content"),
    "room": ("room", "channel", "chat", "conversation"),
    "kind": ("kind", "room_kind"),
    "id": ("id", "message_id"),
    "reply_to": ("reply_to", "in_reply_to"),
    "thread": ("thread", "thread_id"),
    "name": ("name", "display_name"),
    "email": ("email", "e-mail"),
}
_NEEDED = ("time", "author", "text")
_KINDS: dict[str, RoomKind] = {"public": "public", "private": "private", "group": "group", "direct": "direct"}
_SEPARATORS = ",;\t|"
_LOCAL = re.compile(
    r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4}),? (\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([ap])\.?m\.?)?\Z", re.IGNORECASE
)
# Larger numbers are milliseconds: as seconds since 1970, this is the year 5138.
_SECONDS_MAX = 10**11


def read(archive: Archive, options: Options) -> Stream:
    """The stream of one or more files.

    Raises:
        NotAnExport: no file has the columns time, author and text, or its times need a zone or an order.
    """
    names = [name for name in archive.names() if name.lower().endswith((".csv", ".tsv", ".txt"))]
    found = False
    for name in names or (archive.names() if len(archive.sizes) == 1 else []):
        reader = _Reader(archive, name, options)
        if reader.begin():
            found = True
            yield from reader.read()
    if not found:
        raise NotAnExport(f"no file whose first line names the columns {', '.join(_NEEDED)}")


class _Reader:
    def __init__(self, archive: Archive, name: str, options: Options) -> None:
        self._archive, self._name, self._options = archive, name, options
        self._separator = ","
        self._columns: dict[str, int] = {}
        self._clocks: dict[str, clocks.LocalClock] = {}
        self._people: set[str] = set()
        self._rooms: dict[str, Room] = {}

    def begin(self) -> bool:
        """Read the header line. Returns whether it has the required columns."""
        try:
            with self._archive.open(self._name) as file:
                first = next(text_lines(file), b"").decode("utf-8-sig", "replace")
        except DAMAGE as error:
            self._archive.notes.lose("file", f"is damaged in the archive: {error}", self._name)
            return False
        self._separator = max(_SEPARATORS, key=first.count)
        try:
            titles = next(csv.reader([first], delimiter=self._separator), [])
        except csv.Error:
            return False
        known = {title: column for column, names in COLUMNS.items() for title in names}
        for number, title in enumerate(titles):
            column = known.get(title.strip().lower().replace(" ", "_"))
            if column:
                self._columns.setdefault(column, number)
        return all(column in self._columns for column in _NEEDED)

    def read(self) -> Stream:
        """Rooms and people as rows name them, and the messages."""
        for number, row in enumerate(self._rows(), start=2):
            yield from self._message(row, f"{self._name}: row {number}", number)

    def _rows(self) -> Iterator[dict[str, str]]:
        # A limit of the whole process. A field is a message, which may be longer than Python's default of 131,072.
        csv.field_size_limit(LINE_MAX)
        try:
            with self._archive.open(self._name) as file:
                rows = csv.reader(_texts(file), delimiter=self._separator)
                next(rows, None)
                while True:
                    try:
                        row = next(rows)
                    except StopIteration:
                        return
                    except csv.Error as error:
                        place = f"{self._name}: line {rows.line_num}"
                        self._archive.notes.lose("line", f"cannot be read as CSV: {error}", place)
                        continue
                    if any(row):
                        yield {name: row[at] for name, at in self._columns.items() if at < len(row)}
        except DAMAGE as error:
            self._archive.notes.lose("file", f"is damaged in the archive: {error}", self._name)

    def _message(self, row: dict[str, str], place: str, number: int) -> Stream:
        author, text = one_line(row.get("author"), 100), clean(row.get("text"))
        room = self._room(row)
        at = self._at(row.get("time", "").strip(), room.id)
        if at is None or not author:
            self._archive.notes.lose("message", "has no time" if at is None else "has no author", place)
            return
        if room.id not in self._rooms:
            self._rooms[room.id] = room
            yield room
        if author not in self._people:
            self._people.add(author)
            title = one_line(row.get("name"), 100) or author
            yield Person(author, username(author) or author, title, clean(row.get("email")).strip())
        source = one_line(row.get("id"), 200)
        thread = one_line(row.get("thread"), 200)
        yield Message(
            room.id,
            source or derived_id(room.id, author, at.isoformat(), text),
            author,
            at,
            text,
            thread=thread if thread and thread != source else None,
            reply_to=one_line(row.get("reply_to"), 200) or None,
            derived=not source,
            order=number,
            place=place,
        )

    def _room(self, row: dict[str, str]) -> Room:
        file = self._name.rpartition("/")[2]
        title = one_line(row.get("room"), 100) or file.rpartition(".")[0] or file
        # Without `kind`, its readers are unknown: it counts as private.
        return Room(title, _KINDS.get(row.get("kind", "").strip().lower(), "private"), title)

    def _at(self, text: str, room: str) -> datetime | None:
        if re.fullmatch(r"\d{1,16}(?:\.\d+)?", text, re.ASCII):
            return clocks.of_millis(float(text)) if float(text) > _SECONDS_MAX else clocks.of_seconds(text)
        try:
            local: datetime | None = datetime.fromisoformat(text)
        except ValueError:
            local = self._local(text)
        if local is None or local.tzinfo is not None:
            return local and local.astimezone(UTC)
        if not self._options.zone:
            raise NotAnExport(f"{self._name}: has local times: name their zone with --zone")
        return self._clocks.setdefault(room, clocks.LocalClock(self._options.zone)).utc(local)

    def _local(self, text: str) -> datetime | None:
        found = _LOCAL.match(text)
        if not found:
            return None
        a, b, c, hour, minute, second = (int(one or 0) for one in found.groups()[:6])
        if half := (found[7] or "").lower():
            hour = hour % 12 + (12 if half == "p" else 0)
        year, month, day = (a, b, c) if a > 31 else (c, b, a) if self._day_first(a, b, text) else (c, a, b)
        try:
            return datetime(year if year > 99 else 2000 + year, month, day, hour, minute, second)
        except ValueError:
            return None

    def _day_first(self, a: int, b: int, text: str) -> bool:
        if "." in text.partition(" ")[0] or a > 12:
            return True
        if b > 12:
            return False
        if self._options.day_first is None:
            raise NotAnExport(f"{self._name}: {text} may be read in two ways: pass --day-first or --month-first")
        return self._options.day_first


def _texts(file: IO[bytes]) -> Iterator[str]:
    """The lines as text: UTF-8, or Windows-1252 from older spreadsheets."""
    while line := file.readline(LINE_MAX):
        try:
            yield line.decode("utf-8-sig")
        except UnicodeDecodeError:
            yield line.decode("cp1252", "replace")
