"""Mentions per thread: the same count whether the threads of all mentions are known or still to be looked up."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Mention, Participant, Room
from chat.protocol.commands import ThreadFilter
from chat.protocol.errors import ChatError
from chat.queries.threads import threads_page
from chat.services.mentions import mentions_place
from chat.services.messages import message_delete, message_edit
from chat.services.moderation import room_clear
from chat.services.posting import Draft, Posted, messages_post
from chat.services.threads import thread_read

Say = Callable[..., Posted]


@pytest.fixture(name="say")
def _say(garden: Room) -> Say:
    def say(author: Participant, text: str, thread: int | None = None, **fields: Any) -> Posted:
        in_room = fields.pop("in_room", thread is None)
        [outcome] = messages_post([Draft(author, "garden", text, thread=thread, in_room=in_room)])
        assert not isinstance(outcome, ChatError)
        return outcome

    return say


@pytest.fixture
def named(say: Say, garden: Room, alice: Participant, bob: Participant) -> None:
    """Two threads that mention Alice and Bob: in replies shown in the room or not, in an edit, by themselves, and in a
    deleted reply."""
    for text in ("tea?", "cake? @bob", "not a thread @bob"):
        say(alice, text)
    for thread in (1, 2):
        say(bob, "first @alice, says @bob", thread)
        say(alice, "@bob yes", thread)
        say(alice, "@bob shown", thread, in_room=True)
        edited = say(alice, "nobody", thread)
        message_edit(user=alice, room="garden", seq=edited.seq, text="you, @bob")
        gone = say(alice, "@bob gone", thread)
        message_delete(user=alice, room="garden", seq=gone.seq)


def pages(*people: Participant) -> list[dict[str, Any]]:
    wanted: tuple[ThreadFilter, ...] = ("following", "unread", "all")
    return [threads_page(person, wanted=one).model_dump() for person in people for one in wanted]


def test_the_list_counts_alike_before_and_after_mentions_are_looked_up(
    named: None, say: Say, garden: Room, alice: Participant, bob: Participant
) -> None:
    [first, second] = threads_page(bob).threads[::-1]
    assert (first.mentions, first.hidden_mentions) == (3, 2)
    assert threads_page(bob).model_dump()["hidden_mentions"] == {"garden": 4}
    thread_read(user=bob, room="garden", thread=2, seq=second.latest[0].seq)
    known = pages(alice, bob)
    assert known == _looked_up_anew(known, alice, bob)
    # A clearing hides the roots, and every reply but those posted after it.
    room_clear(user=alice, room="garden", reason="")
    begun = say(alice, "more tea?")
    say(alice, "@bob after it", begun.seq)
    known = pages(alice, bob)
    assert known == _looked_up_anew(known, alice, bob)
    assert known[3]["hidden_mentions"] == {"garden": 1}


def _looked_up_anew(known: list[dict[str, Any]], *people: Participant) -> list[dict[str, Any]]:
    facts = list(Mention.objects.order_by("pk").values_list("thread", "hidden"))
    Mention.objects.update(thread=None, hidden=False)
    assert pages(*people) == known
    assert mentions_place() == len(facts)
    assert mentions_place() == 0
    assert list(Mention.objects.order_by("pk").values_list("thread", "hidden")) == facts
    return pages(*people)


def test_the_list_reads_mentions_by_thread_and_not_those_of_the_room(named: None, bob: Participant) -> None:
    with CaptureQueriesContext(connection) as captured:
        threads_page(bob)
    counting = [query["sql"] for query in captured if "chat_mention" in query["sql"]]
    # Whether all are looked up; mentions of the page's threads; sums of all threads; names in the page's texts.
    assert len(counting) <= 5
    assert sum('"thread" > 0' in sql for sql in counting) == 2, counting
