"""The rooms of a person: a constant number of queries for any number of rooms."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import chain, islice

from django.db.models import QuerySet
from django.utils import timezone

from chat.lib.prepared_queries import (
    SIZES,
    PreparedMany,
    PreparedManyLists,
    PreparedRows,
    amounts,
    numbers,
    texts,
)
from chat.models import SLUG_PATTERN, Membership, Participant, Room, ServerState, level_of
from chat.protocol import events
from chat.queries.counts import MENTIONED_MAX, mentioned, unread, with_counts
from chat.queries.directory import group_title
from chat.queries.profiles import picture_address, picture_of

# Rooms in one `rooms` event: as many as one `resume` can name, so that one event is enough for most people.
ROOMS_PAGE = 1000
# Rows of one query: a membership with its room takes 2 KB as objects, an entry 0.8 KB.
ROWS_STEP = 250
# Rows of one query for several people.
FIRST_ROWS = 1000
# Role, notification level, kind, end of the mute.
Part = tuple[str, str, str, str | None]


@dataclass(frozen=True, slots=True)
class HeldRoom:
    """A room of a person, with its entry as of the entry's `rev`."""

    room_id: int
    entry: events.RoomEntry

    @property
    def part(self) -> Part:
        """The part of the person in this room."""
        entry = self.entry
        place = (entry.starred, entry.section, entry.hidden_seq)
        heed = _heed(entry.notify_level, entry.muted, entry.quiet_until, place)
        return part(entry.role, heed, entry.kind, entry.muted_until)


def room_entries(
    user: Participant, *, room_ids: Iterable[int] | None = None, after: str = "", most: int | None = None
) -> list[HeldRoom]:
    """The person's rooms that are not archived, by slug: all of them, those among `room_ids`, or the first `most` after
    the slug `after`."""
    among = None if room_ids is None else list(room_ids)
    found: list[HeldRoom] = []
    while True:
        step = ROWS_STEP if most is None else min(ROWS_STEP, most - len(found))
        # Opening a page reads all rooms, and moving a mark to before the last message reads one: statements that are
        # built once.
        if among is None and step == ROWS_STEP:
            rows = _AFTER.all([user.pk], also=(after,))
        elif among is not None and step == ROWS_STEP and len(among) <= SIZES[-1]:
            rows = _AMONG.all([user.pk], among, also=(after,)) if among else []
        else:
            held = _after([user.pk], after)
            rows = list((held if among is None else held.filter(room_id__in=among))[:step])
        others = others_in(user, [row.room_id for row in rows if row.room.is_conversation])
        found += [HeldRoom(row.room_id, _entry(row, others.get(row.room_id, []))) for row in rows]
        if len(rows) < ROWS_STEP:
            return found
        after = rows[-1].room.slug


def _after(user_ids: list[int], after: str) -> QuerySet[Membership]:
    held = Membership.objects.filter(user_id__in=user_ids, room__archived=False, room__slug__gt=after)
    return with_counts(held.select_related("room")).order_by("room__slug")


_AFTER = PreparedMany(lambda user_ids, after: _after(user_ids, after)[:ROWS_STEP], numbers, also=(texts(0),))
_AMONG = PreparedMany(
    lambda user_ids, room_ids, after: _after(user_ids, after).filter(room_id__in=room_ids),
    *(numbers, amounts),
    also=(texts(0),),
)


def first_entries(users: Iterable[Participant]) -> dict[int, list[HeldRoom]]:
    """All `room_entries` of each of these people, by id; people beyond the limit of rows are left out. At most two
    queries per 64 people."""
    people = {user.pk: user for user in users}
    rows = _FIRST.all(people)
    # At the limit, the last person may have more rooms, and the people after them were not read.
    upto = rows[-1].user_id if len(rows) >= FIRST_ROWS else None
    held: dict[int, list[Membership]] = {pk: [] for pk in people if upto is None or pk < upto}
    for row in rows:
        if row.user_id in held:
            held[row.user_id].append(row)
    talks = {pk: [row.room_id for row in rows if row.room.is_conversation] for pk, rows in held.items()}
    others = others_of({people[pk]: room_ids for pk, room_ids in talks.items() if room_ids})
    return {
        pk: [HeldRoom(row.room_id, _entry(row, others.get(pk, {}).get(row.room_id, []))) for row in rows]
        for pk, rows in held.items()
    }


def _first(user_ids: list[int]) -> QuerySet[Membership]:
    held = Membership.objects.filter(user_id__in=user_ids, room__archived=False).select_related("room")
    return with_counts(held).order_by("user_id", "room__slug")[:FIRST_ROWS]


_FIRST = PreparedMany(_first, numbers)


def memberships_by_slug(wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], Membership]:
    """The memberships of these people in these rooms (user id, slug), with the rooms. One query."""
    slugs = [slug for _, slug in wanted if re.fullmatch(SLUG_PATTERN, slug, re.ASCII)]
    rows = _BY_SLUG.all([user_id for user_id, _ in wanted], slugs) if slugs else []
    found = {(row.user_id, row.room.slug): row for row in rows}
    return {one: found[one] for one in wanted if one in found}


_BY_SLUG = PreparedMany(
    lambda user_ids, slugs: Membership.objects.select_related("room").filter(
        user_id__in=user_ids, room__slug__in=slugs
    ),
    *(numbers, texts),
)


def room_parts(user: Participant) -> dict[int, Part]:
    """The person's part in each of their rooms that are not archived. One query, which reads few bytes per room."""
    held = Membership.objects.filter(user=user, room__archived=False)
    names = ("notify", "loud", "muted", "quiet_until", "starred", "section", "hidden_seq")
    rows = held.values_list("room_id", "role", "room__kind", "muted_until", *names)
    now = timezone.now()
    return {
        room_id: part(role, _heed_of(*heed), kind, events.stamp(until) if until and until > now else None)
        for room_id, role, kind, until, *heed in rows.iterator(chunk_size=ROOMS_PAGE)
    }


# Not starred, in no section, not hidden.
_NO_PLACE = (False, "", None)


def _heed_of(
    notify: str,
    loud: bool,
    muted: bool,
    quiet_until: datetime | None,
    starred: bool,
    section: str,
    hidden_seq: int | None,
) -> str:
    until = events.stamp(quiet_until) if quiet_until else None
    return _heed(level_of(notify, loud), muted, until, (starred, section, hidden_seq))


@cache
def _part(role: str, notify: str, kind: str) -> Part:
    return (role, notify, kind, None)


def _heed(level: str, muted: bool, quiet_until: str | None, place: tuple[bool, str, int | None]) -> str:
    """Level, mute and place of the room in the person's list, as one string: for most rooms the level alone."""
    if muted:
        level = f"{level}, muted until {quiet_until}" if quiet_until else f"{level}, muted"
    return f"{level}, {place}" if place != _NO_PLACE else level


def part(role: str, notify: str, kind: str, muted_until: str | None) -> Part:
    """The values whose change is sent as a new entry; clients update the numbers (`seq`, counts) themselves. Equal
    parts share one object."""
    # Parts with a time in them are hardly ever equal, and are not cached.
    return (role, notify, kind, muted_until) if muted_until or "until" in notify else _part(role, notify, kind)


def joined_room(user: Participant, membership: Membership, *, members_online: int) -> events.JoinedRoom:
    """The event of joining a room. `membership` comes from `counted`: its numbers and counts are of one moment."""
    room = membership.room
    title = room.title
    if room.is_conversation:
        title = group_title(others_in(user, [room.pk])[room.pk])
    calls = mentioned(membership)
    return events.JoinedRoom(
        room=room.slug,
        title=title,
        topic=room.topic,
        kind=room.kind,
        role=membership.role,
        seq=room.last_seq,
        rev=room.last_rev,
        read_seq=membership.read_seq,
        members_online=members_online,
        description=room.description,
        posting=room.posting,
        slow_seconds=room.slow_seconds,
        keep_days=room.keep_days or None,
        picture=picture_address(room.picture),
        pinning=room.pinning,
        calling=room.calling,
        adding=room.adding,
        edit_history=room.edit_history,
        replies=room.replies,
        pins=room.pins,
        address=room.address,
        emoji=room.emoji,
        unread=unread(membership),
        mentions=len(calls),
        mentioned=calls[-MENTIONED_MAX:],
    )


def room_heads(room_ids: Iterable[int]) -> dict[int, int]:
    """The last `rev` of each room, by id. One query per thousand rooms.

    With 10,000 ids in one statement the process grew by 13 MB when their owner reconnected, with a thousand by 4 MB.
    """
    heads: dict[int, int] = {}
    few = list(room_ids)
    if len(few) <= SIZES[-1]:
        return dict(_HEADS.all(few))
    wanted = iter(few)
    while step := list(islice(wanted, ROOMS_PAGE)):
        heads |= dict(Room.objects.filter(pk__in=step).values_list("pk", "last_rev"))
    return heads


def epoch() -> str:
    """The current epoch."""
    # A migration creates it.
    [[found]] = EPOCH.all(ServerState.SINGLETON)
    return str(found)


_HEADS = PreparedManyLists(lambda room_ids: Room.objects.filter(pk__in=room_ids).values_list("pk", "last_rev"), numbers)
EPOCH = PreparedRows(lambda pk: ServerState.objects.filter(pk=pk).values_list("epoch"), ServerState.SINGLETON)


def _entry(membership: Membership, others: list[Participant]) -> events.RoomEntry:
    room, calls = membership.room, mentioned(membership)
    other = others[0] if others and room.kind == Room.Kind.DIRECT else None
    return events.RoomEntry(
        room=room.slug,
        title=group_title(others) if others else room.title,
        topic=room.topic,
        kind=room.kind,
        role=membership.role,
        seq=room.last_seq,
        rev=room.last_rev,
        read_seq=membership.read_seq,
        unread=unread(membership),
        mentions=len(calls),
        mentioned=calls[-MENTIONED_MAX:],
        notify=membership.notify,
        notify_level=membership.level,
        muted=membership.muted,
        quiet_until=events.stamp(membership.quiet_until) if membership.quiet_until else None,
        hidden_seq=membership.hidden_seq,
        starred=membership.starred,
        section=membership.section,
        archived=room.archived,
        people=[one.username for one in others] if room.kind == Room.Kind.GROUP else None,
        username=other.username if other else None,
        user_id=other.pk if other else None,
        show_username=other.name_shared if other else False,
        muted_until=_muted_until(membership),
        posting=room.posting,
        slow_seconds=room.slow_seconds,
        picture=picture_address(picture_of(other) if other else room.picture),
        pinning=room.pinning,
        calling=room.calling,
        adding=room.adding,
        edit_history=room.edit_history,
        replies=room.replies,
        pins=room.pins,
        address=room.address,
        emoji=room.emoji,
    )


def _muted_until(membership: Membership) -> str | None:
    until = membership.muted_until
    return events.stamp(until) if until and until > timezone.now() else None


def others_in(user: Participant, room_ids: list[int]) -> dict[int, list[Participant]]:
    """The other people of each of these conversations, by username; the user in their room with themselves. One query,
    or none."""
    return others_of({user: room_ids})[user.pk]


def others_of(room_ids: Mapping[Participant, Sequence[int]]) -> dict[int, dict[int, list[Participant]]]:
    """`others_in` for each of these people, by their ids. One query, or none."""
    wanted = set(chain.from_iterable(room_ids.values()))
    there: dict[int, list[Participant]] = {room_id: [] for room_id in wanted}
    # Prepared statements hold as many rooms as most people have.
    for row in _PEOPLE.all(wanted) if len(wanted) <= SIZES[-1] else _people(wanted):
        there[row.room_id].append(row.user)
    return {
        user.pk: {
            room_id: [one for one in there[room_id] if one.pk != user.pk] or there[room_id] or [user]
            for room_id in rooms
        }
        for user, rooms in room_ids.items()
    }


def _people(room_ids: Collection[int]) -> QuerySet[Membership]:
    held = Membership.objects.filter(room_id__in=room_ids).select_related("user__profile")
    return held.order_by("user__username")


_PEOPLE = PreparedMany(_people, numbers)
