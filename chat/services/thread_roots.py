"""Threads under their room's lock: finding roots, and applying new, changed or deleted replies to them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max, Q

from chat.models import Mention, Message, Room, Thread, ThreadFollow
from chat.protocol import events
from chat.protocol.errors import ChatError, Code, not_found
from chat.queries.message_states import message_states
from chat.services.publishing import ThreadChange, publish_threads, take_rev

# People that a root lists as repliers.
PEOPLE_MAX = 5
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Root:
    """The first message of a thread, with the fields that a reply needs."""

    message_id: int
    room_id: int
    seq: int
    author_id: int
    system: bool
    deleted: bool
    reply_count: int


def roots_found(places: Collection[Place]) -> dict[Place, Root]:
    """The roots for these (room id, `seq`): the message itself, or its thread's root if it is a reply. One query, or
    two if there are replies."""
    rows = _read(places)
    inner = {place: (place[0], row.thread) for place, row in rows.items() if row.thread is not None}
    outer = _read(set(inner.values())) if inner else {}
    found = {place: _root(row) for place, row in rows.items() if row.thread is None}
    return found | {place: _root(outer[root]) for place, root in inner.items() if root in outer}


def _read(places: Collection[Place]) -> dict[Place, Message]:
    seqs: defaultdict[int, set[int]] = defaultdict(set)
    for room_id, seq in places:
        seqs[room_id].add(seq)
    wanted = Q(pk=None)
    for room_id, some in seqs.items():
        wanted |= Q(room_id=room_id, seq__in=some)
    columns = ("room_id", "seq", "thread", "author_id", "kind", "deleted_at", "reply_count")
    return {(row.room_id, row.seq): row for row in Message.objects.filter(wanted).only(*columns)}


def _root(row: Message) -> Root:
    system = row.kind == Message.Kind.SYSTEM
    deleted = row.deleted_at is not None
    return Root(row.pk, row.room_id, row.seq, row.author_id, system, deleted, row.reply_count)


def root_problem(root: Root | None, room: Room) -> ChatError | None:
    """Why no one can reply under this message, or None."""
    if root is None or root.seq < room.cleared_before_seq:
        return not_found("message")
    if root.system:
        problem = "must be a message of a person"
        return ChatError(Code.INVALID, "A line of the system has no thread.", fields={"thread": problem})
    if root.deleted and not root.reply_count:
        return ChatError(Code.NOT_FOUND, "This message was deleted before anyone replied, so it has no thread.")
    return None


@dataclass
class NewReplies:
    """The replies that a transaction adds to one thread, in order."""

    room: Room
    root: Root
    # (`seq`, author) of each reply; and (named person, `seq`) of each mention.
    posted: list[tuple[int, int]] = field(default_factory=list)
    named: list[tuple[int, int]] = field(default_factory=list)
    rev: int = 0

    def number(self) -> None:
        """Take the next `rev` for the root, whose state changes."""
        self.rev = take_rev(self.room)


def replies_save(threads: Sequence[NewReplies], *, at: datetime) -> list[tuple[Room, events.Message]]:
    """Write what the new replies change: their threads, the followers and the roots; returns the roots' states. The
    replies and their mentions are written already, and `rev` is taken."""
    ids = [one.root.message_id for one in threads]
    known = Thread.objects.in_bulk(ids)
    for one in threads:
        thread = known.get(one.root.message_id)
        starts = thread is None or not one.root.reply_count
        thread = thread or Thread(root_id=one.root.message_id, room=one.room, seq=one.root.seq)
        seq, _ = one.posted[-1]
        thread.last_seq, thread.last_at = seq, at
        answering = [author for _, author in reversed(one.posted)]
        thread.people = list(dict.fromkeys([*answering, *thread.people]))[:PEOPLE_MAX]
        thread.save(force_insert=one.root.message_id not in known)
        people = dict.fromkeys(_named_by(one.root), one.root.seq) if starts else {}
        if starts:
            people[one.root.author_id] = one.root.seq
        for named, by in one.named:
            people.setdefault(named, by - 1)
        _follow(thread, people, read={author: at_seq for at_seq, author in one.posted})
        count = one.root.reply_count + len(one.posted)
        Message.objects.filter(pk=one.root.message_id).update(reply_count=count, rev=one.rev)
    rooms = {one.room.slug: one.room for one in threads}
    states = message_states(Message.objects.filter(pk__in=ids).order_by("rev"))
    return [(rooms[state.room], state) for state in states]


def _named_by(root: Root) -> Iterable[int]:
    return Mention.objects.filter(message=root.message_id, called="").values_list("user_id", flat=True)


def reply_edited(room: Room, root: int, seq: int, named: Iterable[int]) -> None:
    """Let the people named in an edited reply follow its thread, given by the `seq` of its `root`."""
    thread = Thread.objects.filter(room=room, seq=root).first()
    if thread:
        _follow(thread, dict.fromkeys(named, seq - 1), read={})
    publish_threads([ThreadChange(room.pk, root)])


def _follow(thread: Thread, people: Mapping[int, int], *, read: Mapping[int, int]) -> None:
    """Let people follow a thread. A read mark only moves forward: new followers in `people` have read up to this `seq`,
    those in `read` have read up to it in any case."""
    wanted = {**people, **read}
    rows = {row.user_id: row for row in ThreadFollow.objects.select_for_update().filter(thread=thread, user__in=wanted)}
    fresh = [
        ThreadFollow(thread=thread, user_id=user_id, read_seq=seq)
        for user_id, seq in wanted.items()
        if user_id not in rows
    ]
    changed = []
    for user_id, row in rows.items():
        before = (row.following, row.read_seq)
        if user_id in read or not row.following:
            row.read_seq = max(row.read_seq, wanted[user_id])
        row.following = True
        if (row.following, row.read_seq) != before:
            changed.append(row)
    ThreadFollow.objects.bulk_create(fresh)
    ThreadFollow.objects.bulk_update(changed, ["following", "read_seq"])


def replies_removed(room: Room, roots: Iterable[int]) -> list[events.Message]:
    """Count the replies of these threads (the `seq` of each root) again after some were deleted, and give the roots
    their next `rev`; returns the roots' states. The caller saves the room and publishes."""
    threads = list(Thread.objects.filter(room=room, seq__in=set(roots)).order_by("seq"))
    for thread in threads:
        count = thread_recount(thread)
        Message.objects.filter(pk=thread.pk).update(reply_count=count, rev=take_rev(room))
    publish_threads([ThreadChange(room.pk, thread.seq) for thread in threads])
    shown = [thread.pk for thread in threads if thread.seq >= room.cleared_before_seq]
    return message_states(Message.objects.filter(pk__in=shown).order_by("rev")) if shown else []


def thread_recount(thread: Thread) -> int:
    """Compute a thread's facts from its replies, and save them; returns the number of replies."""
    replies = Message.objects.filter(room=thread.room_id, thread=thread.seq, deleted_at=None)
    people = list(replies.values("author").annotate(last=Max("seq")).order_by("-last")[:PEOPLE_MAX])
    last = replies.order_by("-seq").values_list("seq", "created_at").first()
    thread.last_seq, thread.last_at = last or (0, None)
    thread.people = [row["author"] for row in people]
    thread.save()
    return replies.count()


def thread_at(room: Room, seq: int) -> Thread:
    """The thread of a message, created if no one has replied yet; `seq` of the root or of a reply. The room is locked.

    Raises:
        ChatError: `not_found`, `invalid`.
    """
    root = roots_found([(room.pk, seq)]).get((room.pk, seq))
    if problem := root_problem(root, room):
        raise problem
    assert root
    return Thread.objects.get_or_create(root_id=root.message_id, defaults={"room": room, "seq": root.seq})[0]
