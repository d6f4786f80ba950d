"""The threads in which a person has something unread, and the replies there that name them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, TypedDict

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest

from chat.models import Mention, Message, Participant, ThreadFollow

# With more rooms than this, the query reads all mentions of each room, not only those after the mark.
ROOMS_APART = 100
# Messages of one query: below the maximum number of values in a statement.
AT_ONCE = 10_000

# A thread: the id of its room, and the `seq` of its root.
Place = tuple[int, int]
# By thread: for each reply after the mark that names the person, whether the room shows it.
Calls = Mapping[Place, list[bool]]


class UnreadThread(NamedTuple):
    """A thread that the person follows. Replies after `mark` are unread."""

    place: Place
    room: str
    mark: int


class Totals(TypedDict):
    """Over all threads that a person follows: the threads with unread replies, how many of these name the person, and
    by room, the unread mentions in replies that the room does not show."""

    unread: int
    mentions: int
    hidden_mentions: dict[str, int]


class Called(NamedTuple):
    """The number of replies after the mark that name the person, and how many of these the room does not show."""

    named: int
    hidden: int


NOT_CALLED = Called(0, 0)


def all_placed(user: Participant) -> bool:
    """Whether every mention of the person has its `thread` filled in. One query."""
    return not Mention.objects.filter(user=user, thread=None).exists()


def called_in(user: Participant, threads: Collection[int], *, placed: bool) -> dict[int, Called]:
    """The counts for those of these threads that the person has a part in, by key. One query; four if not all mentions
    are `placed` (see `all_placed`)."""
    parts = ThreadFollow.objects.filter(user=user, thread__in=threads)
    if not placed:
        marks = {
            (room_id, seq): max(read, cleared - 1)
            for room_id, seq, read, cleared in parts.values_list(
                "thread__room", "thread__seq", "read_seq", "thread__room__cleared_before_seq"
            )
        }
        calls = unread_calls(user, marks)
        places = parts.values_list("thread", "thread__room", "thread__seq")
        found = {pk: calls.get((room_id, seq), []) for pk, room_id, seq in places}
        return {pk: Called(len(shown), shown.count(False)) for pk, shown in found.items()}
    rows = _with_calls(parts).values_list("thread", "named", "hidden")
    return {pk: Called(named, hidden) for pk, named, hidden in rows}


def totals(user: Participant, *, placed: bool) -> Totals:
    """The totals over all threads that the person follows. One query, which reads the mentions of each unread thread by
    an index; three if not all mentions are `placed`."""
    if not placed:
        threads = unread_threads(user)
        return totals_of(threads, unread_calls(user, {one.place: one.mark for one in threads}))
    parts = _with_calls(_unread(user)).values("thread__room__slug").order_by()
    rooms = list(
        parts.annotate(
            unread=Count("pk"), threads=Count("pk", filter=Q(named__gt=0)), missing=Sum("hidden")
        ).values_list("thread__room__slug", "unread", "threads", "missing")
    )
    return {
        "unread": sum(unread for _, unread, _, _ in rooms),
        "mentions": sum(threads for _, _, threads, _ in rooms),
        "hidden_mentions": {slug: missing for slug, _, _, missing in rooms if missing},
    }


def _with_calls(parts: QuerySet[ThreadFollow]) -> QuerySet[Any]:
    """Annotated with `named` and `hidden`, as `Called`."""
    mark = Greatest(
        OuterRef("read_seq"), OuterRef("thread__room__cleared_before_seq") - 1, output_field=BigIntegerField()
    )
    place = {"room": OuterRef("thread__room"), "thread": OuterRef("thread__seq")}
    calls = Mention.objects.filter(**place, user=OuterRef("user"), thread__gt=0, seq__gt=mark).order_by()
    return parts.annotate(named=_number(calls), hidden=_number(calls.filter(hidden=True)))


def _number(rows: QuerySet[Mention]) -> Coalesce:
    return Coalesce(Subquery(rows.values("room").annotate(number=Count("pk")).values("number")), 0)


def unread_threads(user: Participant) -> list[UnreadThread]:
    """All unread threads in rooms that the person is in and that are not archived. One query."""
    room = "thread__room"
    follows = _unread(user)
    rows = follows.values_list(room, "thread__seq", f"{room}__slug", "read_seq", f"{room}__cleared_before_seq")
    return [UnreadThread((pk, seq), slug, max(read, cleared - 1)) for pk, seq, slug, read, cleared in rows]


def _unread(user: Participant) -> QuerySet[ThreadFollow]:
    return ThreadFollow.objects.filter(
        user=user,
        following=True,
        thread__last_seq__gt=F("read_seq"),
        thread__last_seq__gte=F("thread__room__cleared_before_seq"),
        thread__room__archived=False,
        thread__room__memberships__user=user,
    )


def unread_calls(user: Participant, marks: Mapping[Place, int]) -> Calls:
    """The calls of those of these threads that name the person after the mark. Two queries for any number of threads.

    It reads the mentions of a room once: counted per thread, 5,000 threads in a room of 10,000 mentions took 25 s. It
    reads their messages by key: with a join, PostgreSQL read all replies of the room, 0.7 s with a million messages.
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
