"""Alice, Bob and Charlie, and the private garden that two of them share; a conftest imports those that it needs."""

import pytest

from chat.models import Participant, Room
from support import people


@pytest.fixture
def alice(db: None) -> Participant:
    return people.alice()


@pytest.fixture
def bob(db: None) -> Participant:
    return people.bob()


@pytest.fixture
def charlie(db: None) -> Participant:
    return people.charlie()


@pytest.fixture
def garden(alice: Participant, bob: Participant) -> Room:
    """Alice owns it, Bob belongs to it, Charlie is outside."""
    return people.room("garden", owner=alice, members=[bob])
