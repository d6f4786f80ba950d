"""Threads: replies under a message, who follows them, and what counts where."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Membership, Message, Participant, Room, Thread, ThreadFollow
from chat.protocol.errors import ChatError
from chat.queries.history import changes_after, history_page
from chat.queries.rooms import room_entries
from chat.queries.search import search
from chat.queries.threads import history_of, thread_events, threads_page
from chat.services.emptying import messages_empty
from chat.services.messages import message_delete, message_edit, message_react
from chat.services.moderation import room_clear
from chat.services.posting import Draft, Posted, messages_post
from chat.services.search_index import index_step
from chat.services.threads import thread_follow, thread_read
from tests.services.conftest import Heard

Say = Callable[..., Posted]


@pytest.fixture(name="say")
def _say(garden: Room) -> Say:
    def say(author: Participant, text: str, thread: int | None = None, **fields: Any) -> Posted:
        in_room = fields.pop("in_room", thread is None)
        [outcome] = messages_post([Draft(author, "garden", text, thread=thread, in_room=in_room, **fields)])
        if isinstance(outcome, ChatError):
            raise outcome
        return outcome

    return say


def refused(code: str) -> pytest.RaisesExc[ChatError]:
    return pytest.raises(ChatError, match=f"^{code}: ")


def part(person: Participant, room: Room, thread: int = 1) -> tuple[int, int, bool] | None:
    """A person's (unread, mentions, following) in a thread."""
    found = thread_events(room.pk, thread, [person.pk], also=[person.pk]).get(person.pk)
    return (found.unread, found.mentions, found.following) if found else None


def seqs(room: Room, **place: Any) -> list[int]:
    room.refresh_from_db()
    return [message.seq for message in history_page(room, limit=50, **place).messages]


def test_a_reply_takes_the_next_numbers_of_the_room_and_its_root_the_one_after(
    say: Say, heard: Heard, garden: Room, alice: Participant, bob: Participant
) -> None:
    say(alice, "tea?")
    with heard() as told:
        posted = say(bob, "yes", 1)
    assert (posted.seq, posted.rev) == (2, 2)
    reply, root = told
    assert (reply["seq"], reply["rev"], reply["thread"], reply["in_room"], reply["reply_to"]) == (2, 2, 1, False, 1)
    assert reply["replies"] is None
    assert (root["seq"], root["rev"], root["thread"], root["in_room"]) == (1, 3, None, True)
    assert root["replies"] == {"count": 1, "last_seq": 2, "last_at": reply["timestamp"], "people": ["bob"]}
    garden.refresh_from_db()
    assert [event.rev for event in changes_after(garden, 0, limit=10).events] == [2, 3], "resume has both"


def test_the_room_shows_its_replies_only_when_they_say_so(
    say: Say, garden: Room, alice: Participant, bob: Participant
) -> None:
    say(alice, "tea?")
    say(bob, "hidden", 1)
    say(bob, "shown", 1, in_room=True)
    say(alice, "something else")
    assert seqs(garden) == [1, 3, 4]
    assert seqs(garden, thread=1) == [2, 3]
    page = history_page(garden, limit=1, before=3)
    assert ([one.seq for one in page.messages], page.has_older, page.has_newer) == ([1], False, True)
    page = history_page(garden, limit=2, after=1)
    assert ([one.seq for one in page.messages], page.has_older, page.has_newer) == ([3, 4], True, False)
    page = history_page(garden, limit=1, thread=1)
    assert ([one.seq for one in page.messages], page.has_older) == ([3], True)


def test_a_message_of_no_thread_is_shown_in_the_room_whatever_it_asks_for(
    say: Say, heard: Heard, garden: Room, alice: Participant
) -> None:
    with heard() as told:
        say(alice, "tea?", in_room=False)
    assert [event["in_room"] for event in told] == [True]
    assert seqs(garden) == [1]
    assert Membership.objects.get(user=alice).read_seq == 1


def test_a_reply_to_a_reply_joins_the_thread(say: Say, garden: Room, alice: Participant, bob: Participant) -> None:
    say(alice, "tea?")
    say(bob, "yes", 1)
    say(alice, "with milk?", 2)
    assert seqs(garden, thread=1) == [2, 3]
    assert history_of(garden, thread=3).thread == 1
    root = history_of(garden, thread=2).root
    assert root
    assert root.replies
    assert (root.replies.count, root.replies.people) == (2, ["alice", "bob"])


def test_what_cannot_be_a_root_is_refused(say: Say, garden: Room, alice: Participant, bob: Participant) -> None:
    say(alice, "gone")
    message_delete(user=alice, room="garden", seq=1)
    with refused("not_found"):
        say(bob, "a reply", 1)
    room_clear(user=alice, room="garden")
    with refused("not_found"):
        say(bob, "to what was cleared", 1)
    with refused("invalid") as found:
        say(bob, "to a line of the system", 2)
    assert found.value.fields == {"thread": "must be a message of a person"}
    for seq in (3, 2**53):
        with refused("not_found"):
            say(bob, "to nothing", seq)
    garden.refresh_from_db()
    assert garden.last_seq == 2, "nothing was written"


def test_the_number_of_another_room_is_no_root(say: Say, garden: Room, alice: Participant, bob: Participant) -> None:
    other = Room.objects.create(slug="shed", kind="private")
    Membership.objects.create(room=other, user=alice)
    messages_post([Draft(alice, "shed", f"number {n}") for n in range(3)])
    say(alice, "the only one")
    with refused("not_found"):
        say(bob, "a reply", 3)
    assert not Message.objects.filter(room=garden, thread__isnull=False).exists()


def test_a_repeated_reply_is_one_reply(say: Say, garden: Room, alice: Participant, bob: Participant) -> None:
    say(alice, "tea?")
    first, again = say(bob, "yes", 1, client_id="c"), say(bob, "yes", 1, client_id="c")
    assert (first.seq, again.seq, again.duplicate) == (2, 2, True)
    with refused("conflict"):
        say(bob, "yes", client_id="c")
    with refused("conflict"):
        say(bob, "yes", 1, client_id="c", in_room=True)


def test_many_replies_of_one_batch_change_the_root_once(
    say: Say, heard: Heard, garden: Room, alice: Participant, bob: Participant
) -> None:
    say(alice, "tea?")
    drafts = [Draft(bob, "garden", "in the room, @alice")]
    drafts += [Draft(bob, "garden", f"reply {n}", thread=1, in_room=False) for n in range(5)]
    with heard() as told:
        messages_post(drafts)
    assert [(event["seq"], event["rev"]) for event in told] == [(2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 7), (1, 8)]
    assert told[-1]["replies"]["count"] == 5


def test_who_starts_answers_or_is_named_follows(
    say: Say, garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    Membership.objects.create(room=garden, user=charlie)
    say(alice, "tea?")
    assert part(alice, garden) is None
    say(bob, "yes", 1)
    assert (part(alice, garden), part(bob, garden), part(charlie, garden)) == ((1, 0, True), (0, 0, True), None)
    say(bob, "and @charlie?", 1)
    assert (part(alice, garden), part(charlie, garden)) == ((2, 0, True), (1, 1, True))
    thread_read(user=charlie, room="garden", thread=1, seq=3)
    assert part(charlie, garden) == (0, 0, True)
    say(charlie, "hello", 2)
    assert (part(alice, garden), part(bob, garden), part(charlie, garden)) == ((3, 0, True), (1, 0, True), (0, 0, True))


def test_who_ended_it_follows_no_more_until_they_answer(
    say: Say, garden: Room, alice: Participant, bob: Participant
) -> None:
    say(alice, "tea?")
    say(bob, "yes", 1)
    assert thread_follow(user=alice, room="garden", thread=2, on=False) == 1
    say(bob, "well?", 1)
    assert part(alice, garden) == (0, 0, False)
    say(alice, "sorry", 1)
    assert part(alice, garden) == (0, 0, True)
    say(bob, "never mind", 1)
    assert part(alice, garden) == (1, 0, True)


def test_a_thread_can_be_followed_before_anyone_replies(
    say: Say, garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    say(alice, "tea?")
    thread_follow(user=bob, room="garden", thread=1, on=True)
    assert threads_page(bob).threads == []
    say(alice, "anyone?", 1)
    assert part(bob, garden) == (1, 0, True)
    [entry] = threads_page(bob).threads
    assert (entry.room, entry.thread, entry.unread, entry.message and entry.message.message) == (
        *("garden", 1, 1, "tea?"),
    )
    with refused("not_found"):
        thread_follow(user=charlie, room="garden", thread=1, on=True)


def test_replies_count_in_their_thread_and_in_the_room_only_when_shown(
    say: Say, garden: Room, alice: Participant, bob: Participant
) -> None:
    say(alice, "tea?")

    def of_room() -> tuple[int, int]:
        [held] = room_entries(alice)
        return held.entry.unread, held.entry.mentions

    say(bob, "hello @alice", 1)
    assert of_room() == (0, 0)
    assert part(alice, garden) == (1, 1, True)
    say(bob, "shown, @alice", 1, in_room=True)
    assert of_room() == (1, 1)
    assert part(alice, garden) == (2, 2, True)
    thread_read(user=alice, room="garden", thread=1, seq=3)
    assert (of_room(), part(alice, garden)) == ((1, 1), (0, 0, True)), "the room is read by itself"
    say(bob, "and so on", 1)
    assert Membership.objects.get(user=alice, room=garden).read_seq == 1
    say(alice, "an answer", 1)
    assert of_room() == (1, 1), "an answer in the thread marks nothing in the room as read"


def test_mentions_that_a_room_does_not_show_are_summed_by_room(
    say: Say, garden: Room, alice: Participant, bob: Participant
) -> None:
    shed = Room.objects.create(slug="shed", kind="private")
    for person in (alice, bob):
        Membership.objects.create(room=shed, user=person)
    messages_post([Draft(alice, "shed", "seeds?")])
    messages_post([Draft(bob, "shed", "none, @alice", thread=1, in_room=False)])
    say(alice, "tea?")
    say(alice, "cake?")
    for root in (1, 2):
        say(bob, "hidden, @alice", root)
        say(bob, "shown, @alice", root, in_room=True)
    found = threads_page(alice)
    assert (found.unread, found.mentions, found.hidden_mentions) == (3, 3, {"garden": 2, "shed": 1})
    assert [(entry.mentions, entry.hidden_mentions) for entry in found.threads] == [(2, 1), (2, 1), (1, 1)]
    assert thread_events(garden.pk, 1, [alice.pk])[alice.pk].hidden_mentions == 1
    thread_read(user=alice, room="garden", thread=1, seq=6)
    assert threads_page(alice).hidden_mentions == {"garden": 1, "shed": 1}
    message_edit(user=bob, room="garden", seq=5, text="of nobody")
    assert threads_page(alice).hidden_mentions == {"shed": 1}
    thread_follow(user=alice, room="shed", thread=1, on=False)
    assert threads_page(alice).hidden_mentions == {}
    assert threads_page(bob).hidden_mentions == {}, "a name in one's own message does not count"


def test_edits_and_deletions_of_replies_count(say: Say, garden: Room, alice: Participant, bob: Participant) -> None:
    say(alice, "tea?")
    say(bob, "yes", 1)
    message_edit(user=bob, room="garden", seq=2, text="yes, @alice")
    assert part(alice, garden) == (1, 1, True)
    message_edit(user=bob, room="garden", seq=2, text="yes")
    assert part(alice, garden) == (1, 0, True)
    message_delete(user=bob, room="garden", seq=2)
    assert part(alice, garden) == (0, 0, True)
    assert threads_page(alice, wanted="all").threads == [], "no reply is left"


def test_the_search_finds_replies_of_threads(
    say: Say, garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    def found(user: Participant, query: str) -> list[int]:
        while index_step():
            pass
        return [hit.message.seq for hit in search(user=user, query=query).hits]

    say(alice, "tea in the room")
    say(bob, "tea in the thread", 1)
    say(bob, "tea in both", 1, in_room=True)
    say(alice, "tea without one")
    assert found(alice, "is:thread") == [3, 2, 1], "the root as well"
    assert found(alice, "is:thread both") == [3]
    assert found(alice, "tea -is:thread") == [4]
    assert found(charlie, "is:thread") == [], "who is not in the room finds none of it"
    message_delete(user=bob, room="garden", seq=3)
    assert found(alice, "is:thread") == [2, 1]


def test_a_deleted_reply_leaves_the_root_with_the_others(
    say: Say, heard: Heard, garden: Room, alice: Participant, bob: Participant
) -> None:
    say(alice, "tea?")
    say(bob, "yes", 1)
    say(alice, "now", 1)
    with heard() as told:
        message_delete(user=alice, room="garden", seq=3)
    reply, root = told
    assert (reply["deleted"], reply["thread"], root["seq"]) == (True, 1, 1)
    assert root["rev"] == reply["rev"] + 1
    assert (root["replies"]["count"], root["replies"]["last_seq"], root["replies"]["people"]) == (1, 2, ["bob"])
    message_delete(user=bob, room="garden", seq=2)
    assert history_of(garden, thread=1).root.replies is None  # type: ignore[union-attr]


def test_a_deleted_root_keeps_its_thread(
    say: Say, heard: Heard, garden: Room, alice: Participant, bob: Participant
) -> None:
    say(alice, "tea?")
    say(bob, "yes", 1)
    with heard() as told:
        message_delete(user=alice, room="garden", seq=1)
    [root] = told
    assert (root["deleted"], root["message"], root["replies"]["count"]) == (True, "", 1)
    say(bob, "still here", 1)
    assert seqs(garden, thread=1) == [2, 3]
    [entry] = threads_page(bob).threads
    assert entry.message
    assert entry.message.deleted


def test_edits_and_reactions_of_a_root_keep_its_replies(
    say: Say, heard: Heard, garden: Room, alice: Participant, bob: Participant
) -> None:
    say(alice, "tea?")
    say(bob, "yes", 1)
    with heard() as told:
        message_edit(user=alice, room="garden", seq=1, text="coffee?")
        message_react(user=bob, room="garden", seq=1, emoji="👍", on=True)
        message_react(user=bob, room="garden", seq=2, emoji="👍", on=True)
    assert [event["replies"] and event["replies"]["count"] for event in told] == [1, 1, None]
    assert told[-1]["thread"] == 1


def test_retention_empties_replies_as_a_deletion_does(
    say: Say, heard: Heard, garden: Room, alice: Participant, bob: Participant
) -> None:
    say(alice, "tea?")
    say(bob, "yes", 1)
    say(alice, "now", 1)
    with heard() as told:
        messages_empty(garden, list(Message.objects.filter(room=garden, seq__lte=2)))
    assert [(event["seq"], event["deleted"]) for event in told] == [(2, True), (1, True)]
    assert (told[-1]["replies"]["count"], told[-1]["replies"]["people"]) == (1, ["alice"])


def test_a_clearing_hides_threads(say: Say, garden: Room, alice: Participant, bob: Participant) -> None:
    say(alice, "tea?")
    say(bob, "yes", 1)
    room_clear(user=alice, room="garden")
    assert threads_page(alice).threads == []
    assert (threads_page(alice).unread, part(alice, garden)) == (0, (0, 0, True))
    garden.refresh_from_db()
    with refused("not_found"):
        history_of(garden, thread=1)


def test_who_left_the_room_has_none_of_its_threads(
    say: Say, garden: Room, alice: Participant, bob: Participant
) -> None:
    say(alice, "tea?")
    say(bob, "yes", 1)
    Membership.objects.filter(room=garden, user=bob).delete()
    assert threads_page(bob).threads == []


def test_the_list_goes_by_activity_and_in_pages(say: Say, garden: Room, alice: Participant, bob: Participant) -> None:
    for n in range(5):
        say(alice, f"root {n}")
    for root in (2, 4, 1, 5, 3):
        say(bob, "a reply", root)
        say(bob, "another", root)
    first = threads_page(alice, limit=3)
    assert [entry.thread for entry in first.threads] == [3, 5, 1]
    assert [one.message for one in first.threads[0].latest] == ["a reply", "another"]
    rest = threads_page(alice, limit=3, before=first.next)
    assert ([entry.thread for entry in rest.threads], rest.next) == ([4, 2], None)
    assert (first.unread, first.mentions) == (5, 0)
    thread_read(user=alice, room="garden", thread=3, seq=15)
    assert [entry.thread for entry in threads_page(alice, wanted="unread").threads] == [5, 1, 4, 2]
    thread_follow(user=alice, room="garden", thread=5, on=False)
    assert [entry.thread for entry in threads_page(alice).threads] == [3, 1, 4, 2]
    assert [entry.thread for entry in threads_page(alice, wanted="all").threads] == [3, 5, 1, 4, 2]
    with refused("invalid"):
        threads_page(alice, before="yesterday")


def test_a_list_of_any_length_costs_the_same_queries(
    say: Say, garden: Room, alice: Participant, bob: Participant
) -> None:
    for n in range(1, 9):
        say(alice, f"root {n}")
    for n in range(1, 9):
        say(bob, "hello @alice", n)

    def queries(limit: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            threads_page(alice, limit=limit)
        return len(captured)

    assert queries(1) == queries(8) <= 13


def test_a_message_of_no_thread_costs_what_it_cost(say: Say, garden: Room, alice: Participant) -> None:
    say(alice, "warm")
    with CaptureQueriesContext(connection) as captured:
        say(alice, "no thread")
    assert not [query for query in captured if "chat_thread" in query["sql"] or "thread =" in query["sql"]]


def test_a_long_thread_is_counted_whole(garden: Room, alice: Participant, bob: Participant) -> None:
    messages_post([Draft(alice, "garden", "tea?")])
    for _ in range(4):
        messages_post([Draft(bob, "garden", "yes", thread=1, in_room=False) for _ in range(50)])
    assert Thread.objects.get(room=garden, seq=1).last_seq == 201
    assert ThreadFollow.objects.count() == 2
    assert part(alice, garden) == (200, 0, True)
