"""Access of many people at once, of a member with a membership already read, and by the project's own function."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from chat.access import access_message, access_room, has_policy, may_enter, policy_refusal, readers_of
from chat.models import Ban, Membership, Message, Participant, Room
from chat.protocol.errors import ChatError
from chat.rules import Action
from chat.services.posting import Draft, messages_post
from support import people
from support.cast import alice, bob, charlie, garden

__all__ = ["alice", "bob", "charlie", "garden"]


@pytest.fixture
def park(alice: Participant) -> Room:
    """A public room that Alice owns."""
    return people.room("park", owner=alice, kind="public")


def asked(user: Participant, action: str, room: Room) -> str:
    """A policy: Bob may neither read nor post nor edit in the garden."""
    refused = user.username == "bob" and room.slug == "garden" and action in {"read", "post", "edit"}
    return "Not before noon." if refused else ""


def test_readers_are_those_who_may_read_alone(
    garden: Room, park: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    """For each person, room and state of a ban, `readers_of` gives the same result as `access_room`."""
    dora, erin = people.person("dora"), people.person("erin")
    later, before = timezone.now() + timedelta(hours=1), timezone.now() - timedelta(hours=1)
    Ban.objects.create(user=charlie, room=park, until=later, reason="noise")
    Ban.objects.create(user=dora, room=park, until=before)
    Ban.objects.create(user=erin, room=garden)
    # Membership in another room gives no access to this one.
    people.room("shed", owner=charlie, members=[erin])
    users = [erin, alice, dora, bob, charlie]
    for slug, expected in (
        ("garden", ["not_found", None, "not_found", None, "not_found"]),
        ("park", [None, None, None, None, "banned"]),
    ):
        room, problems = readers_of(users=users, slug=slug)
        assert room == Room.objects.get(slug=slug)
        assert [problem and problem.code.value for problem in problems] == expected
        for user, problem in zip(users, problems, strict=True):
            try:
                access_room(user=user, slug=slug)
                alone = None
            except ChatError as refused:
                alone = refused
            assert (problem and (problem.code, problem.message, problem.fields)) == (
                alone and (alone.code, alone.message, alone.fields)
            )


@pytest.mark.parametrize("slug", ["absent", "no room\x00", "Garden\n"])
def test_of_a_room_that_is_not_there_no_one_is_a_reader(garden: Room, bob: Participant, slug: str) -> None:
    room, problems = readers_of(users=[bob, bob], slug=slug)
    assert room is None
    assert [problem and problem.message for problem in problems] == [
        "There is no such room, or you may not see it.",
    ] * 2


def test_a_room_that_cannot_be_is_not_asked_for_at_the_database(
    bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        readers_of(users=[bob], slug="gar\x00den")


def test_readers_take_three_queries_and_two_without_strangers(
    park: Room, alice: Participant, bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        readers_of(users=[alice], slug="park")
    with django_assert_num_queries(3):
        readers_of(users=[alice, bob], slug="park")


def test_a_member_enters_unless_the_room_is_archived(garden: Room, bob: Participant) -> None:
    membership = Membership.objects.select_related("room").get(user=bob, room=garden)
    assert may_enter(bob, membership) is True
    membership.room.archived = True
    assert may_enter(bob, membership) is False


def test_without_a_function_of_the_project_nothing_is_refused(
    garden: Room, bob: Participant, settings: Settings
) -> None:
    settings.CHAT = {}
    assert has_policy() is False
    assert policy_refusal(bob, garden, Action.POST) is None
    del settings.CHAT
    assert has_policy() is False
    assert policy_refusal(bob, garden, Action.POST) is None


def test_the_function_of_the_project_refuses_what_the_rules_allow(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant, settings: Settings
) -> None:
    settings.CHAT = {"POLICY": f"{__name__}.asked"}
    assert has_policy() is True
    with pytest.raises(ChatError) as refused:
        access_room(user=bob, slug="garden", action=Action.POST)
    assert (refused.value.code.value, refused.value.message) == ("forbidden", "Not before noon.")
    # It does not refuse other people, other actions, or reading, for which it is not called.
    assert access_room(user=alice, slug="garden", action=Action.POST).user == alice
    assert access_room(user=bob, slug="garden", action=Action.REACT).room == garden
    assert policy_refusal(bob, garden, Action.READ) is None
    assert access_room(user=bob, slug="garden").user == bob
    # The same applies to a message.
    messages_post([Draft(alice, "garden", "one")])
    Message.objects.update(author=bob)
    with pytest.raises(ChatError) as refused:
        access_message(access=access_room(user=bob, slug="garden"), seq=1, action=Action.EDIT)
    assert (refused.value.code.value, refused.value.message) == ("forbidden", "Not before noon.")
    assert access_message(access=access_room(user=bob, slug="garden"), seq=1, action=Action.DELETE).text == "one"
    # The rules come first.
    with pytest.raises(ChatError) as refused:
        access_room(user=charlie, slug="garden", action=Action.POST)
    assert refused.value.code.value == "not_found"
