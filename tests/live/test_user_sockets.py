"""Whose sockets are looked at again, and when."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.utils import timezone

from chat.live.rooms import LocalRooms
from chat.live.user_sockets import UserSockets
from tests.live.cluster import lone_bus, socket_of

ADA, BOB, CARL = 1, 2, 3


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    people: list[int] = []
    monkeypatch.setattr(UserSockets, "reauthorize", lambda _self, user_ids: people.extend(user_ids))
    return people


def test_who_showed_what_has_run_out_is_looked_at_without_any_change(checked: list[int]) -> None:
    people = UserSockets(lone_bus(), LocalRooms("here", Mock()), Mock(), Mock())
    for user_id, left in ((ADA, timedelta(hours=1)), (BOB, timedelta(0)), (CARL, None)):
        end = None if left is None else timezone.now() + left
        people.add(socket_of(user_id, access_rev=4, expires_at=end))
    people.reauthorize_expired()
    assert checked == [BOB]


def test_whose_number_has_moved_or_is_gone_is_looked_at(checked: list[int]) -> None:
    people = UserSockets(lone_bus(), LocalRooms("here", Mock()), Mock(), Mock())
    for user_id in (ADA, BOB, CARL):
        people.add(socket_of(user_id, access_rev=4))
    people.compare_access({ADA: 4, BOB: 5, CARL: -1})
    assert checked == [BOB, CARL]
