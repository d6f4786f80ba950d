"""Who is in a room, who is connected, and who may know it."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.models import Membership, Participant, ProcessLease, Room
from chat.queries import people as queries
from chat.queries.people import online_near, presence_reach, room_occupancies, room_users, rooms_large
from chat.rules import Actor
from chat.services.connections import Opened, connections_save, lease_renew
from support import people


def connect(users: Sequence[Participant]) -> None:
    process = uuid4()
    lease_renew(process)
    connections_save(process, [Opened(uuid4(), user.pk, "", "") for user in users])


def test_members_are_named_those_online_first_then_by_role_and_name(
    garden: Room, alice: Participant, bob: Participant
) -> None:
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


def test_mutes_are_listed_for_those_only_who_may_end_them(garden: Room, alice: Participant, bob: Participant) -> None:
    now = timezone.now()
    Membership.objects.filter(user=bob).update(muted_until=now + timedelta(minutes=1))
    Membership.objects.filter(user=alice).update(muted_until=now - timedelta(seconds=1))
    moderator = Actor(kind="private", archived=False, role="moderator")
    assert [who.username for who in room_users(garden, moderator=moderator) if who.muted] == ["bob"]
    assert not any(who.muted for who in room_users(garden))


@pytest.mark.parametrize(
    ("reader", "below"),
    [
        (Actor(kind="private", archived=False, role="owner"), ["bob", "mona"]),
        (Actor(kind="private", archived=False, role="moderator"), ["bob"]),
        (Actor(kind="private", archived=False, role="member", staff=True), ["alice", "bob", "mona"]),
        (None, []),
    ],
    ids=["owner", "moderator", "staff", "member"],
)
def test_a_moderator_is_sent_the_people_they_may_act_on(
    reader: Actor | None, below: list[str], garden: Room, alice: Participant, bob: Participant
) -> None:
    Membership.objects.create(user=people.person("mona"), room=garden, role="moderator")
    Membership.objects.create(user=people.person("sam", is_staff=True), room=garden)
    assert sorted(who.username for who in room_users(garden, moderator=reader) if who.below) == below


def test_a_connected_person_is_counted_once(garden: Room, alice: Participant, bob: Participant) -> None:
    assert room_occupancies([garden.pk])[garden.pk].online == set()
    connect([bob, bob, alice])
    assert room_occupancies([garden.pk])[garden.pk].online == {alice.pk, bob.pk}


def test_only_members_under_a_live_lease_are_online(garden: Room, bob: Participant) -> None:
    connect([bob, people.charlie()])
    assert room_occupancies([garden.pk])[garden.pk].online == {bob.pk}
    ProcessLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert room_occupancies([garden.pk])[garden.pk].online == set()


def test_who_is_online_and_who_is_typing_is_one_query(
    garden: Room, alice: Participant, bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    connect([alice, bob])
    # The mark of a person who left a few seconds ago is still there.
    away = people.person("away")
    Membership.objects.create(user=away, room=garden)
    Membership.objects.filter(user__in=[bob, away]).update(typing_until=timezone.now() + timedelta(seconds=5))
    with django_assert_num_queries(1):
        crowd = room_occupancies([garden.pk])[garden.pk]
    assert crowd.online == {alice.pk, bob.pk}
    assert sorted(crowd.typing) == [(bob.pk, "bob"), (away.pk, "away")]


def test_presence_is_shared_among_those_who_share_a_room(garden: Room, alice: Participant, bob: Participant) -> None:
    charlie = people.charlie()
    connect([alice, charlie])
    assert online_near(bob.pk, [garden.pk]) == {"alice": "online"}
    assert online_near(bob.pk, [garden.pk], lingering=[bob.pk]) == {"alice": "online"}
    assert online_near(bob.pk, []) == {}
    reach = presence_reach([alice.pk, charlie.pk])
    assert reach[alice.pk].room_ids == {garden.pk}
    assert reach[charlie.pk].room_ids == set()


def test_large_rooms_are_distinguished_from_small_ones(
    garden: Room, alice: Participant, bob: Participant, monkeypatch: pytest.MonkeyPatch
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
