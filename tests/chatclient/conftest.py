"""Sessions without a connection."""

import pytest

from tests.chatclient.talk import EVERY_ROOM, Talk, joined, rooms


@pytest.fixture
def lobby() -> Talk:
    """A session in one room that has read its first events."""
    talk = Talk()
    talk.open(joined())
    assert talk.event_types == ["authenticated", "joined_room", "connected"]
    return talk


@pytest.fixture
def everywhere() -> Talk:
    """A session in all rooms: `garden` and `lobby`."""
    talk = Talk(EVERY_ROOM)
    talk.open(rooms("garden", "lobby"))
    assert talk.event_types == ["authenticated", "rooms", "connected"]
    return talk
