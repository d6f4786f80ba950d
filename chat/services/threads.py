"""What a person does with a thread besides replying: reading it, and following it."""

from django.db import transaction

from chat.access import access_room
from chat.models import Membership, Participant, Thread, ThreadFollow
from chat.protocol.errors import ChatError, Code
from chat.queries.threads import thread_root
from chat.services.publishing import ThreadChange, publish_threads
from chat.services.thread_roots import root_problem, roots_found, thread_at


@transaction.atomic
def thread_read(*, user: Participant, room: str, thread: int, seq: int) -> None:
    """Move the person's read mark in a thread forward to `seq`, but not beyond the room's last message. Only followers
    have a mark.

    Raises:
        ChatError: `not_found`, `banned`.
    """
    access = access_room(user=user, slug=room)
    _check_member(access.membership)
    found = Thread.objects.filter(room=access.room, seq=thread).first()
    if found is None:
        found = Thread.objects.filter(room=access.room, seq=thread_root(access.room, thread)[0]).first()
    upto = min(seq, access.room.last_seq)
    behind = ThreadFollow.objects.filter(thread=found, user=user, read_seq__lt=upto)
    if found and behind.update(read_seq=upto):
        publish_threads([ThreadChange(access.room.pk, found.seq, user.pk)])


@transaction.atomic
def thread_follow(*, user: Participant, room: str, thread: int, on: bool) -> int:
    """Follow a thread from now on, or end that; returns the `seq` of its root. Existing replies count as read.

    Raises:
        ChatError: `not_found`, `banned`, `invalid` (a system line), `forbidden` (not a member).
    """
    access = access_room(user=user, slug=room, lock=True)
    _check_member(access.membership)
    if not on:
        root = roots_found([(access.room.pk, thread)]).get((access.room.pk, thread))
        if problem := root_problem(root, access.room):
            raise problem
        assert root
        ended = ThreadFollow.objects.filter(thread=root.message_id, user=user, following=True).update(following=False)
        publish_threads([ThreadChange(access.room.pk, root.seq, user.pk)] if ended else [])
        return root.seq
    found = thread_at(access.room, thread)
    row, made = ThreadFollow.objects.get_or_create(thread=found, user=user, defaults={"read_seq": found.last_seq})
    if not row.following:
        row.following, row.read_seq = True, max(row.read_seq, found.last_seq)
        row.save(update_fields=["following", "read_seq"])
        made = True
    if made:
        publish_threads([ThreadChange(access.room.pk, found.seq, user.pk)])
    return found.seq


def _check_member(membership: Membership | None) -> None:
    if membership is None:
        raise ChatError(Code.FORBIDDEN, "Join the room first.")
