"""One import from end to end: read, stage, map, write, report."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils import timezone

from chat.importing.archives import Archive, opened
from chat.importing.formats import TITLED, reader
from chat.importing.stream import Message, NotAnExport, Notes, Options, Person, Reaction, Room
from chat.lib import memory
from chat.models import EmojiName, ImportedRoom, ImportRun
from chat.services.imports.foretelling import room_foretold
from chat.services.imports.page_cache import large_page_cache
from chat.services.imports.pauses import pausing
from chat.services.imports.people import Choice, People, people_map
from chat.services.imports.room_choices import SKIP, RoomChoices
from chat.services.imports.rooms import place_complete, place_of
from chat.services.imports.staging import Staging, sound, staging
from chat.services.imports.writing import Written, history_write

PEOPLE_SHOWN = 10_000
EMOJI_SHOWN = 500
UNCLEAR = "is what several are called, or the id of another; it counts as an id only"
# Called with the step, the number done, and the total (0: unknown).
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to import, and how.

    Attributes:
        room: import only the room with this id or title. For an export of one room: its title here and, for formats
            without room ids, its key from then on.
        people: the CSV file for `people_map`.
        names: the same mapping as in that file; overrides it.
        rooms: the choice per room, by id or by a title that only one room has (`room_choices`).
        job: the id of the import job of the page that this run belongs to.
    """

    format: str
    path: Path
    options: Options = field(default_factory=Options)
    room: str = ""
    people: Path | None = None
    dry_run: bool = False
    names: Mapping[str, Choice] = field(default_factory=dict)
    rooms: Mapping[str, str] = field(default_factory=dict)
    job: int | None = None


def history_import(wanted: Wanted, progress: Progress = lambda *_: None) -> dict[str, Any]:
    """Import an export; returns the report. A repeated run adds only what is new, so it continues after a stop.

    Raises:
        NotAnExport: the path, the options or the CSV file cannot be used. Nothing was written.
    """
    memory.keep_small()
    memory.settle()
    mapped = people_map(wanted.people) | dict(wanted.names)
    people = People(wanted.format, mapped)
    report = _imported(wanted, people, progress)
    if report is None:
        # Message texts contain the mapped names, so everything is read again.
        report = _imported(wanted, People(wanted.format, mapped, people.unclear()), progress, again=True)
    assert report is not None
    return report


def _imported(wanted: Wanted, people: People, progress: Progress, *, again: bool = False) -> dict[str, Any] | None:
    """Returns None, with nothing written, if choices name people ambiguously. With `again` they count as ids only."""
    notes = Notes()
    with opened(wanted.path, notes) as archive, staging(notes) as held:
        archive.label = wanted.path.stem
        for element in map(sound, reader(wanted.format)(archive, wanted.options)):
            if isinstance(element, Person):
                people.meet(element)
            else:
                people.see(_people_in(element))
            held.take(element)
            if held.messages % 1000 == 0:
                progress("read", held.messages, 0)
        held.end()
        if not held.messages and not held.rooms:
            raise NotAnExport(f"{wanted.path}: holds no room and no message")
        if people.unclear() and not again:
            return None
        rooms = _rooms(held, wanted)
        choices = RoomChoices(wanted.format, wanted.rooms, held.rooms.values())
        choices.check(rooms)
        for what, unclear in (("person", people.unclear()), ("room", choices.unclear)):
            for one in sorted(unclear):
                notes.lose(f"choice of a {what}", UNCLEAR, one)
        load = _Load(wanted, held, archive, people, choices, notes, progress)
        if wanted.dry_run:
            return load.dry(rooms)
        with large_page_cache():
            return load.write(rooms)


def _people_in(element: Message | Room | Reaction) -> Iterator[str]:
    match element:
        case Message():
            if element.author is not None:
                yield element.author
            for people in element.reactions.values():
                yield from people
        case Reaction():
            yield element.person
        case Room():
            yield from element.members or ()


def _rooms(held: Staging, wanted: Wanted) -> list[Room]:
    for source in held.rooms_without_facts():
        # The export does not say who may read it.
        held.rooms[source] = Room(source, "private", source[:100])
    rooms = list(held.rooms.values())
    if not wanted.room:
        return rooms
    if len(rooms) == 1:
        rooms[0].title = wanted.room
        if wanted.format in TITLED:
            # Two groups with the same title are two rooms if they get different titles here.
            rooms[0].key = wanted.room
        rooms[0].kind = "private" if rooms[0].kind == "direct" else rooms[0].kind
        return rooms
    named = [room for room in rooms if wanted.room in {room.id, room.title}]
    if not named:
        raise NotAnExport(
            f"{wanted.path}: has no room {wanted.room}; it has {', '.join(one.title or one.id for one in rooms[:20])}"
        )
    return named


class _Load:
    def __init__(
        self,
        wanted: Wanted,
        held: Staging,
        archive: Archive,
        people: People,
        choices: RoomChoices,
        notes: Notes,
        progress: Progress,
    ) -> None:
        self._archive, self._choices = archive, choices
        self._wanted, self._held, self._people = wanted, held, people
        self._notes, self._progress = notes, progress
        self._rows: list[dict[str, Any]] = []
        self._emoji: Counter[str] = Counter()

    def dry(self, rooms: list[Room]) -> dict[str, Any]:
        """The report of a dry run."""
        for room in rooms:
            if self._skipped(room):
                continue
            place = ImportedRoom.objects.filter(format=self._wanted.format, source=room.known_as).first()
            foretold = room_foretold(
                room.id, place, self._held, archive=self._archive, people=self._people, notes=self._notes
            )
            self._row(room, place, foretold)
            self._progress("read", self._held.messages, 0)
        return self._report(None)

    def write(self, rooms: list[Room]) -> dict[str, Any]:
        """Write every room; marks the run as done at the end."""
        run = ImportRun.objects.create(
            format=self._wanted.format, name=self._wanted.path.name[:255], job_id=self._wanted.job
        )
        done, total = 0, sum(self._held.count(room.id) for room in rooms if self._choices.of(room) != SKIP)

        def step(count: int) -> None:
            nonlocal done
            done += count
            self._progress("written", done, total)

        self._people.claim()
        for room in rooms:
            if self._skipped(room):
                continue
            into = self._choices.target(room)
            with pausing():
                place = place_of(room, format_name=self._wanted.format, people=self._people, run=run, into=into)
            written = history_write(
                place,
                room,
                self._held,
                archive=self._archive,
                people=self._people,
                run=run,
                notes=self._notes,
                progress=step,
            )
            authors = {one for one in written.authors if one in self._people.accounts}
            with pausing():
                place_complete(place, room, people=self._people, authors=authors, run=run)
            self._row(room, place, written)
        report = self._report(run)
        run.state, run.ended_at, run.report = ImportRun.State.DONE, timezone.now(), report
        run.save()
        return report

    def _skipped(self, room: Room) -> bool:
        if self._choices.of(room) != SKIP:
            return False
        self._row(room, None, Written())
        return True

    def _row(self, room: Room, place: ImportedRoom | None, written: Written) -> None:
        target = self._choices.target(room)
        self._emoji.update(written.emoji)
        self._rows.append(
            {
                "source": room.id,
                "kind": room.kind,
                "title": room.title or self._people.called(room.members or []),
                "room": place.room.slug if place else target.slug if target else None,
                "as": self._choices.of(room),
                "messages": written.new + written.known,
                "new": written.new,
                "reactions": written.reactions,
                "files": written.files,
            }
        )

    def _report(self, run: ImportRun | None) -> dict[str, Any]:
        new = sum(row["new"] for row in self._rows)
        lost = [
            {"what": what, "why": why, "count": count, "places": self._notes.places.get((what, why), [])}
            for (what, why), count in self._notes.lost.most_common()
        ]
        people = self._held.people
        here = set(
            EmojiName.objects.filter(name__in=[name for name, _ in self._emoji.most_common(EMOJI_SHOWN)]).values_list(
                "name", flat=True
            )
        )
        return {
            "import": run.pk if run else None,
            "format": self._wanted.format,
            "path": str(self._wanted.path),
            "dry_run": self._wanted.dry_run,
            "counts": {
                "people": len(people),
                "matched": sum(1 for one in people if one in self._people.accounts),
                "rooms": sum(1 for row in self._rows if row["as"] != SKIP),
                "messages": sum(row["messages"] for row in self._rows),
                "new": new,
                "already": sum(row["messages"] for row in self._rows) - new,
                "reactions": sum(row["reactions"] for row in self._rows),
                "files": sum(row["files"] for row in self._rows),
                "emoji": len(self._emoji),
            },
            # Custom emoji of the export, by their use in reactions; `here`: this server has one with that name.
            "emoji": [
                {"name": name, "reactions": count, "here": name in here}
                for name, count in self._emoji.most_common(EMOJI_SHOWN)
            ],
            "rooms": self._rows,
            "people": [
                {
                    "source": one.id,
                    "title": one.title,
                    "username": one.name,
                    "account": one.id in self._people.accounts,
                    "given": one.id in self._people.given,
                }
                for one in list(people.values())[:PEOPLE_SHOWN]
            ],
            "left_out": lost,
            "not_needed": dict(self._notes.passed),
        }
