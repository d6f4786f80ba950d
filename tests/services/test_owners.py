"""A room keeps an owner who can act, however the last one leaves."""

from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import account_deactivate, account_delete
from chat.models import Membership, Participant, Room
from chat.services.members import room_leave
from chat.services.moderation import member_ban, member_kick
from support import people
from support.people import login_of
from tests.services.test_races import at_once

Way = Callable[[Participant, Room], object]


def _by_staff(act: Callable[..., object], user: Participant, room: Room) -> None:
    staff = people.person("dora", is_staff=True)
    act(user=staff, room=room.slug, username=user.username, via_admin=True)


def _saved_in_the_admin(user: Participant, _room: Room) -> None:
    people.person("root", is_staff=True)
    User.objects.filter(username="root").update(is_superuser=True)
    browser = Client()
    browser.force_login(login_of(Participant.objects.get(username="root")))
    form = {"username": user.username, "display_name": user.display_name, "email": ""}
    page = browser.post(f"/admin/accounts/user/{user.user_id}/change/", form)
    assert page.status_code == 302, page.content.decode()


WAYS: dict[str, Way] = {
    "kicked": partial(_by_staff, member_kick),
    "banned": partial(_by_staff, member_ban),
    "deleted": lambda user, _room: account_delete(user=login_of(user)),
    "deactivated": lambda user, _room: account_deactivate(user=login_of(user)),
    "saved in the admin": _saved_in_the_admin,
}
pytestmark = pytest.mark.django_db


def owners(room: Room) -> list[str]:
    found = room.memberships.filter(role="owner", user__is_active=True)
    return list(found.values_list("user__username", flat=True))


@pytest.mark.parametrize("way", WAYS)
def test_the_moderator_follows_and_a_line_says_so(
    way: str, garden: Room, alice: Participant, charlie: Participant
) -> None:
    Membership.objects.create(user=charlie, room=garden, role="moderator")
    WAYS[way](alice, garden)
    assert owners(garden) == ["charlie"], "bob is longer there, but no moderator"
    garden.refresh_from_db()
    lines = garden.messages.filter(system__event="owner")
    assert [line.text for line in lines] == ["charlie owns the room now"]
    assert garden.last_seq == garden.messages.count()
    assert not garden.archived


@pytest.mark.parametrize("way", WAYS)
def test_a_room_without_anybody_else_is_archived(way: str, alice: Participant) -> None:
    room = people.room("cellar", owner=alice)
    WAYS[way](alice, room)
    room.refresh_from_db()
    assert room.archived
    assert room.facts_rev <= room.last_rev


def test_the_deactivated_find_a_room_with_two_owners_when_they_come_back(
    garden: Room, alice: Participant, bob: Participant
) -> None:
    account_deactivate(user=login_of(alice))
    Participant.objects.filter(pk=alice.pk).update(is_active=True)
    assert sorted(owners(garden)) == ["alice", "bob"]


def test_a_conversation_of_two_has_no_owner_to_lose(alice: Participant, bob: Participant) -> None:
    room = Room.objects.create(slug=Room.direct_slug(alice.pk, bob.pk), kind="direct")
    for user in (alice, bob):
        Membership.objects.create(user=user, room=room)
    account_deactivate(user=login_of(alice))
    room.refresh_from_db()
    assert (room.archived, owners(room)) == (False, [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", [account_delete, account_deactivate])
def test_the_owner_leaves_while_the_first_in_line_goes(
    way: Callable[..., object], garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    Membership.objects.create(user=charlie, room=garden)
    at_once(partial(room_leave, user=alice, room="garden"), partial(way, user=login_of(bob)))
    assert owners(garden) == ["charlie"]


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_go_at_once_are_followed(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    garden.memberships.filter(user=bob).update(role="owner")
    Membership.objects.create(user=charlie, room=garden)
    at_once(partial(account_deactivate, user=login_of(alice)), partial(account_delete, user=login_of(bob)))
    assert owners(garden) == ["charlie"]
