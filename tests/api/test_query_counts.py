"""The number of queries of a request does not grow with the data."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.access import access_room
from chat.api import messages, rooms
from chat.api.schemas.messages import PageQuery
from chat.live.room_lists import _members
from chat.models import AuditEntry, Ban, Membership, Message, Participant, Report, Room
from chat.queries.directory import archived_rooms, people_named, public_rooms
from chat.queries.profiles import card_of
from chat.queries.records import room_audit, room_bans, room_reports
from chat.services.posting import Draft, messages_post
from support import people
from tests.api.conftest import Stage

LOOKS: dict[str, Callable[[Participant], Any]] = {
    "rooms": rooms._mine,
    "rooms?scope=public": public_rooms,
    "rooms?scope=archived": archived_rooms,
    "rooms/garden": lambda user: rooms.room_view(access_room(user=user, slug="garden")),
    "rooms/garden/messages": lambda user: messages._page(user, "garden", PageQuery()),
    "people": lambda user: people_named("r"),
    "members": lambda user: _members(user, "garden", frozenset()),
    "the card of a person": lambda user: card_of(user, Participant.objects.get(username="alice")),
    "bans": lambda _user: room_bans(Room.objects.get(slug="garden")),
    "the record": lambda _user: room_audit(Room.objects.get(slug="garden")),
    "reports": lambda _user: room_reports(Room.objects.get(slug="garden")),
    "room settings without scripts": lambda _user: _settings(Participant.objects.get(username="alice")),
}
MEMBERS, ROOMS, SECTIONS = 5_000, 200, 10


def _settings(owner: Participant) -> None:
    window = Client()
    window.force_login(people.login_of(owner))
    assert window.get("/rooms/garden/settings/").status_code == 200


# A single test: creating the large place takes longer than all looks at it.
def test_a_look_costs_the_same_in_a_small_place_and_a_large_one(stage: Stage) -> None:
    bob = stage.users["bob"]
    messages_post([Draft(bob, "garden", "hello @alice")])
    for look in LOOKS.values():
        look(bob)  # fills the caches of the process
    small = {name: _asked(look, bob) for name, look in LOOKS.items()}
    _grow(bob)
    assert {name: _asked(look, bob) for name, look in LOOKS.items()} == small


def _asked(look: Callable[[Participant], Any], bob: Participant) -> int:
    """The number of statements of a look."""
    with CaptureQueriesContext(connection) as captured:
        look(bob)
    return len(captured)


def _grow(bob: Participant) -> None:
    """Give the garden 5,000 members, bans, audit entries and reports, and Bob 200 rooms in ten sections."""
    garden = Room.objects.get(slug="garden")
    crowd = Participant.objects.bulk_create([Participant(username=f"robot{n}") for n in range(MEMBERS)])
    Membership.objects.bulk_create([Membership(room=garden, user=robot) for robot in crowd])
    made = Room.objects.bulk_create(Room(slug=f"room{n}") for n in range(ROOMS))
    Membership.objects.bulk_create(
        Membership(room=room, user=bob, section=f"Section {n % SECTIONS}") for n, room in enumerate(made)
    )
    Room.objects.bulk_create(Room(slug=f"ruin{n}", archived=True) for n in range(50))
    # The card lists the rooms that two people share.
    alice = Participant.objects.get(username="alice")
    Membership.objects.bulk_create(Membership(room=room, user=alice) for room in made)
    banned = Participant.objects.bulk_create([Participant(username=f"banned{n}") for n in range(60)])
    Ban.objects.bulk_create(Ban(room=garden, user=one, by="alice", reason="noise") for one in banned)
    AuditEntry.objects.bulk_create(
        AuditEntry(actor="alice", action=AuditEntry.Action.KICK, room="garden", target=one.username) for one in banned
    )
    messages_post([Draft(bob, "garden", f"number {n} @alice @robot{n}") for n in range(30)])
    Report.objects.bulk_create(
        Report(room=garden, seq=message.seq, reporter=one, author=bob.username, text=message.text)
        for message, one in zip(Message.objects.filter(room=garden, author=bob), crowd, strict=False)
    )
