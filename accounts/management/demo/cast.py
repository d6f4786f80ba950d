"""The demo's users and rooms: a small workshop that builds measuring buoys."""

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
    """A room: its attributes, members, conversations (a key of TALK), and its share of the messages in percent."""

    slug: str
    kind: str
    people: tuple[str, ...]
    talk: str
    share: int
    title: str = ""
    topic: str = ""


ALL = tuple(PEOPLE)
ROOMS = (
    Setting("lobby", Room.Kind.PUBLIC, ALL, "lobby", 20, "Lobby", "Where everybody meets"),
    Setting(
        *("engineering", Room.Kind.PUBLIC, ALL[:7], "engineering", 42),
        *("Engineering", "Buoys, gateway, firmware. Alarms go to @kwame first"),
    ),
    Setting("kitchen", Room.Kind.PUBLIC, ALL, "kitchen", 18, "Kitchen", "Bread, bicycles and other matters"),
    Setting(
        *("release-3", Room.Kind.PRIVATE, ("ines", "teodor", "saoirse", "kwame", "hana"), "release", 12),
        *("Release 3", "Freeze on Thursday, tag on Friday morning"),
    ),
    Setting("", Room.Kind.DIRECT, ("ines", "kwame"), "direct", 5),
    Setting("", Room.Kind.DIRECT, ("hana", "ines"), "direct", 3),
)
# The room that gets the messages beyond an ordinary demo.
LONG = "engineering"
