"""IRC logs of irssi, WeeChat and ZNC: one file per target, in ZNC one per target and day."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from chat.importing import clocks
from chat.importing.archives import Archive
from chat.importing.documents import DAMAGE, text_lines
from chat.importing.irc_dates import day_of
from chat.importing.stream import Message, NotAnExport, Options, Person, Room, Stream
from chat.importing.words import clean, derived_id, one_line

_ZNC = re.compile(r"(?:(?:.*/)?([^/]+)/)?([^/]+)/(\d{4})-(\d\d)-(\d\d)\.log\Z")
# The name of a network may contain dots, a nick may not.
_WEECHAT = re.compile(r"(?:.*/)?irc\.([^/]+?)\.([#&+!][^/]*|[^/.]+)\.weechatlog\Z")
_IRSSI = re.compile(r"(?:(?:.*/)?([^/]+)/)?([^/]+?)\.log\Z")
# Bold, colour, reset, monospace, reverse, italic, struck, underlined: ZNC keeps them.
_CONTROLS = re.compile("\x03(?:\\d{1,2}(?:,\\d{1,2})?)?|\x04[0-9a-fA-F]{0,6}|[\x02\x0f\x11\x16\x1d\x1e\x1f\x00-\x08]")
_SIGNS = "@+%&~! "
# A theme or a setting may put the date before the time, and brackets around it.
_IRSSI_LINE = re.compile(r"\[?(?:(\d{4}-\d\d-\d\d)[ T])?\[?(\d\d):(\d\d)(?::(\d\d))?\]?(?: |\Z)(.*)\Z", re.DOTALL)
_SAID = re.compile(r"<([^<>\s]|[@+%&~! ]?[^<>\s]+)> ?(.*)\Z", re.DOTALL)
_NOTICE = re.compile(r"-([^\s:()-][^\s:()]*?)(?:\([^()]*\))?(?::[^\s]+)?- (.*)\Z", re.DOTALL)
_ACTION = re.compile(r" ?\* (\S+) ?(.*)\Z", re.DOTALL)
_ZNC_LINE = re.compile(r"\[(\d\d):(\d\d):(\d\d)\] (.*)\Z", re.DOTALL)
# The time in the default format, with a fraction, or in UTC, as set by `logger.file.time_format`.
_WEECHAT_LINE = re.compile(
    r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?)(Z|[+-]\d\d:?\d\d)?\t([^\t]*)\t(.*)\Z", re.DOTALL
)
_ANSI = re.compile("\x1b\\[[0-9;]*m")
_WEECHAT_NOTICE = re.compile(r"Notice\(([^()\s]+)\): (.*)\Z", re.DOTALL)
_EVENTS = {"-->", "<--", "--", "=!=", "", "-!-"}
_LIST = re.compile(r"\A([-+*]|#{1,6}) ")

# The content of a line: the nick, the text, and whether it is an action.
Said = tuple[str, str, bool]


def read(archive: Archive, options: Options) -> Stream:
    """The stream of a folder of logs, or of one.

    Raises:
        NotAnExport: no log of these programs is there, or the zone is not given.
    """
    logs = list(_logs(archive))
    if not logs:
        raise NotAnExport("no log of irssi (--- Log opened), WeeChat (.weechatlog) or ZNC (YYYY-MM-DD.log)")
    if not options.zone:
        raise NotAnExport(f"{logs[0].name}: has local times: name the zone of the computer with --zone")
    reader = _Reader(archive, options, logs)
    yield from reader.read()


class _Log:
    """A log file: where it belongs, and which program wrote it."""

    def __init__(self, name: str, program: str, network: str, target: str, day: date | None = None) -> None:
        self.name, self.program, self.network, self.target, self.day = name, program, network, target, day


def _logs(archive: Archive) -> Iterator[_Log]:
    for name in archive.names():
        if found := _WEECHAT.match(name):
            if found[1] != "server":
                yield _Log(name, "weechat", found[1], found[2])
        elif found := _ZNC.match(name):
            if found[2] == "status":
                continue
            if day := _day("-".join(found.groups()[2:])):
                yield _Log(name, "znc", found[1] or "", found[2], day)
            else:
                archive.notes.lose("file", "is called by a day that does not exist", name)
        elif name.endswith(".weechatlog"):
            archive.notes.skip("logs of no conversation")
        elif (found := _IRSSI.match(name)) and _begins(archive, name, b"--- Log opened"):
            yield _Log(name, "irssi", found[1] or "", found[2])


def _begins(archive: Archive, name: str, head: bytes) -> bool:
    try:
        with archive.open(name) as file:
            return head in file.read(4096)
    except DAMAGE:
        return False


class _Reader:
    def __init__(self, archive: Archive, options: Options, logs: list[_Log]) -> None:
        self._archive, self._zone = archive, options.zone
        self._logs: dict[tuple[str, str], list[_Log]] = {}
        for log in logs:
            self._logs.setdefault((log.network.lower(), log.target.lower()), []).append(log)
        self._people: dict[str, Person] = {}

    def read(self) -> Stream:
        """Each target with its lines; the same channel of a second network gets the network as a prefix."""
        taken: set[str] = set()
        for (network, target), logs in self._logs.items():
            source = target if target not in taken else f"{network}/{target}"
            taken.add(source)
            public = target[:1] in "#&+!"
            room = Room(source, "public" if public else "direct", one_line(logs[0].target, 100))
            yield room
            clock, order = clocks.LocalClock(self._zone), 0
            for log in sorted(logs, key=lambda one: (one.day or date.min, one.name)):
                for local, said, place in self._entries(log):
                    order += 1
                    at = clock.utc(local) if local.tzinfo is None else local.astimezone(UTC)
                    yield from self._message(room, at, said, order, place)

    def _message(self, room: Room, at: datetime, said: Said, order: int, place: str) -> Stream:
        nick, words, action = said
        source = nick.lower()
        if source not in self._people:
            self._people[source] = Person(source, nick, nick)
            yield self._people[source]
        text = _CONTROLS.sub("", words).strip()
        # A list or heading sign at the beginning is plain text in IRC.
        text = f"*{text}*" if action and text else _LIST.sub(r"\\\1 ", clean(text))
        key = derived_id(room.id, source, at.isoformat(), text)
        yield Message(room.id, key, source, at, text, derived=True, order=order, place=place)

    def _entries(self, log: _Log) -> Iterator[tuple[datetime, Said, str]]:
        read = {"irssi": self._irssi, "weechat": self._weechat, "znc": self._znc}[log.program]
        return read(log)

    def _lines(self, log: _Log) -> Iterator[tuple[str, str]]:
        number = 0
        try:
            with self._archive.open(log.name) as file:
                for number, raw in enumerate(text_lines(file), start=1):
                    yield _decoded(raw).rstrip("\r\n"), f"{log.name}: line {number}"
        except DAMAGE as error:
            self._archive.notes.lose("file", f"is damaged in the archive: {error}", f"{log.name}: line {number}")

    def _irssi(self, log: _Log) -> Iterator[tuple[datetime, Said, str]]:
        day: date | None = None
        for line, place in self._lines(log):
            if line.startswith("--- Log closed"):
                continue
            if line.startswith(("--- Log opened", "--- Day changed")):
                found = day_of(line, day)
                if found is None:
                    self._archive.notes.lose("line", "names a day in a language that is not known", place)
                day = found or (day + timedelta(days=1) if day and "Day" in line else day)
                continue
            clock = _IRSSI_LINE.match(line)
            day = (_day(clock[1]) if clock and clock[1] else None) or day
            if not clock or day is None:
                if line.strip():
                    self._archive.notes.lose("line", "has no time, or no day before it", place)
                continue
            rest = clock[5]
            if rest.startswith("-!-"):
                self._pass()
            elif said := _said(rest):
                if (local := _local(day, clock[2], clock[3], clock[4])) is not None:
                    yield local, said, place
            else:
                self._archive.notes.lose("line", "is in no known form", place)

    def _znc(self, log: _Log) -> Iterator[tuple[datetime, Said, str]]:
        for line, place in self._lines(log):
            clock = _ZNC_LINE.match(line)
            if not clock or log.day is None:
                if line.strip():
                    self._archive.notes.lose("line", "has no time", place)
            elif clock[4].startswith("*** "):
                self._pass()
            elif said := _said(clock[4]):
                if (local := _local(log.day, clock[1], clock[2], clock[3])) is not None:
                    yield local, said, place
            else:
                self._archive.notes.lose("line", "is in no known form", place)

    def _weechat(self, log: _Log) -> Iterator[tuple[datetime, Said, str]]:
        for line, place in self._lines(log):
            # `logger.file.color_lines` adds colours, `logger.file.info_lines` adds the beginning and end of a log.
            line = _ANSI.sub("", line) if "\x1b" in line else line
            found = _WEECHAT_LINE.match(line)
            if not found and "\t****  " in line:
                self._pass()
                continue
            local = _iso(found[1].replace(",", ".") + (found[2] or "")) if found else None
            if not found or local is None:
                if line.strip():
                    self._archive.notes.lose("line", "has no time", place)
                continue
            prefix, text = found[3], found[4]
            if notice := _WEECHAT_NOTICE.match(text) if prefix == "--" else None:
                yield local, (notice[1], notice[2], False), place
            elif prefix.strip() == "*":
                nick, _, words = text.partition(" ")
                yield local, (nick, words, True), place
            elif prefix.strip() in _EVENTS:
                self._pass()
            else:
                yield local, (prefix.strip("<> ").lstrip(_SIGNS) or prefix, text, False), place

    def _pass(self) -> None:
        self._archive.notes.pass_line()


def _said(rest: str) -> Said | None:
    if found := _SAID.match(rest):
        return found[1].lstrip(_SIGNS) or found[1], found[2], False
    if found := _ACTION.match(rest):
        return found[1], found[2], True
    if found := _NOTICE.match(rest):
        return found[1], found[2], False
    return None


def _decoded(raw: bytes) -> str:
    """The text of a line. ZNC keeps the bytes of the network: often UTF-8, otherwise Windows-1252."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _local(day: date, hour: str, minute: str, second: str | None) -> datetime | None:
    try:
        return datetime.combine(day, time(int(hour), int(minute), int(second or 0)))
    except ValueError:
        return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
