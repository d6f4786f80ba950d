"""The cast in a private garden, and the events that their actions publish."""

import json
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from chat.models import Membership, Participant, Room
from chat.services import publishing
from support.cast import alice, bob, charlie, garden

__all__ = ["Heard", "alice", "bob", "charlie", "garden", "heard", "make"]

Heard = Callable[[], AbstractContextManager[list[dict[str, Any]]]]


@pytest.fixture
def heard(django_capture_on_commit_callbacks: Any) -> Heard:
    """`with heard() as told: …` collects the events published after the commits of the block, in order."""

    @contextmanager
    def listening() -> Generator[list[dict[str, Any]]]:
        told: list[dict[str, Any]] = []

        def changed(*, changes: list[publishing.Publication], **_: Any) -> None:
            told.extend(json.loads(change.text) | {"rev": change.rev} for change in changes)

        def left(*, room_id: int, user_id: int, reason: str, **_: Any) -> None:
            told.append({"type": "left", "user": user_id, "reason": reason})

        publishing.rooms_changed.connect(changed)
        publishing.member_left.connect(left)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                yield told
        finally:
            publishing.rooms_changed.disconnect(changed)
            publishing.member_left.disconnect(left)

    return listening


def make(role: str, user: Participant, room: Room) -> Membership:
    """Give a member another role."""
    membership = Membership.objects.get(user=user, room=room)
    membership.role = role
    membership.save()
    return membership
