"""Who is in a room, who is connected, who is told of whom."""

from collections.abc import Sequence
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chat.models import Membership, Room
from chat.queries import people as queries
from chat.queries.people import members_online, online_near, presence_reach, room_users, rooms_large
from chat.services.connections import Opened, connections_save, lease_renew
from tests.support import people


def connect(users: Sequence[User]) -> None:
    process = uuid4()
    lease_renew(process)
    connections_save(process, [Opened(uuid4(), user.pk, "", "") for user in users])


def test_members_are_named_those_online_first_then_by_role_and_name(garden: Room, alice: User, bob: User) -> None:
    others = [people.person(name) for name in ("zoe", "carl")]
    Membership.objects.bulk_create(Membership(user=who, room=garden) for who in others)
    Membership.objects.create(user=people.person("gone", is_active=False), room=garden)
    connect([others[0], others[0]])
    told = room_users(garden)
    assert [(who.username, who.role, who.online) for who in told] == [
        ("zoe", "member", True),
        ("alice", "owner", False),
        ("bob", "member", False),
        ("carl", "member", False),
    ]


def test_whoever_is_connected_is_counted_once(garden: Room, alice: User, bob: User) -> None:
    assert members_online(garden.pk) == set()
    connect([bob, bob, alice])
    assert members_online(garden.pk) == {alice.pk, bob.pk}


def test_presence_is_told_among_those_who_share_a_room(garden: Room, alice: User, bob: User) -> None:
    charlie = people.charlie()
    connect([alice, charlie])
    assert online_near(bob.pk, [garden.pk]) == ["alice"]
    assert online_near(bob.pk, [garden.pk], lingering=[bob.pk]) == ["alice"]
    assert online_near(bob.pk, []) == []
    reach = presence_reach([alice.pk, charlie.pk])
    assert reach[alice.pk].room_ids == {garden.pk}
    assert reach[charlie.pk].room_ids == set()


def test_large_rooms_are_told_from_small_ones(
    garden: Room, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    shed = people.room("shed", owner=alice)
    assert rooms_large([garden.pk, shed.pk]) == set()
    monkeypatch.setattr(queries, "SMALL_ROOM", 1)
    assert rooms_large([garden.pk, shed.pk]) == {garden.pk}


@pytest.mark.parametrize("number", [1, 30])
def test_any_number_of_people_costs_the_same(
    garden: Room, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    crowd = [people.person(f"p{n}") for n in range(number)]
    Membership.objects.bulk_create(Membership(user=who, room=garden) for who in crowd)
    connect(crowd)
    with django_assert_num_queries(1):
        room_users(garden)
    with django_assert_num_queries(2):
        presence_reach([who.pk for who in crowd])
