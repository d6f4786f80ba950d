"""The neutral stream: the elements that every reader yields, and its notes on what it leaves out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

RoomKind = Literal["public", "private", "group", "direct"]
FileState = Literal["present", "link", "deleted", "hidden", "denied", "external", "omitted", "missing", "sticker"]

# Per reason: a page reads a report as a whole, which has a few dozen reasons.
PLACES_KEPT = 100
LINES = "lines about joins, renames, calls and the like"
# Exceptions that reading raises when a value has an unexpected type.
_OTHER_SHAPE = (AttributeError, IndexError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
_UNNAMED = "is counted by the export, which does not name who it is of"


class NotAnExport(Exception):
    """The path holds no export of this format. The message is one line that says what is wrong, and where."""


@dataclass(slots=True)
class Person:
    """A person of the export.

    `name` is the username in the export, which texts mention. The consumer of the stream may change it before it
    requests the next element: later mentions then use the new name.
    """

    id: str
    name: str
    title: str = ""
    email: str = ""
    active: bool = True
    bot: bool = False


@dataclass(slots=True)
class Room:
    """A room of the export. `members` are ids of people; None: the export lists none.

    `key`: identifies the room in later imports instead of the id. Formats that know rooms only by title give two rooms
    the same id.
    """

    id: str
    kind: RoomKind
    title: str = ""
    topic: str = ""
    archived: bool = False
    members: list[str] | None = None
    created_at: datetime | None = None
    roles: dict[str, str] = field(default_factory=dict)
    key: str = ""

    @property
    def known_as(self) -> str:
        """The key by which later imports find the room."""
        return self.key or self.id


@dataclass(slots=True)
class File:
    """A file of a message. `path` is its path in the archive, if its bytes are there."""

    name: str
    size: int | None = None
    state: FileState = "link"
    url: str = ""
    path: str = ""


@dataclass(slots=True)
class Message:
    """A message. Its `id` is unique in its room; with `derived`, equal ids are distinct messages.

    Attributes:
        author: the id of a person, or None for a deleted message that does not name one.
        at: when it was written; None: the export does not say, so it cannot be kept.
        thread: the id of the thread's root message.
        reply_to: the id of the message that it replies to.
        reactions: ids of people by emoji, in order.
        edited: when it was edited, or True if the export does not say.
        topic: its topic in a room that has several, as Zulip's channels have.
        order: its place among messages of the same time.
        place: file and line, for the report.
        in_room: the room shows this reply of a thread, too.
        aside: a line about the room, such as a join, which is kept only if a message replies to it.
    """

    room: str
    id: str
    author: str | None
    at: datetime | None
    text: str = ""
    thread: str | None = None
    reply_to: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edited: datetime | Literal[True] | None = None
    deleted: bool = False
    files: list[File] = field(default_factory=list)
    derived: bool = False
    topic: str = ""
    order: int = 0
    place: str = ""
    in_room: bool = False
    aside: bool = False


@dataclass(slots=True)
class Reaction:
    """A reaction that the export stores apart from its message. `room` may be unknown (""): ids are then unique."""

    message: str
    emoji: str
    person: str
    room: str = ""


Element = Person | Room | Message | Reaction
Stream = Iterator[Element]


@dataclass
class Notes:
    """What a reader left out, by kind and reason, with the first places in the export.

    `lost` counts what a person could miss; `passed` counts what has no content: lines about joins and renames, older
    versions of an edited message, previews of links.
    """

    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    places: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def lose(self, what: str, why: str, place: str = "") -> None:
        """Count something that the import does not keep."""
        self.lost[what, why] += 1
        kept = self.places.setdefault((what, why), [])
        if place and len(kept) < PLACES_KEPT:
            kept.append(place)

    def entry(self, place: str) -> "_Entry":
        """A context for reading one entry: a value of an unexpected type loses only that entry."""
        return _Entry(self, place)

    def lose_reactions(self, number: int, place: str) -> None:
        """Count reactions that the export counts without naming people; none when `number` is not above 0."""
        if number > 0:
            self.lose("reaction", _UNNAMED, place)
            self.lost["reaction", _UNNAMED] += number - 1

    def pass_line(self) -> None:
        """Count a line about the room, which is not a person's message."""
        self.passed[LINES] += 1

    def skip(self, what: str) -> None:
        """Count something that does not belong in a history."""
        self.passed[what] += 1


class _Entry:
    """See `Notes.entry`. A class, because each message has one, and a generator takes 2 µs."""

    __slots__ = ("_notes", "_place")

    def __init__(self, notes: Notes, place: str) -> None:
        self._notes, self._place = notes, place

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        if not isinstance(error, _OTHER_SHAPE):
            return False
        self._notes.lose("entry", f"is in another shape than this format has ({type(error).__name__})", self._place)
        return True


@dataclass(frozen=True, slots=True)
class Options:
    """What the importing person states, because the export does not contain it.

    Attributes:
        zone: the IANA name of the zone of local times, or "".
        day_first: whether the day stands before the month in dates such as 04/03/2024; None: unknown.
    """

    zone: str = ""
    day_first: bool | None = None
