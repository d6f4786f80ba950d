"""The people and the rooms: a small workshop that builds measuring buoys."""

from dataclasses import dataclass

from chat.models import Room

# Username -> display name. The first owns the rooms, the second moderates them.
PEOPLE = {
    "ines": "Ines Halvorsen",
    "teodor": "Teodor Brandt",
    "saoirse": "Saoirse Kelly",
    "kwame": "Kwame Mensah",
    "lucia": "Lucía Ferrer",
    "hana": "Hana Sato",
    "omar": "Omar Haddad",
    "bjarne": "Bjarne Lund",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A room: its facts, who is in it, which conversations are held there, and its share of all messages."""

    slug: str
    kind: str
    people: tuple[str, ...]
    talk: str
    share: int
    title: str = ""
    topic: str = ""


EVERYBODY = tuple(PEOPLE)
ROOMS = (
    Setting("lobby", Room.Kind.PUBLIC, EVERYBODY, "lobby", 20, "Lobby", "Where everybody meets"),
    Setting(
        *("engineering", Room.Kind.PUBLIC, EVERYBODY[:7], "engineering", 42),
        *("Engineering", "Buoys, gateway, firmware. Alarms go to @kwame first"),
    ),
    Setting("kitchen", Room.Kind.PUBLIC, EVERYBODY, "kitchen", 18, "Kitchen", "Bread, bicycles and other matters"),
    Setting(
        *("release-3", Room.Kind.PRIVATE, ("ines", "teodor", "saoirse", "kwame", "hana"), "release", 12),
        *("Release 3", "Freeze on Thursday, tag on Friday morning"),
    ),
    Setting("", Room.Kind.DIRECT, ("ines", "kwame"), "direct", 5),
    Setting("", Room.Kind.DIRECT, ("hana", "ines"), "direct", 3),
)
# Where everything goes that is asked for beyond an ordinary demo: one very long room.
LONG = "engineering"
