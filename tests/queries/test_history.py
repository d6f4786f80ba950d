"""Pages by place, changes by number."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from chat.models import Participant, Room
from chat.protocol import events
from chat.queries import history
from chat.queries.history import (
    PAGE_BYTES,
    Page,
    changes_after,
    history_page,
    newest_page,
    resumed_after,
    room_changes,
)
from chat.services.messages import message_delete, message_edit, message_react
from chat.services.moderation import room_clear
from chat.services.pins import message_pin
from chat.services.posting import Draft, messages_post
from chat.services.rooms import room_update
from support.people import room


def say(author: Participant, *texts: str) -> None:
    messages_post([Draft(author, "garden", text) for text in texts])


@pytest.fixture(autouse=True)
def meadow(alice: Participant, bob: Participant) -> Room:
    """Another room of the same people, with more messages and changes under the same numbers."""
    made = room("meadow", owner=alice, members=[bob])
    messages_post([Draft(bob, "meadow", f"elsewhere {n}") for n in range(1, 21)])
    room_clear(user=alice, room="meadow")
    room_update(user=alice, room="meadow", topic="clover")
    messages_post([Draft(bob, "meadow", f"elsewhere {n}") for n in range(1, 5)])
    Room.objects.filter(pk=made.pk).update(cleared_before_seq=0)
    return made


@pytest.fixture
def talk(garden: Room, alice: Participant) -> Room:
    """Ten messages."""
    say(alice, *(f"message {n}" for n in range(1, 11)))
    garden.refresh_from_db()
    return garden


def seqs(page: Page) -> tuple[list[int], bool, bool]:
    return [message.seq for message in page.messages], page.has_older, page.has_newer


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"limit": 3}, ([8, 9, 10], True, False)),
        ({"limit": 10}, ([*range(1, 11)], False, False)),
        ({"limit": 100}, ([*range(1, 11)], False, False)),
        ({"limit": 3, "before": 8}, ([5, 6, 7], True, True)),
        ({"limit": 3, "before": 4}, ([1, 2, 3], False, True)),
        ({"limit": 3, "before": 1}, ([], False, True)),
        ({"limit": 3, "before": 11}, ([8, 9, 10], True, False)),
        ({"limit": 3, "before": 2**53}, ([8, 9, 10], True, False)),
        ({"limit": 3, "after": 0}, ([1, 2, 3], False, True)),
        ({"limit": 3, "after": 7}, ([8, 9, 10], True, False)),
        ({"limit": 3, "after": 10}, ([], True, False)),
        ({"limit": 3, "after": 2**53}, ([], True, False)),
        ({"limit": 4, "around": 5}, ([3, 4, 5, 6], True, True)),
        ({"limit": 5, "around": 5}, ([3, 4, 5, 6, 7], True, True)),
        ({"limit": 1, "around": 5}, ([5], True, True)),
        ({"limit": 4, "around": 1}, ([1, 2], False, True)),
        ({"limit": 4, "around": 10}, ([8, 9, 10], True, False)),
        ({"limit": 4, "around": 2**53}, ([9, 10], True, False)),
    ],
    ids=str,
)
def test_a_page(talk: Room, bounds: dict[str, Any], expected: tuple[list[int], bool, bool]) -> None:
    assert seqs(history_page(talk, **bounds)) == expected


def test_an_empty_room_has_an_empty_page(garden: Room) -> None:
    places: list[dict[str, Any]] = [{}, {"before": 5}, {"after": 0}, {"around": 3}]
    for bounds in places:
        assert seqs(history_page(garden, limit=5, **bounds)) == ([], False, False)


@pytest.mark.parametrize("bounds", [{"before": 5}, {"after": 5}, {"around": 5}, {"before": 1}, {"before": 2}])
def test_an_empty_room_has_no_older_and_no_newer_messages(garden: Room, bounds: dict[str, Any]) -> None:
    assert seqs(history_page(garden, limit=5, **bounds)) == ([], False, False)


def test_a_room_of_one_message(garden: Room, alice: Participant) -> None:
    say(alice, "one")
    garden.refresh_from_db()
    assert seqs(history_page(garden, limit=5)) == ([1], False, False)
    assert seqs(history_page(garden, limit=5, after=1)) == ([], True, False)
    assert seqs(history_page(garden, limit=5, before=1)) == ([], False, True)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"limit": 2}, ([10, 12], True, False)),
        ({"limit": 2, "before": 13}, ([10, 12], True, False)),
        ({"limit": 1, "after": 10}, ([12], True, False)),
        ({"limit": 2, "thread": 4}, ([12, 13], True, False)),
        ({"limit": 3, "thread": 4}, ([11, 12, 13], False, False)),
        ({"limit": 2, "thread": 4, "before": 12}, ([11], False, True)),
        ({"limit": 2, "thread": 4, "after": 11}, ([12, 13], True, False)),
        ({"limit": 2, "thread": 4, "around": 12}, ([11, 12], False, True)),
        ({"limit": 2, "thread": 5}, ([], False, False)),
        ({"limit": 2, "all": True}, ([12, 13], True, False)),
        ({"limit": 2, "all": True, "before": 12}, ([10, 11], True, True)),
        ({"limit": 2, "all": True, "after": 10}, ([11, 12], True, True)),
    ],
    ids=str,
)
def test_a_page_of_a_thread_and_one_of_all_that_was_said(
    talk: Room, bob: Participant, bounds: dict[str, Any], expected: tuple[list[int], bool, bool]
) -> None:
    # Three replies; the room also shows the second of them.
    messages_post([Draft(bob, "garden", f"{n}", thread=4, in_room=n == 2) for n in (1, 2, 3)])
    talk.refresh_from_db()
    assert seqs(history_page(talk, **bounds)) == expected


def test_messages_newer_than_the_room_as_it_was_read_are_left_to_the_events(talk: Room, alice: Participant) -> None:
    read = Room.objects.get(pk=talk.pk)
    say(alice, "eleven")
    assert seqs(history_page(read, limit=100)) == ([*range(1, 11)], False, False)
    assert seqs(history_page(read, limit=100, after=8)) == ([9, 10], True, False)
    assert seqs(history_page(read, limit=4, around=10)) == ([8, 9, 10], True, False)


@pytest.mark.parametrize("bounds", [{}, {"before": 11}, {"before": 12}, {"after": 10}])
def test_a_room_whose_last_message_is_cleared_has_none(talk: Room, bounds: dict[str, Any]) -> None:
    talk.cleared_before_seq = 11
    assert seqs(history_page(talk, limit=5, **bounds)) == ([], False, False)


@pytest.mark.parametrize(("spare", "shown"), [(0, [9, 10]), (-1, [10]), (-(10**6), [10])])
def test_a_page_holds_what_fits_and_at_least_one_message(
    talk: Room, monkeypatch: pytest.MonkeyPatch, spare: int, shown: list[int]
) -> None:
    two = history_page(talk, limit=2).messages
    size = sum(len(message.encode().encode()) for message in two)
    monkeypatch.setattr(history, "PAGE_BYTES", size + spare)
    assert seqs(history_page(talk, limit=10)) == (shown, True, False)


@pytest.mark.parametrize("limit", [1, 3, 50])
@pytest.mark.parametrize("fitting", [PAGE_BYTES, 700, 1])
def test_the_newest_page_is_encoded_as_its_messages_are(
    talk: Room, alice: Participant, bob: Participant, monkeypatch: pytest.MonkeyPatch, limit: int, fitting: int
) -> None:
    Participant.objects.filter(pk=bob.pk).update(display_name="Bob Ünal", name_shared=True)
    messages_post([Draft(bob, "garden", 'tea? "\u2028\\ 👩‍👧', client_id="1", reply_to=3)])
    messages_post([Draft(alice, "garden", "@bob and @nobody"), Draft(alice, "garden", "@room")])
    messages_post([Draft(bob, "garden", "below", thread=4, in_room=True), Draft(bob, "garden", "lone", thread=4)])
    message_react(user=bob, room="garden", seq=5, emoji="👍", on=True)
    message_edit(user=alice, room="garden", seq=6, text="changed")
    message_delete(user=alice, room="garden", seq=7)
    message_pin(user=alice, room="garden", seq=8, on=True)
    monkeypatch.setattr(history, "PAGE_BYTES", fitting)
    talk.refresh_from_db()
    page = history_page(talk, limit=limit)
    facts = {"messages": page.messages, "has_older": page.has_older, "has_newer": page.has_newer}
    assert newest_page(talk, limit=limit) == events.History(room="garden", **facts).encode()
    assert page.messages


def test_the_newest_page_of_an_empty_room(garden: Room) -> None:
    empty = events.History(room="garden", messages=[], has_older=False, has_newer=False)
    assert newest_page(garden, limit=5) == empty.encode()


@pytest.mark.parametrize("bounds", [{}, {"before": 5}, {"after": 5}])
def test_pages_and_changes_are_read_in_order(talk: Room, bounds: dict[str, Any]) -> None:
    # The rows of a small table are in index order only by chance.
    with CaptureQueriesContext(connection) as queries:
        history_page(talk, limit=5, **bounds)
        changes_after(talk, 0, limit=5)
    # A query that only checks whether there is more has no order.
    pages = [query["sql"] for query in queries if "LIMIT" in query["sql"] and "LIMIT 1" not in query["sql"][-10:]]
    ordered = ["ORDER BY" in sql for sql in pages]
    assert ordered == [True, True]


def test_pages_join_without_hole_or_double(talk: Room) -> None:
    upward = history_page(talk, limit=4)
    found = list(upward.messages)
    while upward.has_older:
        upward = history_page(talk, limit=4, before=found[0].seq)
        found = upward.messages + found
    assert [message.seq for message in found] == [*range(1, 11)]


def test_what_was_cleared_is_not_shown(talk: Room, alice: Participant) -> None:
    room_clear(user=alice, room="garden")
    say(alice, "eleven", "twelve")
    talk.refresh_from_db()
    # 11 is the system line of the clearing.
    assert seqs(history_page(talk, limit=5)) == ([11, 12, 13], False, False)
    assert seqs(history_page(talk, limit=5, before=13)) == ([11, 12], False, True)
    assert seqs(history_page(talk, limit=5, before=5)) == ([], False, True)
    assert seqs(history_page(talk, limit=5, after=0)) == ([11, 12, 13], False, False)
    assert seqs(history_page(talk, limit=5, after=11)) == ([12, 13], True, False)


@pytest.mark.parametrize("letter", ["x", "\x01", '"', "𝔘"], ids=["plain", "control", "quote", "astral"])
def test_a_page_fits_into_a_frame_however_its_text_is_encoded(garden: Room, alice: Participant, letter: str) -> None:
    say(alice, *["!" + letter * 9_999 for _ in range(100)])
    garden.refresh_from_db()
    pages = [
        history_page(garden, limit=100),
        history_page(garden, limit=100, after=0),
        history_page(garden, limit=100, before=60),
    ]
    for page in pages:
        frame = events.History(room="garden", messages=page.messages, has_older=True, has_newer=True).encode()
        assert len(frame.encode()) < PAGE_BYTES + 10_000
        assert 3 < len(page.messages) < 100
    newest, first, older = pages
    assert seqs(newest)[1:] == (True, False)
    assert newest.messages[-1].seq == 100
    assert seqs(first)[1:] == (False, True)
    assert first.messages[0].seq == 1
    assert seqs(older)[1:] == (True, True)
    assert older.messages[-1].seq == 59
    middle = history_page(garden, limit=100, around=50)
    frame = events.History(room="garden", messages=middle.messages, has_older=True, has_newer=True).encode()
    assert len(frame.encode()) < 1024 * 1024


def test_a_page_costs_the_same_for_any_number_of_messages_reactions_and_mentions(
    garden: Room, alice: Participant, bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    say(alice, *(f"@bob {n}" for n in range(100)))
    for seq in range(1, 100, 7):
        message_react(user=bob, room="garden", seq=seq, emoji="👍", on=True)
    garden.refresh_from_db()
    for limit in (1, 100):
        # Without a `client_id`, one more query checks whether they were imported.
        with django_assert_num_queries(4):
            page = history_page(garden, limit=limit)
        assert len(page.messages) == limit


@pytest.mark.parametrize("others", [0, 1, 10])
def test_what_belongs_to_messages_of_other_rooms_in_between_stays_there(
    garden: Room, alice: Participant, bob: Participant, others: int
) -> None:
    room("shed", owner=alice, members=[bob])
    for number in range(3):
        messages_post([Draft(alice, slug, f"{number} @bob") for slug in ["garden", *["shed"] * others]])
    for slug, emoji in [("garden", "👍"), *[("shed", "🎉")] * bool(others)]:
        message_react(user=bob, room=slug, seq=2, emoji=emoji, on=True)
    garden.refresh_from_db()
    page = history_page(garden, limit=10)
    assert [message.reactions for message in page.messages] == [{}, {"👍": ["bob"]}, {}]
    assert [message.mentions for message in page.messages] == [["bob"]] * 3


def after(room: Room, rev: int, limit: int = 500) -> tuple[list[tuple[str, int]], bool]:
    room.refresh_from_db()
    changes = changes_after(room, rev, limit=limit)
    return [(event.type, event.rev) for event in changes.events], changes.complete


def test_a_reader_who_was_away_reads_each_change_once(talk: Room, alice: Participant, bob: Participant) -> None:
    message_edit(user=alice, room="garden", seq=3, text="edited")
    message_edit(user=alice, room="garden", seq=3, text="edited again")
    message_react(user=bob, room="garden", seq=9, emoji="👍", on=True)
    message_delete(user=alice, room="garden", seq=5)
    room_update(user=alice, room="garden", topic="roses")
    # 11, overwritten by an edit; 12 and 13, seq 3 and 9; 14, seq 5; 15 the system line and 16 the facts.
    assert after(talk, 9) == (
        [("message", 10), ("message", 12), ("message", 13), ("message", 14), ("message", 15), ("room", 16)],
        True,
    )
    assert after(talk, 16) == ([], True)
    assert after(talk, 10**9) == ([], True)


def test_a_clearing_replaces_what_it_hides(talk: Room, alice: Participant) -> None:
    room_clear(user=alice, room="garden")
    say(alice, "eleven")
    assert after(talk, 0) == ([("cleared", 11), ("message", 12), ("message", 13)], True)
    assert after(talk, 11) == ([("message", 12), ("message", 13)], True)
    room_clear(user=alice, room="garden")
    assert after(talk, 0) == ([("cleared", 14), ("message", 15)], True)


def test_too_many_changes_come_in_part(talk: Room, alice: Participant) -> None:
    room_clear(user=alice, room="garden")
    say(alice, "b", "c")
    assert after(talk, 0, limit=2) == ([("cleared", 11), ("message", 12), ("message", 13)], False)
    assert after(talk, 13, limit=2) == ([("message", 14)], True)


def test_changes_beyond_the_limit_are_left_for_the_next_call(talk: Room) -> None:
    changes = changes_after(talk, 0, limit=3)
    assert ([event.rev for event in changes.events], changes.upto, changes.head) == ([1, 2, 3], 3, 10)
    changes = changes_after(talk, 3, limit=3)
    assert ([event.rev for event in changes.events], changes.upto, changes.complete) == ([4, 5, 6], 6, False)


def test_as_many_changes_as_the_limit_and_a_superseded_number_are_complete(garden: Room, alice: Participant) -> None:
    messages_post([Draft(alice, "garden", f"{n}") for n in range(100)])
    Room.objects.filter(pk=garden.pk).update(last_rev=101)
    garden.refresh_from_db()
    changes = changes_after(garden, 0, limit=100)
    assert (len(changes.events), changes.upto, changes.complete) == (100, 101, True)


def test_changes_are_read_on_until_their_texts_are_more_than_a_page(
    garden: Room, alice: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages_post([Draft(alice, "garden", "x" * 10) for _ in range(150)])
    garden.refresh_from_db()
    monkeypatch.setattr(history, "PAGE_BYTES", 1000)
    assert changes_after(garden, 0, limit=500).upto == 150
    monkeypatch.setattr(history, "PAGE_BYTES", 999)
    assert changes_after(garden, 0, limit=500).upto == 100


def test_the_facts_of_a_room_are_those_of_its_row(garden: Room) -> None:
    facts: dict[str, Any] = {
        "title": "Tea",
        "topic": "roses",
        "kind": "public",
        "archived": True,
        "description": "What grows here.",
        "posting": "moderators",
        "slow_seconds": 30,
        "keep_days": 7,
        "previews": False,
        "pinning": "everyone",
        "calling": "everyone",
        "adding": "moderators",
        "edit_history": "members",
        "replies": "thread",
        "emoji": "🌊",
        "pins": [4, 2],
        "address": "tea-garden",
        "picture": "abc",
    }
    Room.objects.filter(pk=garden.pk).update(**facts, facts_rev=3, last_rev=3)
    garden.refresh_from_db()
    [event] = room_changes(garden)
    assert isinstance(event, events.RoomFacts)
    assert {name: getattr(event, name) for name in facts} == facts | {"picture": "/pictures/abc"}
    assert (event.room, event.rev) == ("garden", 3)
    # 0 keeps messages forever.
    garden.keep_days = 0
    [event] = room_changes(garden)
    assert isinstance(event, events.RoomFacts)
    assert event.keep_days is None


def test_a_resume_is_all_that_changed_or_says_that_it_is_not(talk: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = resumed_after(talk, 8)
    assert (whole.room, whole.complete, whole.rev) == ("garden", True, 10)
    assert [event.rev for event in whole.messages] == [9, 10]
    nothing = resumed_after(talk, 10)
    assert (nothing.complete, nothing.messages, nothing.rev) == (True, [], 10)
    # Unknown: a client without a number, or one from before a backup was restored.
    for rev in (None, 11):
        unknown = resumed_after(talk, rev)
        assert (unknown.room, unknown.complete, unknown.messages, unknown.rev) == ("garden", False, [], 10)
    with monkeypatch.context() as patched:
        patched.setattr(history, "RESUME_CHANGES", 10)
        assert resumed_after(talk, 0).complete
        patched.setattr(history, "RESUME_CHANGES", 9)
        assert not resumed_after(talk, 0).complete
    with monkeypatch.context() as patched:
        patched.setattr(history, "PAGE_BYTES", len(whole.encode()))
        assert resumed_after(talk, 8).complete
        patched.setattr(history, "PAGE_BYTES", len(whole.encode()) - 1)
        assert not resumed_after(talk, 8).complete


def test_a_room_without_clearing_and_facts_has_no_changes_of_its_own(garden: Room) -> None:
    assert room_changes(garden) == []


@pytest.mark.parametrize(("changes", "parts"), [(50, 1), (250, 2), (400, 3)])
def test_many_changes_are_read_in_few_parts(
    garden: Room, alice: Participant, changes: int, parts: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    messages_post([Draft(alice, "garden", f"{n}") for n in range(changes)])
    garden.refresh_from_db()
    # Plus one query each for reactions and imports, and for mentions where a person is named.
    with django_assert_num_queries(parts + 2):
        found = changes_after(garden, 0, limit=500)
    assert [event.rev for event in found.events] == list(range(1, changes + 1))
    assert found.complete


def test_long_changes_are_not_read_to_the_end(
    garden: Room, alice: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    messages_post([Draft(alice, "garden", "x" * 4000) for _ in range(250)])
    garden.refresh_from_db()
    with django_assert_num_queries(1 + 2):
        found = changes_after(garden, 0, limit=500)
    assert (len(found.events), found.upto, found.complete) == (100, 100, False)


def test_what_is_newer_than_the_room_as_it_was_read_is_left_for_later(talk: Room, alice: Participant) -> None:
    read = Room.objects.get(pk=talk.pk)
    say(alice, "eleven")
    message_edit(user=alice, room="garden", seq=2, text="edited")
    changes = changes_after(read, 0, limit=500)
    assert (changes.upto, changes.head) == (10, 10)
    assert [event.rev for event in changes.events] == [1, *range(3, 11)], "seq 2 comes with its newer number"
