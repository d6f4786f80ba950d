"""Sockets that connect at the same time are read together, and each is greeted as if alone."""

import asyncio
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.lib.prepared_queries import PreparedMany, numbers
from chat.live import arrivals, db
from chat.live.arrivals import Arrival, Arrivals, Greeting, greetings
from chat.live.snapshot_cache import RoomSizeCache, RoomSnapshotCache
from chat.live.snapshots import read_join, read_rooms
from chat.models import Block, Membership, Participant, Room
from chat.protocol.errors import ChatError
from chat.queries import rooms
from chat.queries.profiles import own_facts
from chat.services.moderation import member_ban
from chat.services.posting import Draft, messages_post
from support import people

pytestmark = pytest.mark.django_db


def together(*arriving: tuple[Participant, str | None], lingering: frozenset[int] = frozenset()) -> list[Greeting]:
    wishes = [Arrival(user, room) for user, room in arriving]
    return greetings(wishes, RoomSnapshotCache(), RoomSizeCache(), lingering=lingering)


@pytest.fixture
def world() -> tuple[Participant, Participant, Participant]:
    """Alice, Bob and Charlie, their rooms and messages, and a direct conversation between Alice and Bob."""
    alice, bob, charlie = people.alice(), people.bob(), people.charlie()
    people.room("garden", owner=alice, members=[bob])
    people.room("kitchen", owner=bob, kind=Room.Kind.PUBLIC)
    people.room("attic", owner=alice, members=[charlie])
    talk = Room.objects.create(slug=Room.direct_slug(alice.pk, bob.pk), kind=Room.Kind.DIRECT)
    Membership.objects.bulk_create(Membership(room=talk, user=user) for user in (alice, bob))
    Room.objects.filter(slug="attic").update(archived=True)
    messages_post([Draft(alice, "garden", "good morning @bob"), Draft(bob, "kitchen", "tea?")])
    Block.objects.create(user=bob, blocked=charlie)
    return alice, bob, charlie


def test_each_is_greeted_as_if_alone(world: tuple[Participant, Participant, Participant]) -> None:
    alice, bob, charlie = world
    lingering = frozenset({bob.pk, charlie.pk})
    found = together(
        (alice, None), (bob, None), (charlie, None), (bob, "garden"), (alice, "garden"), lingering=lingering
    )
    for user, greeting in zip((alice, bob, charlie), found, strict=False):
        assert greeting.rooms == read_rooms(user, lingering, RoomSizeCache())
        assert greeting.own == own_facts(user.pk)
    assert [list(one.rooms.online) for one in found[:3] if one.rooms] == [["bob"], [], []]
    assert [json.loads(one.rooms.frame)["rooms"] for one in found[2:3] if one.rooms] == [[]]
    assert found[1].own["blocked"] == ["charlie"]
    for user, greeting in zip((bob, alice), found[3:], strict=True):
        assert greeting.rooms is None
        assert greeting.entered
        alone = read_join(user, "garden", RoomSnapshotCache(), RoomSizeCache(), with_history=True)
        assert greeting.entered.joined.mentioned == alone.joined.mentioned
        assert (greeting.entered.joined.unread, greeting.entered.page) == (alone.joined.unread, alone.page)
        assert greeting.entered.joined.role == alone.joined.role
    assert found[3].entered
    assert found[3].entered.joined.mentioned == [1]


def test_who_may_not_enter_or_is_no_member_yet_is_read_alone(
    world: tuple[Participant, Participant, Participant],
) -> None:
    alice, bob, charlie = world
    member_ban(user=bob, room="kitchen", username=charlie.username)
    strangers = [(charlie, "garden"), (alice, "kitchen"), (charlie, "kitchen"), (charlie, "attic"), (alice, "nowhere")]
    found = together((bob, "garden"), *strangers, (alice, "\0"))
    assert [bool(one.entered) for one in found] == [True, *[False] * 6]
    assert not Membership.objects.filter(user=alice, room__slug="kitchen").exists(), "nothing was written"
    for user, slug in ((charlie, "garden"), (charlie, "kitchen"), (charlie, "attic"), (alice, "nowhere")):
        with pytest.raises(ChatError):
            read_join(user, slug, RoomSnapshotCache(), RoomSizeCache(), with_history=True)


def test_who_is_typing_and_who_is_muted_is_said_to_all_who_come(
    world: tuple[Participant, Participant, Participant],
) -> None:
    alice, bob, _ = world
    later = timezone.now() + timedelta(minutes=1)
    Membership.objects.filter(user=alice, room__slug="garden").update(typing_until=later, muted_until=later)
    ours, theirs, overview = together((bob, "garden"), (alice, "garden"), (alice, None))
    assert ours.entered
    assert theirs.entered
    assert overview.rooms
    assert (ours.entered.typing, theirs.entered.typing) == (["alice"], [])
    entries = {entry["room"]: entry for entry in json.loads(overview.rooms.frame)["rooms"]}
    assert entries["garden"]["muted_until"]


@pytest.mark.parametrize("number", [1, 30])
def test_any_number_costs_the_same(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    owner = people.alice()
    users = [people.person(f"p{n}") for n in range(number)]
    for slug in ("garden", "kitchen"):
        people.room(slug, owner=owner, members=users)
    # The queries: own facts; rooms; which rooms are small; who is online in them.
    with django_assert_num_queries(4):
        found = together(*((user, None) for user in users))
    assert [len(one.rooms.rooms) for one in found if one.rooms] == [2] * number
    # The queries: own facts; memberships; who is online; which rooms are small; the page of the one room.
    with django_assert_num_queries(5):
        found = together(*((user, "garden") for user in users))
    assert len({one.entered.page for one in found if one.entered}) == 1


def test_who_has_many_rooms_is_read_alone(
    world: tuple[Participant, Participant, Participant], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob, charlie = world
    monkeypatch.setattr(rooms, "FIRST_ROWS", 4)
    monkeypatch.setattr(rooms, "_FIRST", PreparedMany(rooms._first, numbers))
    # Two of Alice's rooms and the first two of Bob's were read: it is unknown whether Bob has more.
    found = together((alice, None), (bob, None), (charlie, None))
    assert [bool(one.rooms) for one in found] == [True, False, False]
    monkeypatch.undo()
    monkeypatch.setattr(arrivals, "ONLINE_ROOMS", 0)
    assert [bool(one.rooms) for one in together((alice, None), (charlie, None))] == [False, False]
    monkeypatch.undo()
    monkeypatch.setattr(arrivals, "ROOMS_PAGE", 2)
    assert [bool(one.rooms) for one in together((alice, None), (charlie, None))] == [False, True]


@pytest.mark.django_db(transaction=True)
async def test_one_who_cannot_be_read_keeps_no_other_out(monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob, charlie = [await db.run(person) for person in (people.alice, people.bob, people.charlie)]
    read: list[list[str]] = []

    def picky(wishes: list[Arrival], *_: object, **__: object) -> list[Greeting]:
        read.append([wish.user.username for wish in wishes])
        if bob in [wish.user for wish in wishes]:
            raise LookupError("a row of his is broken")
        return [Greeting({"saved": wish.user.pk}) for wish in wishes]

    monkeypatch.setattr(arrivals, "greetings", picky)
    gathering = Arrivals(RoomSnapshotCache(), RoomSizeCache(), SimpleNamespace(lingering=frozenset()))  # type: ignore[arg-type]
    wishes = [gathering.read(Arrival(user, None)) for user in (alice, bob, charlie)]
    found = await asyncio.gather(*wishes, return_exceptions=True)
    assert [one.own["saved"] if isinstance(one, Greeting) else type(one) for one in found] == [
        *(alice.pk, LookupError, charlie.pk),
    ]
    assert read[0] == ["alice", "bob", "charlie"]
    assert sorted(read[1:]) == [["alice"], ["bob"], ["charlie"]]
