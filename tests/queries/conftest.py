"""The cast in a private garden."""

import pytest

from accounts.models import User
from chat.models import Room
from tests.support import people


@pytest.fixture
def alice(db: None) -> User:
    return people.alice()


@pytest.fixture
def bob(db: None) -> User:
    return people.bob()


@pytest.fixture
def garden(alice: User, bob: User) -> Room:
    """Alice owns it, Bob belongs to it."""
    return people.room("garden", owner=alice, members=[bob])
