"""Staff search the messages of all rooms by the same index."""

import pytest

from chat.models import Message, Participant, Room
from chat.queries.search_staff import search_all
from chat.services import search_index
from chat.services.messages import message_delete
from chat.services.posting import Draft, messages_post
from support import people


@pytest.fixture
def staff(garden: Room) -> Participant:
    return people.person("staff")


def texts(staff: Participant, query: str, most: int = 9) -> list[str]:
    found = search_all(user=staff, query=query, most=most).message_ids
    return [Message.objects.get(pk=pk).text for pk in found]


def say(user: Participant, room: str, text: str) -> None:
    messages_post([Draft(user, room, text)])
    while search_index.index_step():
        pass


def test_messages_of_every_room_are_found_by_half_words(
    alice: Participant, bob: Participant, staff: Participant
) -> None:
    people.room("shed", owner=bob)
    say(bob, "shed", "a word")
    say(alice, "garden", "Wörter")
    say(bob, "shed", "words")
    assert texts(staff, "wor") == ["words", "Wörter", "a word"]
    assert texts(staff, "wor", most=1) == ["words"]
    assert [search_all(user=staff, query="wor", most=most).more for most in (2, 3)] == [True, False]
    assert texts(staff, "wor in:shed from:bob") == ["words", "a word"]
    message_delete(user=bob, room="shed", seq=1)
    assert texts(staff, '"a word"') == texts(staff, " ") == []


def test_a_room_that_does_not_exist_is_a_warning(staff: Participant) -> None:
    assert search_all(user=staff, query="word in:nowhere", most=9).warnings
