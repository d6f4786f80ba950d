"""Threads of imported messages: written from the replies that are there."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Count, Max

from chat.models import Message, Room, Thread, ThreadFollow
from chat.services.publishing import take_rev
from chat.services.thread_roots import PEOPLE_MAX


def threads_rebuild(room: Room, seqs: Collection[int]) -> None:
    """Count the threads of these roots of a locked room again, and let those who are in them follow them, as if they
    had read them. The roots take their next `rev`; the caller saves the room. Seven queries for any number."""
    roots = list(Message.objects.filter(room=room, seq__in=seqs).order_by("seq")) if seqs else []
    if not roots:
        return
    replies = Message.objects.filter(room=room, thread__in=[root.seq for root in roots], deleted_at=None)
    totals = {
        row["thread"]: row
        for row in replies.values("thread").annotate(n=Count("pk"), last=Max("seq"), at=Max("created_at"))
    }
    people: defaultdict[int, list[int]] = defaultdict(list)
    for row in replies.values("thread", "author").annotate(last=Max("seq")).order_by("-last"):
        people[row["thread"] or 0].append(row["author"])
    threads = []
    for root in roots:
        total = totals.get(root.seq)
        root.reply_count, root.rev = (total["n"] if total else 0), take_rev(room)
        thread = Thread(root=root, room=room, seq=root.seq, people=people[root.seq][:PEOPLE_MAX])
        if total:
            thread.last_seq, thread.last_at = total["last"], total["at"]
        threads.append(thread)
    Message.objects.bulk_update(roots, ["reply_count", "rev"])
    names = ["last_seq", "last_at", "people"]
    Thread.objects.bulk_create(threads, update_conflicts=True, unique_fields=["root"], update_fields=names)
    ThreadFollow.objects.bulk_create(
        (
            ThreadFollow(thread_id=root.pk, user_id=user_id, read_seq=room.last_seq)
            for root in roots
            for user_id in dict.fromkeys([root.author_id, *people[root.seq]])
        ),
        update_conflicts=True,
        unique_fields=["thread", "user"],
        update_fields=["read_seq"],
    )
