"""Groups of people that a message can mention by a single name."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Membership, Mention, Message, Participant, PeopleGroup, Room
from chat.protocol.errors import ChatError
from chat.queries.groups import groups_for
from chat.queries.message_states import message_states
from chat.queries.rooms import room_entries
from chat.services.groups import group_end, group_make, group_member
from chat.services.messages import message_edit
from chat.services.posting import Draft, Posted, messages_post
from support import people
from tests.services.conftest import Heard
from tests.services.test_messages import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Participant:
    return people.person("boss", is_staff=True)


@pytest.fixture
def shift(boss: Participant, bob: Participant, garden: Room) -> PeopleGroup:
    group = group_make(user=boss, handle="@Night-Shift", title="At night")
    for username in ("bob", "boss"):
        group_member(user=boss, handle="night-shift", username=username, on=True)
    return group


def say(user: Participant, text: str, room: str = "garden") -> int:
    [posted] = messages_post([Draft(user, room, text)])
    assert isinstance(posted, Posted)
    return posted.seq


def mentions(seq: int) -> list[str]:
    [state] = message_states(Message.objects.filter(room__slug="garden", seq=seq))
    return state.mentions


@pytest.mark.usefixtures("shift")
def test_a_group_calls_those_of_its_people_who_are_in_the_room(alice: Participant, bob: Participant) -> None:
    seq = say(alice, "Who is up, @night-shift?")
    assert mentions(seq) == ["night-shift"]
    assert [mention.user.username for mention in Mention.objects.filter(seq=seq)] == ["bob"]
    [entry] = [held.entry for held in room_entries(bob)]
    assert entry.mentions == 1
    message_edit(user=alice, room="garden", seq=seq, text="Nobody")
    assert mentions(seq) == []
    message_edit(user=alice, room="garden", seq=seq, text="@NIGHT-SHIFT again, @bob")
    # Bob is mentioned by his own name.
    assert mentions(seq) == ["bob"]


def test_members_call_the_groups_that_they_are_in(
    shift: PeopleGroup, garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    Membership.objects.create(room=garden, user=charlie)
    assert mentions(say(charlie, "@night-shift, wake up")) == []
    group_member(user=Participant.objects.get(username="boss"), handle=shift.handle, username="charlie", on=True)
    assert mentions(say(charlie, "@night-shift, wake up")) == ["night-shift"]


def test_whom_a_message_calls_is_published_as_it_is_read(
    shift: PeopleGroup, heard: Heard, garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    dora = people.person("dora")
    Membership.objects.bulk_create(Membership(room=garden, user=one) for one in (charlie, dora))
    shift.people.add(charlie)
    Room.objects.filter(pk=garden.pk).update(calling="moderators")
    people.room("shed", owner=alice)
    said = [
        (alice, "garden", "@room, @bob and @nobody", ["bob", "room"], {"bob", "charlie", "dora"}),
        (alice, "garden", "@night-shift and @nobody", ["night-shift"], {"bob", "charlie"}),
        (alice, "garden", "@here", ["here"], set()),
        # Only moderators may mention everyone; other members only groups that they belong to.
        (bob, "garden", "@room and @night-shift", ["night-shift"], {"charlie"}),
        (dora, "garden", "@room and @night-shift", [], set()),
        (alice, "shed", "@room, is anybody there?", ["room"], set()),
    ]
    with heard() as told:
        messages_post([Draft(author, room, text) for author, room, text, *_ in said])
    assert [event["mentions"] for event in told] == [names for *_, names, _ in said]
    for event, (*_, names, called) in zip(told, said, strict=True):
        found = Mention.objects.filter(room__slug=event["room"], seq=event["seq"])
        assert {mention.user.username for mention in found} == called
        if called:
            assert mentions(event["seq"]) == names


def test_only_administrators_make_groups_and_no_name_is_taken_twice(boss: Participant, bob: Participant) -> None:
    with refused("forbidden"):
        group_make(user=bob, handle="day-shift")
    with refused("conflict"):
        group_make(user=boss, handle="bob")
    for handle in ("room", "a b", "", "ä", "x" * 33):
        with refused("invalid"):
            group_make(user=boss, handle=handle)
    group_make(user=boss, handle="day-shift")
    with refused("conflict"):
        group_make(user=boss, handle="Day-Shift")
    with refused("not_found"):
        group_member(user=boss, handle="day-shift", username="ghost", on=True)
    group_end(user=boss, handle="day-shift")
    with pytest.raises(ChatError, match="not_found"):
        group_end(user=boss, handle="day-shift")


def test_a_group_of_two_thousand_is_called_by_as_many_statements_as_one_of_two(
    shift: PeopleGroup, garden: Room, alice: Participant
) -> None:
    with CaptureQueriesContext(connection) as two:
        say(alice, "@night-shift")
    crowd = Participant.objects.bulk_create(Participant(username=f"robot{n}") for n in range(2_000))
    Membership.objects.bulk_create(Membership(room=garden, user=robot) for robot in crowd)
    shift.people.add(*crowd)
    with CaptureQueriesContext(connection) as many:
        seq = say(alice, "@night-shift")
    assert Mention.objects.filter(seq=seq).count() == 2_001
    assert mentions(seq) == ["night-shift"]

    def others(ran: CaptureQueriesContext) -> list[str]:
        # SQLite inserts rows a few hundred at a time.
        return [one["sql"] for one in ran.captured_queries if 'INSERT INTO "chat_mention"' not in one["sql"]]

    assert len(others(many)) == len(others(two))


def test_the_list_is_one_query_and_a_message_without_unknown_names_asks_for_no_group(
    shift: PeopleGroup, alice: Participant, bob: Participant, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        found = groups_for(bob).groups
    assert [(one.handle, one.people, one.mine) for one in found] == [("night-shift", 2, True)]
    with CaptureQueriesContext(connection) as ran:
        say(alice, "Hello @bob")
    assert not [one for one in ran.captured_queries if "peoplegroup" in one["sql"]]
