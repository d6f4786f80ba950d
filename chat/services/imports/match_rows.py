"""What a match changes in messages whose room it has locked, and the states it publishes to open pages."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.db.models import Max

from chat.models import Mention, Message, Participant, Reaction, Room, Thread
from chat.queries.message_states import message_states
from chat.services.legal_holds import held
from chat.services.publishing import publish, take_rev
from chat.services.thread_roots import PEOPLE_MAX


def not_held(messages: Iterable[Message]) -> list[Message]:
    """The messages that no legal hold covers, read again: a hold may have begun since they were read."""
    messages = list(messages)
    fresh = Message.objects.exclude(held()).in_bulk([one.pk for one in messages])
    return [fresh[one.pk] for one in messages if one.pk in fresh]


def room_locked(room_id: int) -> Room:
    """The room, locked until the transaction ends."""
    return Room.objects.select_for_update(no_key=True).get(pk=room_id)


def by_room(messages: Iterable[Message]) -> list[tuple[int, list[Message]]]:
    """Each message once, grouped by room, in `seq` order."""
    rooms: defaultdict[int, dict[int, Message]] = defaultdict(dict)
    for one in messages:
        rooms[one.room_id][one.pk] = one
    return [(room_id, sorted(some.values(), key=lambda one: one.seq)) for room_id, some in rooms.items()]


def authors_give(messages: Sequence[Message], *, was: Participant, now: Participant) -> None:
    """Make another participant the author."""
    for one in messages:
        one.author = now
    Message.objects.bulk_update(messages, ["author"])
    # People do not mention themselves: the threads of these mentions are looked up again.
    Mention.objects.filter(message__in=[one.pk for one in messages]).update(thread=None)
    # Authors find the newest reactions by this column.
    Reaction.objects.filter(message__in=[one.pk for one in messages], author=was).update(author=now)


def mentions_give(messages: Sequence[Message], *, was: Participant, now: Participant) -> None:
    """Move mentions. A message mentions a person at most once, under whichever name."""
    ids = [one.pk for one in messages]
    theirs = Mention.objects.filter(message__in=ids, user=was)
    named = list(Mention.objects.filter(message__in=ids, user=now).values_list("message_id", flat=True))
    theirs.filter(message__in=named).delete()
    theirs.update(user=now, thread=None)


def changes_send(room: Room, messages: Sequence[Message], *, counted: bool = False) -> None:
    """Give each message its next `rev`. `counted`: also the roots of their threads, whose people may have changed."""
    threads = {one.thread for one in messages if one.thread is not None} if counted else set()
    changed = {one.pk: one for one in (*messages, *_people_again(room, threads))}
    for one in changed.values():
        one.rev = take_rev(room)
    Message.objects.bulk_update(changed.values(), ["rev"])
    room.save(update_fields=["last_rev"])
    seen = Message.objects.filter(pk__in=changed, seq__gte=room.cleared_before_seq).order_by("rev")
    publish([(room, state) for state in message_states(seen)])


def _people_again(room: Room, seqs: Collection[int]) -> list[Message]:
    """Read the last repliers of these roots' threads again; returns the roots. Four queries for any number of roots."""
    threads = list(Thread.objects.filter(room=room, seq__in=seqs)) if seqs else []
    if not threads:
        return []
    replies = Message.objects.filter(room=room, thread__in=seqs, deleted_at=None).order_by()
    people: defaultdict[int | None, list[int]] = defaultdict(list)
    for thread, author, _ in replies.values_list("thread", "author").annotate(last=Max("seq")).order_by("-last"):
        people[thread].append(author)
    for one in threads:
        one.people = people[one.seq][:PEOPLE_MAX]
    Thread.objects.bulk_update(threads, ["people"])
    return list(Message.objects.filter(pk__in=[one.pk for one in threads]))
