"""The threads in which a person has something unread, and the replies there that name them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import NamedTuple, TypedDict

from django.db.models import F, Q

from chat.models import Mention, Message, Participant, ThreadFollow

# In more rooms than these, mentions are read from their beginning.
ROOMS_APART = 100
# Messages of one query: below the most values that a statement may have.
AT_ONCE = 10_000

# A thread: the id of its room, and the `seq` of its root.
Place = tuple[int, int]
# For each reply that names the person after their mark: whether the room shows it.
Calls = Mapping[Place, list[bool]]


class UnreadThread(NamedTuple):
    """A thread that the person follows. What comes after `mark` is unread."""

    place: Place
    room: str
    mark: int


class Totals(TypedDict):
    """Of all threads that a person follows: how many have something unread, how many of these name the person, and by
    room, how often they are named by replies that the room does not show."""

    unread: int
    mentions: int
    hidden_mentions: dict[str, int]


def unread_threads(user: Participant) -> list[UnreadThread]:
    """All of them, in rooms that the person is in and that are not archived. One query."""
    room = "thread__room"
    follows = ThreadFollow.objects.filter(
        user=user,
        following=True,
        thread__last_seq__gt=F("read_seq"),
        thread__last_seq__gte=F("thread__room__cleared_before_seq"),
        thread__room__archived=False,
        thread__room__memberships__user=user,
    )
    rows = follows.values_list(room, "thread__seq", f"{room}__slug", "read_seq", f"{room}__cleared_before_seq")
    return [UnreadThread((pk, seq), slug, max(read, cleared - 1)) for pk, seq, slug, read, cleared in rows]


def unread_calls(user: Participant, marks: Mapping[Place, int]) -> Calls:
    """Of these threads those in which the person is named after the mark. Two queries for any number of threads.

    It reads the mentions of a room once: counted for each thread, 5,000 threads in a room of 10,000 mentions took 25 s.
    And their messages by their keys: joined, PostgreSQL read all replies of the room, 0.7 s of a million messages.
    """
    first: dict[int, int] = {}
    for (room_id, _), mark in marks.items():
        first[room_id] = min(mark, first.get(room_id, mark))
    if not first:
        return {}
    there = Q(room__in=first)
    if len(first) <= ROOMS_APART:
        there = reduce(or_, (Q(room=room_id, seq__gt=mark) for room_id, mark in first.items()))
    mentions = Mention.objects.filter(there, user=user).values_list("room", "seq", "message")
    named = [message_id for room_id, seq, message_id in mentions if seq > first[room_id]]
    calls: defaultdict[Place, list[bool]] = defaultdict(list)
    for start in range(0, len(named), AT_ONCE):
        replies = Message.objects.filter(pk__in=named[start : start + AT_ONCE], thread__isnull=False).exclude(
            author=user
        )
        for room_id, thread, seq, in_room in replies.values_list("room", "thread", "seq", "in_room"):
            if thread is not None and seq > marks.get((room_id, thread), seq):
                calls[room_id, thread].append(in_room)
    return calls


def totals_of(unread: Iterable[UnreadThread], calls: Calls) -> Totals:
    """The totals of these threads."""
    threads = list(unread)
    hidden: defaultdict[str, int] = defaultdict(int)
    for one in threads:
        if missing := calls.get(one.place, []).count(False):
            hidden[one.room] += missing
    named = sum(bool(calls.get(one.place)) for one in threads)
    return {"unread": len(threads), "mentions": named, "hidden_mentions": dict(hidden)}
