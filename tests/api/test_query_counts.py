"""What a request asks the database does not grow with what is there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.access import access_room
from chat.api import messages, rooms
from chat.api.schemas.messages import PageQuery
from chat.models import Membership, Participant, Room
from chat.queries.directory import people_named, public_rooms
from chat.services.posting import Draft, messages_post
from tests.api.conftest import Stage

LOOKS: dict[str, Callable[[Participant], Any]] = {
    "rooms": rooms._mine,
    "rooms?scope=public": public_rooms,
    "rooms/garden": lambda user: rooms.room_view(access_room(user=user, slug="garden")),
    "rooms/garden/messages": lambda user: messages._page(user, "garden", PageQuery()),
    "people": lambda user: people_named("r"),
}


@pytest.mark.parametrize("path", LOOKS)
def test_a_look_costs_the_same_in_a_small_place_and_a_large_one(stage: Stage, path: str) -> None:
    bob = stage.users["bob"]
    messages_post([Draft(bob, "garden", "hello @alice")])
    with CaptureQueriesContext(connection) as small:
        LOOKS[path](bob)
    crowd = Participant.objects.bulk_create([Participant(username=f"robot{n}") for n in range(30)])
    garden = Room.objects.get(slug="garden")
    Membership.objects.bulk_create([Membership(room=garden, user=robot) for robot in crowd])
    for n in range(20):
        room = Room.objects.create(slug=f"room{n}")
        Membership.objects.create(room=room, user=bob)
    messages_post([Draft(bob, "garden", f"number {n} @alice @robot{n}") for n in range(30)])
    with CaptureQueriesContext(connection) as large:
        LOOKS[path](bob)
    assert len(large) == len(small)
