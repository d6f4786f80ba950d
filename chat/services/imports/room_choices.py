"""The choice for each room of an export: create it, skip it, or append its messages to an existing room."""

from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from chat.importing.stream import NotAnExport
from chat.importing.stream import Room as Source
from chat.models import CONVERSATIONS, ImportedRoom, Room
from chat.services.imports.people import pairs_read

# Instead of a room's address.
SKIP, NEW = "-", "+"


def rooms_map(path: Path | None) -> dict[str, str]:
    """The choices of a CSV file with two columns: `source`, a room's id or a title that only one room has; and `room`,
    the address of an existing room, `-` to skip the room, or `+` for a new room, which is also the default.

    Raises:
        NotAnExport: it cannot be read.
    """
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NotAnExport(f"{path}: cannot be read as CSV ({error})") from None
    return {source: said.removeprefix("#") for _, source, said in pairs_read(text, f"{path}: ", "room")}


def rooms_check(choices: Mapping[str, str]) -> None:
    """Check that the chosen rooms exist and take messages.

    Raises:
        NotAnExport: names the first one that does not.
    """
    for source, slug in choices.items():
        if slug not in {SKIP, NEW}:
            room_found(source, slug)


def room_found(source: str, slug: str) -> Room:
    """The room at this address, as the target for a room of the export.

    Raises:
        NotAnExport: it does not exist, is a conversation, or is archived.
    """
    room = Room.objects.filter(slug=slug).first() if "\0" not in slug else None
    if room is None or room.kind in CONVERSATIONS:
        raise NotAnExport(f"{source}: there is no room #{slug} that it could go into")
    if room.archived:
        raise NotAnExport(f"{source}: the room #{slug} is archived, so nothing can be added to it")
    return room


class RoomChoices:
    """The choices for the rooms of one export.

    Attributes:
        unclear: titles in the choices that several rooms have, or that are another room's id; they count as ids only.
            Otherwise a private room with a title chosen to match could be imported to where another should go.
    """

    def __init__(self, format_name: str, choices: Mapping[str, str], rooms: Collection[Source]) -> None:
        self._format, self._choices = format_name, choices
        ids = {room.id for room in rooms}
        titled = Counter(room.title for room in rooms if room.title != room.id)
        self.unclear = {one for one in choices if titled[one] > 1 or (titled[one] and one in ids)}

    def of(self, source: Source) -> str:
        """SKIP, NEW, or the address of a room."""
        if source.id in self._choices:
            return self._choices[source.id]
        return NEW if source.title in self.unclear else self._choices.get(source.title, NEW)

    def target(self, source: Source) -> Room | None:
        """The existing room that the messages go to; None: a new one.

        Raises:
            NotAnExport: as `room_found`.
        """
        chosen = self.of(source)
        return None if chosen in {SKIP, NEW} else room_found(source.title or source.id, chosen)

    def check(self, rooms: Collection[Source]) -> None:
        """Check before anything is written that each room can go to its target.

        Raises:
            NotAnExport: a target room does not exist, or the source was imported into another room before.
        """
        known = dict(ImportedRoom.objects.filter(format=self._format).values_list("source", "room__slug"))
        for source in rooms:
            target = self.target(source)
            here = known.get(source.known_as)
            if target is not None and here not in {None, target.slug}:
                name = source.title or source.id
                raise NotAnExport(f"{name}: was imported into #{here}; undo that import, then it can go elsewhere")
