"""Threads of a person: unread counts, and the list. The cost does not grow with the length of a thread."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from chat.models import CONVERSATIONS, Mention, Message, Participant, Room, Thread, ThreadFollow
from chat.protocol import events
from chat.protocol.commands import ThreadFilter
from chat.protocol.errors import ChatError, Code, not_found
from chat.queries.directory import group_title
from chat.queries.history import PAGE_BYTES, history_page
from chat.queries.message_states import message_states
from chat.queries.rooms import others_in
from chat.queries.thread_calls import NOT_CALLED, Called, all_placed, called_in, totals

THREADS_PAGE = 20
# With more people than this, the query reads all followers of a thread, and Python drops the others.
PEOPLE_AT_ONCE = 500
_PLACE = re.compile(r"(\d{1,19})\.(\d{1,19})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def thread_events(
    room_id: int, seq: int, people: Collection[int], *, also: Collection[int] = ()
) -> dict[int, events.Thread]:
    """The part of each of these people in a thread, by id: of its followers, and of people in `also` who once followed
    it. Four queries for any number of people."""
    thread = Thread.objects.select_related("room").filter(room_id=room_id, seq=seq).first()
    if thread is None:
        return {}
    rows = ThreadFollow.objects.filter(Q(following=True) | Q(user__in=also), thread=thread)
    if len(people) <= PEOPLE_AT_ONCE:
        rows = rows.filter(user__in=people)
    parts = [row for row in rows.values_list("user_id", "read_seq", "following") if row[0] in people]
    if not parts:
        return {}
    cleared = thread.room.cleared_before_seq
    first = max(min(read_seq for _, read_seq, _ in parts), cleared - 1)
    replies = _counted(Message.objects.filter(room_id=room_id, thread=seq, seq__gt=first)).order_by("seq")
    seqs = list(replies.values_list("seq", flat=True))
    named: defaultdict[int, list[int]] = defaultdict(list)
    hidden: defaultdict[int, list[int]] = defaultdict(list)
    if seqs:
        mentions = Mention.objects.filter(
            room_id=room_id, message__thread=seq, seq__gt=first, user__in=[part[0] for part in parts]
        )
        found = mentions.exclude(message__author=F("user")).values_list("user_id", "seq", "message__in_room")
        for user_id, at, in_room in found:
            named[user_id].append(at)
            if not in_room:
                hidden[user_id].append(at)
    return {
        user_id: events.Thread(
            room=thread.room.slug,
            thread=seq,
            read_seq=read_seq,
            unread=len(seqs) - bisect_right(seqs, read_seq) if following else 0,
            mentions=sum(at > read_seq for at in named[user_id]) if following else 0,
            hidden_mentions=sum(at > read_seq for at in hidden[user_id]) if following else 0,
            following=following,
        )
        for user_id, read_seq, following in parts
    }


def thread_root(room: Room, seq: int) -> tuple[int, Message | None]:
    """The root of a message of this room: itself, or the root of the thread that it replies in. Returns its `seq`, and
    the message, None while a clearing hides it. One query, or two.

    Raises:
        ChatError: `not_found`.
    """
    # By `seq`: `first` would order by the primary key, and PostgreSQL read a million messages to find one.
    shown = Message.objects.filter(room=room, seq__gte=room.cleared_before_seq).order_by("seq")
    asked = shown.filter(seq=seq).first()
    if asked is None:
        # A root that a clearing hides may still have visible replies.
        if shown.filter(thread=seq).exists():
            return seq, None
        raise not_found("message")
    if asked.thread is None:
        return seq, asked
    return asked.thread, shown.filter(seq=asked.thread).first()


def history_of(
    room: Room,
    *,
    limit: int | None = None,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    thread: int | None = None,
    all: bool = False,
    reader: Participant | None = None,
) -> events.History:
    """A page of messages as it is sent: of the room; or of a thread, with its root and the reader's part.

    Raises:
        ChatError: `not_found` for a thread that does not exist.
    """
    root_seq, root = (None, None) if thread is None else thread_root(room, thread)
    limit = limit or settings.CHAT_HISTORY_PAGE
    page = history_page(room, limit=limit, before=before, after=after, around=around, thread=root_seq, all=all)
    return events.History(
        room=room.slug,
        messages=page.messages,
        has_older=page.has_older,
        has_newer=page.has_newer,
        before=before,
        after=after,
        thread=root_seq,
        part=thread_events(room.pk, root_seq, [reader.pk], also=[reader.pk]).get(reader.pk)
        if reader and root_seq
        else None,
        root=message_states(Message.objects.filter(pk=root.pk))[0] if root else None,
    )


def threads_page(
    user: Participant,
    *,
    wanted: ThreadFilter = "following",
    room: Room | None = None,
    before: str | None = None,
    limit: int | None = None,
) -> events.Threads:
    """The person's threads with replies, the newest activity first. `wanted`: the threads they follow, of these only
    the unread ones, or all that they follow or once followed. With a `room`, only its threads; "all" then means those
    of everyone.

    At most thirteen queries for a page of any size.

    Raises:
        ChatError: `invalid` for a `before` that is not a place in the list.
    """
    limit = limit or THREADS_PAGE
    there = _threads(user, wanted, room)
    if before is not None:
        there = there.filter(_beyond(before))
    # The last reply, and the one before it.
    newest = _counted(Message.objects.filter(room=OuterRef("room"), thread=OuterRef("seq"))).order_by("-seq")
    # First the ids only: of thousands of threads, SQLite would look up the last replies of each before it sorts.
    first = list(there.order_by("-last_at", "-pk").values_list("pk", flat=True)[: limit + 1])
    shown = Thread.objects.filter(pk__in=first).select_related("room").order_by("-last_at", "-pk")
    rows = list(shown.annotate(last=Subquery(newest.values("pk")[:1]), second=Subquery(newest.values("pk")[1:2])))
    parts = {
        row.thread_id: row for row in _with_unread(ThreadFollow.objects.filter(user=user, thread__in=rows[:limit]))
    }
    placed = all_placed(user)
    found = _entries(user, rows[:limit], parts, called_in(user, parts, placed=placed))
    last = rows[len(found) - 1] if found else None
    following = _place_of(last) if last and len(found) < len(rows) else None
    return events.Threads(threads=found, next=following, **totals(user, placed=placed))


def _threads(user: Participant, wanted: ThreadFilter, room: Room | None) -> QuerySet[Thread]:
    if room and wanted == "all":
        return Thread.objects.filter(room=room, last_seq__gte=max(room.cleared_before_seq, 1))
    mine = Q(follows__user=user)
    if wanted != "all":
        mine &= Q(follows__following=True)
    if wanted == "unread":
        mine &= Q(last_seq__gt=F("follows__read_seq"))
    threads = Thread.objects.filter(mine, last_seq__gt=0, last_seq__gte=F("room__cleared_before_seq"))
    if room:
        return threads.filter(room=room)
    return threads.filter(room__archived=False, room__memberships__user=user)


def _entries(
    user: Participant, rows: Sequence[Thread], parts: Mapping[int, ThreadFollow], calls: Mapping[int, Called]
) -> list[events.ThreadEntry]:
    """The leading threads that fit into one frame, at least one."""
    if not rows:
        return []
    ids = {pk for row in rows for pk in (row.pk, *_latest(row)) if pk}
    messages = Message.objects.filter(pk__in=ids)
    states = {(state.room, state.seq): state for state in message_states(messages)}
    places = dict(messages.values_list("pk", "seq"))
    talks = [row.room_id for row in rows if row.room.kind in CONVERSATIONS]
    others = others_in(user, talks)
    found: list[events.ThreadEntry] = []
    size = 0
    for row in rows:
        part = parts.get(row.pk)
        slug = row.room.slug
        hidden = row.seq < row.room.cleared_before_seq
        called = calls.get(row.pk, NOT_CALLED)
        following = part is not None and part.following
        entry = events.ThreadEntry(
            room=slug,
            title=group_title(others[row.room_id]) if row.room_id in others else row.room.title,
            thread=row.seq,
            read_seq=part.read_seq if part else 0,
            unread=getattr(part, "unread", 0) if following else 0,
            mentions=called.named if following else 0,
            hidden_mentions=called.hidden if following else 0,
            following=following,
            message=None if hidden else states.get((slug, row.seq)),
            latest=[states[slug, places[pk]] for pk in reversed(_latest(row)) if pk and (slug, places[pk]) in states],
        )
        size += len(entry.model_dump_json().encode())
        if size > PAGE_BYTES and found:
            break
        found.append(entry)
    return found


def _latest(row: Thread) -> tuple[int | None, int | None]:
    return getattr(row, "last", None), getattr(row, "second", None)


def _with_unread(follows: QuerySet[ThreadFollow]) -> QuerySet[ThreadFollow]:
    """Annotated with `unread`. No extra query."""
    there = {"room": OuterRef("thread__room"), "seq__gt": OuterRef("read_seq")}
    shown = {"seq__gte": OuterRef("thread__room__cleared_before_seq")}
    replies = _counted(Message.objects.filter(thread=OuterRef("thread__seq"), **there, **shown)).order_by()
    counted = replies.values("room").annotate(count=Count("pk")).values("count")
    return follows.annotate(unread=Coalesce(Subquery(counted), 0))


def _counted(replies: QuerySet[Message]) -> QuerySet[Message]:
    return replies.filter(deleted_at=None)


def _place_of(thread: Thread) -> str:
    assert thread.last_at
    return f"{(thread.last_at - _EPOCH) // timedelta(microseconds=1)}.{thread.pk}"


def _beyond(before: str) -> Q:
    """A condition on a thread: it comes after this place in the list (the `next` of a page, or a time)."""
    try:
        if found := _PLACE.fullmatch(before):
            at = _EPOCH + timedelta(microseconds=int(found[1]))
            return Q(last_at__lt=at) | Q(last_at=at, pk__lt=min(int(found[2]), 2**63 - 1))
        at = datetime.fromisoformat(before)
    except (ValueError, OverflowError):
        problem = "must be `next` of a page, or a time"
        raise ChatError(Code.INVALID, f"before: {problem}.", fields={"before": problem}) from None
    return Q(last_at__lt=at if at.tzinfo else at.replace(tzinfo=UTC))
