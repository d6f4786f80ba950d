"""A project posts in its rooms from Python: in its own transaction, under our rules and its own."""

from collections.abc import Generator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from chat.identity.participants import participant_of
from chat.models import Membership, Participant, Room
from chat.public import Posted, Refused, add, on_message, post, remove, room_for
from chat.services import publishing
from support import people
from support.people import login_of
from tests.services.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order() -> Group:
    """An object of the project."""
    return Group.objects.create(name="Order 7: \u202etea\nand cake")


@pytest.fixture
def heard() -> Generator[list[dict[str, Any]]]:
    """The arguments of each call to the receivers of `on_message`."""
    calls: list[dict[str, Any]] = []

    def hear(**facts: Any) -> None:
        calls.append({name: facts[name] for name in ("room", "author", "seq", "text")})

    on_message.connect(hear)
    yield calls
    on_message.disconnect(hear)


@pytest.fixture
def published() -> Generator[list[Any]]:
    changes: list[Any] = []

    def hear(**facts: Any) -> None:
        changes.extend(facts["changes"])

    publishing.rooms_changed.connect(hear)
    yield changes
    publishing.rooms_changed.disconnect(hear)


def test_an_object_has_one_private_room_with_its_words_as_the_title(order: Group) -> None:
    room = room_for(order)
    assert (room.kind, room.slug, room.title) == ("private", f"group-{order.pk}", "Order 7: tea and cake")
    assert room_for(Group.objects.get(pk=order.pk)) == room
    assert room_for(Group.objects.create(name="another")) != room


def test_a_room_is_found_although_its_address_is_taken(order: Group) -> None:
    Room.objects.create(slug=f"group-{order.pk}")
    assert room_for(order, title="Tea").slug == f"group-{order.pk}-2"


def test_callers_at_the_same_moment_get_the_same_room(order: Group) -> None:
    assert len({room.pk for room in at_once(*[lambda: room_for(order)] * 3)}) == 1


def test_an_object_that_was_not_saved_has_no_room() -> None:
    with pytest.raises(ValueError, match="Save the object first"):
        room_for(Group(name="new"))


def test_a_user_of_the_project_posts_and_it_is_heard_after_the_commit(
    order: Group, heard: list[dict[str, Any]], published: list[Any]
) -> None:
    room, bob = room_for(order), login_of(people.bob())
    add(room, bob)
    published.clear()
    with transaction.atomic():
        posted = post(room, bob, "It is on its way.")
        assert isinstance(posted, Posted)
        assert (heard, published) == ([], [])
    assert [change.rev for change in published] == [posted.rev]
    author = participant_of(bob)
    assert heard == [{"room": room, "author": author, "seq": posted.seq, "text": "It is on its way."}]


def test_what_is_rolled_back_was_never_said(order: Group, heard: list[dict[str, Any]], published: list[Any]) -> None:
    room, bob = room_for(order), people.bob()
    add(room, bob)
    published.clear()
    with transaction.atomic():
        post(room, bob, "never")
        transaction.set_rollback(True)
    assert (heard, published) == ([], [])
    assert not room.messages.filter(text="never").exists()
    assert post(room, bob, "this").seq == 2, "the number is free again"


def test_who_may_not_post_is_refused_and_nothing_is_written(order: Group) -> None:
    room = room_for(order)
    with pytest.raises(Refused) as refused:
        post(room, people.bob(), "hello")
    assert refused.value.code == "not_found"
    add(room, people.alice())
    with pytest.raises(Refused, match="visible character"):
        post(room, Participant.objects.get(username="alice"), "")
    assert not room.messages.filter(kind="text").exists()


def test_a_task_that_is_tried_again_posts_once(order: Group) -> None:
    room, bob = room_for(order), people.bob()
    add(room, bob)
    first, again = (post(room, bob, "Paid.", client_id="paid-7") for _ in range(2))
    assert (first.seq, again.seq, again.duplicate) == (2, 2, True)


def test_members_come_with_a_role_and_go(order: Group) -> None:
    room, bob = room_for(order), people.bob()
    assert add(room, bob, role="owner").role == "owner"
    assert add(room, bob, role="moderator").role == "moderator"
    assert Membership.objects.get(room=room).role == "moderator"
    with pytest.raises(ValueError, match="A role is one of"):
        add(room, bob, role="emperor")
    assert remove(room, bob)
    assert not remove(room, bob)
    assert not room.memberships.exists()


def closing_time(user: Participant, action: str, room: Room) -> str:
    return "The shop is closed." if action == "post" and not user.is_staff else ""


def test_the_project_refuses_what_our_rules_allow(order: Group, settings: Any) -> None:
    settings.CHAT = {"POLICY": f"{__name__}.closing_time"}
    room, bob, ada = room_for(order), people.bob(), people.person("ada", is_staff=True)
    add(room, bob)
    add(room, ada)
    with pytest.raises(Refused, match="The shop is closed"):
        post(room, bob, "hello?")
    assert post(room, ada, "We open at nine.").seq
