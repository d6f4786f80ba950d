"""Alice, Bob and Charlie, and the private garden that two of them share; a conftest takes in whom it needs."""

import pytest

from accounts.models import User
from chat.models import Room
from support import people


@pytest.fixture
def alice(db: None) -> User:
    return people.alice()


@pytest.fixture
def bob(db: None) -> User:
    return people.bob()


@pytest.fixture
def charlie(db: None) -> User:
    return people.charlie()


@pytest.fixture
def garden(alice: User, bob: User) -> Room:
    """Alice owns it, Bob belongs to it, Charlie is outside."""
    return people.room("garden", owner=alice, members=[bob])
