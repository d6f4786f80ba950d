"""Threads of imported messages, computed from the replies in the database."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import Count, Max

from chat.models import Message, Participant, Room, Thread, ThreadFollow
from chat.services.imports.pauses import batch_size, batch_transaction
from chat.services.imports.rows import as_json, time_adapter
from chat.services.publishing import take_rev
from chat.services.sql_pipeline import merging, run_together, updating
from chat.services.thread_roots import PEOPLE_MAX

# Raw SQL: through the ORM a thread with its followers costs 1 ms.
_ROOTS = updating(Message._meta.db_table, {"reply_count": "bigint", "rev": "bigint", "id": "bigint"})
_THREADS = merging(
    Thread._meta.db_table,
    {
        "root_id": "bigint",
        "room_id": "bigint",
        "seq": "bigint",
        "last_seq": "bigint",
        "last_at": "timestamptz",
        "people": "jsonb",
    },
    key=["root_id"],
    changed=["last_seq", "last_at", "people"],
)
_FOLLOWS = merging(
    ThreadFollow._meta.db_table,
    {"thread_id": "bigint", "user_id": "bigint", "read_seq": "bigint", "following": "boolean"},
    key=["thread_id", "user_id"],
    changed=["read_seq"],
)

_NONE: dict[str, Any] = {"n": 0, "last": 0, "at": None}


def threads_of_room(room_id: int, *, begun: bool, entered: bool) -> None:
    """Count all threads of a room whose history is incomplete. `begun`: an interrupted import has written a part of it;
    `entered`: the room has people."""
    messages = Message.objects.filter(room=room_id)
    replies = messages.exclude(thread=None).order_by("thread")
    seqs = [seq for seq in replies.values_list("thread", flat=True).distinct() if seq is not None]
    if begun:
        # This export may lack all the replies that a root was written with.
        seqs = sorted({*seqs, *messages.filter(reply_count__gt=0).values_list("seq", flat=True)})
    size = batch_size(entered=entered)
    for start in range(0, len(seqs), size):
        with batch_transaction(entered=entered):
            room = Room.objects.select_for_update(no_key=True).get(pk=room_id)
            before = room.last_rev
            threads_rebuild(room, seqs[start : start + size], entered=entered)
            if room.last_rev != before:
                Room.objects.filter(pk=room_id).update(last_rev=room.last_rev)


def threads_rebuild(room: Room, seqs: Collection[int], *, entered: bool = True) -> None:
    """Count the threads of these roots of a locked room again, and let their people follow them, marked as read. Each
    root takes the next `rev`; the caller saves the room. Six queries for any number of roots.

    Without `entered` no one needs the new states: roots that were written with the right count keep their `rev`.
    """
    wanted = Message.objects.filter(room=room, seq__in=seqs).order_by("seq")
    roots = list(wanted.values_list("pk", "seq", "author", "reply_count")) if seqs else []
    if not roots:
        return
    replies = Message.objects.filter(room=room, thread__in=[seq for _, seq, _, _ in roots], deleted_at=None).order_by()
    totals = {
        row["thread"]: row
        for row in replies.values("thread").annotate(n=Count("pk"), last=Max("seq"), at=Max("created_at"))
    }
    people: defaultdict[int, list[int]] = defaultdict(list)
    for thread, author, _ in replies.values_list("thread", "author").annotate(last=Max("seq")).order_by("-last"):
        people[thread or 0].append(author)
    rows, threads, adapted = [], [], time_adapter()
    for pk, seq, _, counted in roots:
        total = totals.get(seq, _NONE)
        if entered or counted != total["n"]:
            rows.append((total["n"], take_rev(room), pk))
        threads.append((pk, room.pk, seq, total["last"], adapted(total["at"]), as_json(people[seq][:PEOPLE_MAX])))
    follows = _follows(room, {pk: dict.fromkeys([author, *people[seq]]) for pk, seq, author, _ in roots})
    run_together((_ROOTS, rows), (_THREADS, threads), (_FOLLOWS, follows))


def _follows(room: Room, threads: dict[int, dict[int, None]]) -> list[tuple[Any, ...]]:
    """Rows that let people follow threads, by the roots' ids. Skips imported people, who read nothing."""
    every = {person for people in threads.values() for person in people}
    accounts = set(
        Participant.objects.filter(pk__in=every).exclude(kind=Participant.Kind.IMPORTED).values_list("pk", flat=True)
    )
    return [
        (root, person, room.last_seq, True)
        for root, people in threads.items()
        for person in people
        if person in accounts
    ]
