"""Addresses of rooms: who may change them, which are taken, and which room a name leads to."""

import threading
from typing import Any

import pytest
from django.db import close_old_connections

from chat.models import AuditEntry, Participant, Room, RoomAddress
from chat.protocol.errors import ChatError, Code
from chat.queries.addresses import slug_at, slugs_at
from chat.queries.rooms import room_entries
from chat.services.rooms import room_create, room_update
from chat.services.slugs import ADDRESSES_MAX, free_slug
from support import people
from tests.services.conftest import Heard, make
from tests.services.test_messages import refused


def test_a_new_address_is_a_fact_of_the_room_and_those_of_before_lead_to_it(
    garden: Room, alice: Participant, heard: Heard
) -> None:
    with heard() as told:
        room_update(user=alice, room="garden", address="Roses")
        room_update(user=alice, room="garden", address="tulips")
    assert [(event["type"], event["room"], event["rev"], event["address"]) for event in told] == [
        ("room", "garden", 1, "roses"),
        ("room", "garden", 2, "tulips"),
    ]
    assert [slug_at(name) for name in ("roses", "TULIPS", "garden", "elsewhere")] == ["garden", "garden", None, None]
    assert slugs_at({"Roses", "elsewhere"}) == {"Roses": "garden"}
    [held] = [one for one in room_entries(alice) if one.entry.room == "garden"]
    assert held.entry.address == "tulips"
    assert [entry.detail for entry in AuditEntry.objects.order_by("pk")] == [
        {"facts": {"address": "roses"}},
        {"facts": {"address": "tulips"}},
    ]


def test_a_room_goes_back_to_an_address_of_before_and_to_its_slug(garden: Room, alice: Participant) -> None:
    for address, kept in (("roses", "roses"), ("GARDEN", ""), ("roses", "roses"), ("", ""), ("Roses", "roses")):
        assert room_update(user=alice, room="garden", address=address).address == kept
    assert list(RoomAddress.objects.values_list("address", flat=True)) == ["roses"]


def test_a_repeated_address_takes_no_number(garden: Room, alice: Participant, heard: Heard) -> None:
    room_update(user=alice, room="garden", address="roses")
    with heard() as told:
        room_update(user=alice, room="garden", address="ROSES")
    assert told == []


def test_no_room_takes_a_name_of_another(garden: Room, alice: Participant, bob: Participant) -> None:
    room_update(user=alice, room="garden", address="roses")
    room_update(user=alice, room="garden", address="tulips")
    other = room_create(creator=bob, slug="Shed")
    for taken in ("roses", "TULIPS", "Garden", "lobby"):
        with refused("conflict"):
            room_update(user=bob, room="Shed", address=taken)
        with refused("conflict"):
            room_create(creator=bob, slug=taken)
    assert free_slug("Roses") == "roses-2"
    assert room_create(creator=bob, title="Tulips").slug == "tulips-2"
    other.refresh_from_db()
    assert other.address == ""


def test_the_names_of_a_deleted_room_are_free(garden: Room, alice: Participant, bob: Participant) -> None:
    room_update(user=alice, room="garden", address="roses")
    garden.delete()
    assert slug_at("roses") is None
    assert room_create(creator=bob, slug="roses").slug == "roses"


@pytest.mark.parametrize("address", ["a b", "x" * 65, "größe", "a/b", "a\n", "a\x00", "dm-1-2", "DM-x"])
def test_addresses_that_no_room_can_have(garden: Room, alice: Participant, address: str) -> None:
    with refused("invalid"):
        room_update(user=alice, room="garden", address=address)
    assert not RoomAddress.objects.exists()


def test_a_room_has_a_limited_number_of_addresses(garden: Room, alice: Participant) -> None:
    for number in range(ADDRESSES_MAX):
        room_update(user=alice, room="garden", address=f"garden-{number}")
    with refused("forbidden"):
        room_update(user=alice, room="garden", address="one-more")
    # The refusal does not reveal which names are taken.
    people.room("cellar", owner=alice)
    with refused("forbidden"):
        room_update(user=alice, room="garden", address="cellar")
    assert room_update(user=alice, room="garden", address="garden-0").address == "garden-0"


def test_a_name_is_paid_for_before_it_is_said_to_be_taken(garden: Room, alice: Participant) -> None:
    room_update(user=alice, room="garden", address="roses")
    people.room("cellar", owner=alice)
    paid: list[str] = []

    def pay() -> None:
        if len(paid) == 1:
            raise ChatError(Code.RATE_LIMITED, "later")
        paid.append("one")

    room_update(user=alice, room="garden", address="", pay=pay)
    room_update(user=alice, room="garden", address="roses", pay=pay)
    assert paid == []
    with refused("conflict"):
        room_update(user=alice, room="garden", address="cellar", pay=pay)
    for name in ("cellar", "free"):
        with refused("rate_limited"):
            room_update(user=alice, room="garden", address=name, pay=pay)


def test_only_owners_change_the_address_and_the_emoji(garden: Room, bob: Participant, charlie: Participant) -> None:
    make("moderator", bob, garden)
    changes: list[dict[str, Any]] = [{"address": "mine"}, {"emoji": "🌹"}]
    for change in changes:
        with refused("forbidden"):
            room_update(user=bob, room="garden", **change)
        with refused("not_found"):
            room_update(user=charlie, room="garden", **change)
    assert not RoomAddress.objects.exists()


def test_an_emoji_is_kept_in_one_form_and_taken_away(garden: Room, alice: Participant) -> None:
    assert room_update(user=alice, room="garden", emoji="❤").emoji == "❤️"
    for wrong in ("x", "🌹🌹", ":shipit:"):
        with refused("invalid"):
            room_update(user=alice, room="garden", emoji=wrong)
    assert room_update(user=alice, room="garden", emoji="").emoji == ""


@pytest.mark.django_db(transaction=True)
def test_a_room_and_an_address_at_the_same_moment_do_not_share_a_name() -> None:
    alice, bob = people.alice(), people.bob()
    people.room("garden", owner=alice)
    begin = threading.Barrier(2)
    outcomes: list[str] = []

    def at_once(act: object, **wanted: object) -> None:
        begin.wait()
        try:
            act(**wanted)  # type: ignore[operator]
            outcomes.append("done")
        except ChatError as error:
            outcomes.append(error.code)
        finally:
            close_old_connections()

    for number in range(8):
        name = f"roses-{number}"
        changed = {"user": alice, "room": "garden", "address": name}
        both = [
            threading.Thread(target=at_once, args=[room_update], kwargs=changed),
            threading.Thread(target=at_once, args=[room_create], kwargs={"creator": bob, "slug": name}),
        ]
        for one in both:
            one.start()
        for one in both:
            one.join()
        named = Room.objects.filter(slug=name).count() + RoomAddress.objects.filter(address=name).count()
        assert named == 1
    assert sorted(outcomes) == ["conflict"] * 8 + ["done"] * 8
