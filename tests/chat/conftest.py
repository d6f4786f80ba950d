"""Shared by the chat tests: the admin, and the events that open sockets would receive."""

import json
from collections.abc import Generator
from typing import Any

import pytest
from django.test import Client

from chat.models import Participant, Room
from chat.services import publishing
from support.people import alice, bob, login_of, person, room


@pytest.fixture
def ada() -> Participant:
    """The administrator, who is in no room."""
    user = person("ada", is_staff=True)
    login = login_of(user)
    login.is_superuser = True
    login.save()
    return user


@pytest.fixture
def office(ada: Participant) -> Client:
    """Ada's browser, signed in."""
    client = Client()
    client.force_login(login_of(ada))
    return client


@pytest.fixture
def garden() -> Room:
    """Alice's private room, with Bob in it; staff are not members."""
    return room(owner=alice(), members=[bob()])


@pytest.fixture
def heard() -> Generator[list[dict[str, Any]]]:
    """The events published after each commit, in order, for tests with real transactions."""
    told: list[dict[str, Any]] = []

    def changed(*, changes: list[publishing.Publication], **_: Any) -> None:
        told.extend(json.loads(change.text) for change in changes)

    def left(*, room_id: int, user_id: int, reason: str, **_: Any) -> None:
        told.append({"type": "left", "user": user_id, "reason": reason})

    def announced(*, announcement: Any, **_: Any) -> None:
        told.append(announcement.model_dump())

    signals = ((publishing.rooms_changed, changed), (publishing.member_left, left), (publishing.announced, announced))
    for signal, hear in signals:
        signal.connect(hear)
    yield told
    for signal, hear in signals:
        signal.disconnect(hear)
