"""The rooms of a person: a constant number of queries for any number of rooms."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice

from django.utils import timezone

from chat.models import Membership, Participant, Room, ServerState, level_of
from chat.protocol import events
from chat.queries.counts import MENTIONED_MAX, mentioned, unread, with_counts
from chat.queries.directory import group_title
from chat.queries.profiles import picture_address, picture_of

# Rooms of one `rooms` event: as many as one `resume` can name, so that for most people one event has all.
ROOMS_PAGE = 1000
# Rows of one query: a membership with its room takes 2 KB as objects, an entry 0.8 KB.
ROWS_STEP = 250
# Role, notification level, kind, end of the mute.
Part = tuple[str, str, str, str | None]


@dataclass(frozen=True, slots=True)
class HeldRoom:
    """A room of a person, with the `rev` that its entry is true for."""

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
    memberships = with_counts(Membership.objects.filter(user=user, room__archived=False).select_related("room"))
    if room_ids is not None:
        memberships = memberships.filter(room_id__in=list(room_ids))
    memberships = memberships.order_by("room__slug")
    found: list[HeldRoom] = []
    while True:
        step = ROWS_STEP if most is None else min(ROWS_STEP, most - len(found))
        rows = list((memberships.filter(room__slug__gt=after) if after else memberships)[:step])
        others = others_in(user, [row.room_id for row in rows if row.room.is_conversation])
        found += [HeldRoom(row.room_id, _entry(row, others.get(row.room_id, []))) for row in rows]
        if len(rows) < ROWS_STEP:
            return found
        after = rows[-1].room.slug


def room_parts(user: Participant) -> dict[int, Part]:
    """The person's part in each of their rooms that are not archived. One query; it reads few bytes a room."""
    held = Membership.objects.filter(user=user, room__archived=False)
    names = ("notify", "loud", "muted", "quiet_until", "starred", "section", "hidden_seq")
    rows = held.values_list("room_id", "role", "room__kind", "muted_until", *names)
    now = timezone.now()
    return {
        room_id: part(role, _heed_of(*heed), kind, events.stamp(until) if until and until > now else None)
        for room_id, role, kind, until, *heed in rows.iterator(chunk_size=ROOMS_PAGE)
    }


# Neither first, nor under a heading, nor hidden.
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
    """How the person attends to the room, in one text: for most rooms the level alone."""
    if muted:
        level = f"{level}, muted until {quiet_until}" if quiet_until else f"{level}, muted"
    return f"{level}, {place}" if place != _NO_PLACE else level


def part(role: str, notify: str, kind: str, muted_until: str | None) -> Part:
    """The values whose change is sent as a new entry; a client follows the numbers by itself. Equal parts share one
    object."""
    # What has a time in it is hardly ever equal, and is not kept.
    return (role, notify, kind, muted_until) if muted_until or "until" in notify else _part(role, notify, kind)


def joined_room(user: Participant, membership: Membership, *, members_online: int) -> events.JoinedRoom:
    """The event of entering a room. `membership` is from `counted`: numbers and counts are of one moment."""
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
        unread=unread(membership),
        mentions=len(calls),
        mentioned=calls[-MENTIONED_MAX:],
    )


def room_heads(room_ids: Iterable[int]) -> dict[int, int]:
    """The last `rev` of each room, by id. One query for each thousand.

    With 10,000 ids in one statement the process grew by 13 MB when their owner reconnected, with a thousand by 4 MB.
    """
    heads: dict[int, int] = {}
    wanted = iter(room_ids)
    while step := list(islice(wanted, ROOMS_PAGE)):
        heads |= dict(Room.objects.filter(pk__in=step).values_list("pk", "last_rev"))
    return heads


def epoch() -> str:
    """The current epoch."""
    return str(ServerState.objects.get(pk=ServerState.SINGLETON).epoch)


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
    )


def _muted_until(membership: Membership) -> str | None:
    until = membership.muted_until
    return events.stamp(until) if until and until > timezone.now() else None


def others_in(user: Participant, room_ids: list[int]) -> dict[int, list[Participant]]:
    """The other people of each of these conversations, by username; oneself in the room with oneself. One query, or
    none."""
    if not room_ids:
        return {}
    found: dict[int, list[Participant]] = defaultdict(list)
    mine: dict[int, Participant] = {}
    for row in (
        Membership.objects.filter(room_id__in=room_ids).select_related("user__profile").order_by("user__username")
    ):
        if row.user_id == user.pk:
            mine[row.room_id] = row.user
        else:
            found[row.room_id].append(row.user)
    return {room_id: found[room_id] or [mine.get(room_id, user)] for room_id in room_ids}
