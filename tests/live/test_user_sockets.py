"""Whose sockets are reauthorized, and when."""

import random
from dataclasses import replace
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.utils import timezone

from chat.live.rooms import LocalRooms
from chat.live.socket import Socket
from chat.live.user_sockets import UserSockets
from chat.models import Participant
from chat.queries.reconcile import Sums
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


def test_who_will_run_out_is_looked_at_then_although_who_would_have_been_first_is_gone(checked: list[int]) -> None:
    people = UserSockets(lone_bus(), LocalRooms("here", Mock()), Mock(), Mock())
    first, second = (socket_of(user_id, expires_at=timezone.now()) for user_id in (ADA, BOB))
    people.add(first)
    people.remove(first)
    people.reauthorize_expired()
    people.add(second)
    people.reauthorize_expired()
    assert checked == [BOB]


# --- The sums compared with the database -----------------------------------------------------------------------


def sums_of(sockets: list[Socket]) -> Sums:
    users = [one.user for one in sockets]
    return Sums(len(users), sum(user.pk for user in users), sum(user.access_rev for user in users))


@pytest.mark.parametrize("seed", range(20))
def test_the_sums_are_those_of_the_recorded_sockets_whatever_comes_goes_or_changes(
    seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    people = UserSockets(lone_bus(), LocalRooms("here", Mock()), Mock(), Mock())
    chance = random.Random(seed)
    here: list[Socket] = []
    recorded: list[Socket] = []
    for _ in range(300):
        match chance.choice(["come", "come", "record", "go", "change", "go of no one"]):
            case "come":
                here.append(socket_of(chance.randrange(1, 9), access_rev=chance.randrange(5)))
                people.add(here[-1])
            case "record" if here:
                one = chance.choice(here)
                people.record(one)
                recorded += [one] if one not in recorded else []
            case "go" if here:
                one = here.pop(chance.randrange(len(here)))
                recorded = [other for other in recorded if other is not one]
                people.remove(one)
                # Its row is written, or the socket removed, once more: neither changes the sums.
                chance.choice([people.record, people.remove])(one)
            case "change" if here:
                one = chance.choice(here)
                user = Participant(pk=one.user_id, access_rev=one.user.access_rev + 1)
                people._identify(one, replace(one.identity, user=user))
            case "go of no one":
                people.remove(socket_of(ADA, access_rev=3))
        assert people.sums == sums_of(recorded)
        assert sorted(people.unrecorded) == sorted(one.user_id for one in here if one not in recorded)
    people.recount()
    assert people.sums == sums_of(recorded)
    assert not caplog.records


def test_a_wrong_sum_is_put_right_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    people = UserSockets(lone_bus(), LocalRooms("here", Mock()), Mock(), Mock())
    socket = socket_of(ADA, access_rev=4)
    people.add(socket)
    people.record(socket)
    socket.user.access_rev = 3
    people.recount()
    assert people.sums == sums_of([socket])
    [line] = caplog.records
    assert "wrong" in line.message
