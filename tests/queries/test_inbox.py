"""A person's mentions and reactions, in all their rooms."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from chat.models import Membership, Participant, Room
from chat.queries.inbox import inbox
from chat.services.messages import message_delete, message_edit, message_react
from chat.services.moderation import room_clear
from chat.services.posting import Draft, messages_post
from support.people import room


@pytest.fixture(autouse=True)
def meadow(garden: Room, alice: Participant, bob: Participant) -> Room:
    return room("meadow", owner=alice, members=[bob])


def say(author: Participant, text: str, slug: str = "garden") -> None:
    messages_post([Draft(author, slug, text)])


def named(user: Participant, **more: Any) -> list[str]:
    return [item.message.message for item in inbox(user, kind="mentions", **more).items]


def reacted(user: Participant) -> list[tuple[str, str, str]]:
    return [(item.message.message, item.by, item.emoji) for item in inbox(user, kind="reactions").items]


def test_messages_that_name_bob_are_listed_newest_first(alice: Participant, bob: Participant) -> None:
    say(alice, "@bob one")
    say(alice, "of no one")
    say(bob, "myself, @bob")
    say(alice, "@bob two", "meadow")
    say(alice, "@room three")
    assert named(bob) == ["@room three", "@bob two", "@bob one"]
    assert named(alice) == []
    message_edit(user=alice, room="garden", seq=2, text="after all @bob")
    assert named(bob)[0] == "after all @bob"
    message_delete(user=alice, room="garden", seq=1)
    assert "@bob one" not in named(bob)


def test_reactions_of_others_to_alices_messages_are_listed(alice: Participant, bob: Participant) -> None:
    say(alice, "tea?")
    say(bob, "cake!")
    message_react(user=bob, room="garden", seq=1, emoji="👍", on=True)
    message_react(user=bob, room="garden", seq=1, emoji="🎉", on=True)
    message_react(user=alice, room="garden", seq=1, emoji="👍", on=True)
    message_react(user=bob, room="garden", seq=2, emoji="👍", on=True)
    assert reacted(alice) == [("tea?", "bob", "🎉"), ("tea?", "bob", "👍")]
    assert reacted(bob) == []
    message_react(user=bob, room="garden", seq=1, emoji="🎉", on=False)
    assert reacted(alice) == [("tea?", "bob", "👍")]


def test_only_what_can_still_be_read_is_listed(garden: Room, alice: Participant, bob: Participant) -> None:
    say(alice, "@bob in the garden")
    say(alice, "@bob in the meadow", "meadow")
    Membership.objects.filter(user=bob, room=garden).delete()
    assert named(bob) == ["@bob in the meadow"]
    room_clear(user=alice, room="meadow")
    assert named(bob) == []


def test_pages_cost_the_same_and_join_without_a_gap(
    alice: Participant, bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(7):
        say(alice, f"@bob {number}", "meadow" if number % 2 else "garden")
    with django_assert_num_queries(5):
        page = inbox(bob, kind="mentions", limit=3)
    assert page.has_older
    rest = inbox(bob, kind="mentions", limit=9, before=page.items[-1].id)
    assert [item.message.message for item in page.items + rest.items] == [f"@bob {n}" for n in range(6, -1, -1)]
    assert not rest.has_older
    with django_assert_num_queries(1):
        assert inbox(alice, kind="mentions").items == []
