"""Members of a room, connected people, people who are typing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat.lib.prepared_queries import PreparedManyLists, PreparedRows, all_together, moments, numbers
from chat.models import Connection, Membership, Participant, ProcessLease, Room
from chat.protocol import events
from chat.queries.profiles import CHOSEN, picture_address
from chat.rules import Actor, refusal_to_act_on

# In a larger room presence and typing events are not sent: they would outnumber the messages.
SMALL_ROOM = 500
# One `users` reply lists at most this many, those online first: daphne limits a frame to 1 MiB.
USERS_MAX = 2000


def _connected(now: datetime | None = None) -> "Exists":
    return Exists(Connection.objects.live(now).filter(user=OuterRef("user_id")))


def room_users(room: Room, *, here: Collection[int] = (), moderator: Actor | None = None) -> list[events.UserEntry]:
    """Return the members, those online first, then by role and name.

    `here`: user ids with a socket on this process, because the newest are not recorded yet.
    `moderator`: if given, entries also hold whether the member is muted, and whether this moderator may act on them.
    """
    now = timezone.now()

    @cache
    def below(role: str, staff: bool) -> bool:
        person = Actor(kind=room.kind, archived=room.archived, role=role, staff=staff)
        return moderator is not None and refusal_to_act_on(moderator, person, same=False) is None

    by_role = Case(When(role="owner", then=Value(0)), When(role="moderator", then=Value(1)), default=Value(2))
    rows = (
        Membership.objects.filter(room=room, user__is_active=True)
        .annotate(online=_connected(), by_role=by_role)
        .order_by("-online", "by_role", "user__username")
        .values_list(
            "user_id",
            "user__username",
            "user__display_name",
            "user__name_shared",
            "role",
            "online",
            "typing_until",
            "muted_until",
            "user__is_staff",
            *(f"user__{path}" for path in _PROFILE),
        )
    )
    found = rows[:USERS_MAX]
    entries = [
        events.UserEntry(
            username=username,
            display_name=display_name or username,
            show_username=shared,
            role=role,
            online=online or user_id in here,
            typing=typing_until is not None and typing_until > now,
            muted=moderator is not None and muted_until is not None and muted_until > now,
            user_id=user_id,
            below=below(role, staff),
            presence=said[0] if said[0] in ("away", "busy") and (online or user_id in here) else "online",
            status=_status(said, now),
            picture=picture_address(said[-1] or ""),
        )
        for user_id, username, display_name, shared, role, online, typing_until, muted_until, staff, *said in found
    ]
    return sorted(entries, key=lambda entry: not entry.online)


# Profile columns of a person; all NULL without a profile.
_PROFILE = (
    *("profile__presence", "profile__status_emoji", "profile__status_text", "profile__status_until"),
    "profile__picture",
)


def _status(profile: Sequence[Any], now: datetime) -> events.Status | None:
    _presence, emoji, text, until, _picture = profile
    if not (emoji or text) or (until and until <= now):
        return None
    return events.Status(emoji=emoji or "", text=text or "", until=events.stamp(until) if until else None)


def room_is_large(room_id: int) -> bool:
    """Whether the room has too many members for presence events. One query."""
    return bool(rooms_large([room_id]))


def rooms_large(room_ids: Iterable[int]) -> set[int]:
    """Return the ids of the rooms with too many members for presence events. One query."""
    sizes = Membership.objects.filter(room_id__in=list(room_ids)).order_by().values("room_id").annotate(n=Count("id"))
    return set(sizes.filter(n__gt=SMALL_ROOM).values_list("room_id", flat=True))


@dataclass(frozen=True, slots=True)
class RoomOccupancy:
    """The ids of a room's connected members, and (id, username) of its typing members."""

    online: set[int]
    typing: list[tuple[int, str]]


def room_occupancies(room_ids: Iterable[int]) -> dict[int, RoomOccupancy]:
    """Return the occupancy of each of these rooms, by id. One query per 64 rooms; its rows for connected members have
    no name."""
    found = {room_id: RoomOccupancy(set(), []) for room_id in room_ids}
    for room_id, user_id, name in _CROWDS.all(found, also=(timezone.now(),)):
        if name:
            found[room_id].typing.append((user_id, name))
        else:
            found[room_id].online.add(user_id)
    return found


def _crowds(room_ids: list[int], now: datetime) -> QuerySet[Any, Any]:
    online = Membership.objects.filter(_connected(now), room_id__in=room_ids)
    typing = Membership.objects.filter(room_id__in=room_ids, typing_until__gt=now)
    nameless = online.values_list("room_id", "user_id", Value("", output_field=CharField()))
    return nameless.union(typing.values_list("room_id", "user_id", "user__username"), all=True)


_CROWDS = PreparedManyLists(_crowds, numbers, also=(datetime(2000, 1, 1, tzinfo=UTC),))


def _online(process_id: UUID, now: datetime) -> QuerySet[Any, Any]:
    elsewhere = Count("id", filter=~Q(process_id=process_id))
    return Connection.objects.live(now).order_by().values_list("user_id").annotate(elsewhere=elsewhere)


_ONLINE = PreparedRows(_online, UUID(int=1), moments(0))


@dataclass(frozen=True, slots=True)
class PresenceAudience:
    """A person whose presence changed, and the ids of their rooms."""

    username: str
    room_ids: set[int]


def presence_reach(user_ids: Iterable[int]) -> dict[int, PresenceAudience]:
    """Return, by user id, the people whose presence changed and the rooms whose members may see it. Two queries."""
    wanted = list(user_ids)
    names = Participant.objects.filter(pk__in=wanted).values_list("pk", "username")
    found = {user_id: PresenceAudience(name, set()) for user_id, name in names}
    for user_id, room_id in Membership.objects.filter(user_id__in=wanted).values_list("user_id", "room_id"):
        if user_id in found:
            found[user_id].room_ids.add(room_id)
    return found


@dataclass(frozen=True, slots=True)
class Named:
    """A person whose name changed, and the ids of their rooms."""

    event: events.Person
    room_ids: list[int]


@dataclass(frozen=True, slots=True)
class NamesChanged:
    """The time of each person's last name change, and the changes that are new to the caller."""

    all: dict[int, datetime]
    fresh: list[Named]


def people_named(since: datetime, known: Mapping[int, datetime]) -> NamesChanged:
    """Return the name changes since then, without those in `known` (time by user id). One query, two when there are
    changes."""
    found = {pk: (at, facts) for pk, at, *facts in _NAMED.all(since) if at}
    fresh = [pk for pk, (at, _) in found.items() if known.get(pk) != at]
    rooms: dict[int, list[int]] = {pk: [] for pk in fresh}
    if fresh:
        for user_id, room_id in Membership.objects.filter(user_id__in=fresh).values_list("user_id", "room_id"):
            rooms[user_id].append(room_id)
    news = []
    for pk in fresh:
        username, name, shared, *profile = found[pk][1]
        person = events.Person(
            user_id=pk,
            username=username,
            display_name=name or username,
            show_username=shared,
            status=_status(profile, timezone.now()),
            picture=picture_address(profile[-1] or ""),
        )
        news.append(Named(person, rooms[pk]))
    return NamesChanged({pk: at for pk, (at, _) in found.items()}, news)


_NAMED = PreparedRows(
    lambda since: Participant.objects.filter(named_at__gt=since).values_list(
        "pk", "named_at", "username", "display_name", "name_shared", *_PROFILE
    ),
    moments(0),
)


def online_near(
    user_id: int, room_ids: Collection[int], *, lingering: Collection[int] = ()
) -> dict[str, events.PresenceStatus]:
    """Return the members of these rooms who are online or `lingering`, without the person, by username."""
    there = Membership.objects.filter(room_id__in=room_ids).exclude(user_id=user_id)
    rows = there.filter(_connected() | Q(user_id__in=lingering))
    shown = Coalesce("user__profile__presence", Value("auto"))
    found = rows.order_by("user__username").values_list("user__username", shown).distinct()
    return {username: "online" if presence == "auto" else presence for username, presence in found}


def online_of(
    room_ids: Mapping[int, Collection[int]], *, lingering: Collection[int] = ()
) -> dict[int, dict[str, events.PresenceStatus]]:
    """Return `online_near` for each person (id -> rooms); meant for few rooms in total. One query."""
    wanted = set().union(*room_ids.values())
    there = Membership.objects.filter(room_id__in=wanted).filter(_connected() | Q(user_id__in=lingering))
    shown = Coalesce("user__profile__presence", Value("auto"))
    rows = there.order_by("user__username").values_list("room_id", "user_id", "user__username", shown)
    seen: dict[int, list[tuple[int, str, events.PresenceStatus]]] = {room_id: [] for room_id in wanted}
    for room_id, user_id, username, presence in rows if wanted else ():
        seen[room_id].append((user_id, username, "online" if presence == "auto" else presence))
    return {
        person: {name: status for room_id in rooms for user_id, name, status in seen[room_id] if user_id != person}
        for person, rooms in room_ids.items()
    }


def first_process() -> UUID | None:
    """Return the id of the process that started first among those with a valid lease."""
    return next((pk for (pk,) in _FIRST.all(timezone.now())), None)


def _alive(now: datetime) -> QuerySet[Any, Any]:
    return ProcessLease.objects.filter(expires_at__gt=now).order_by("started_at", "pk").values_list("pk")


_ALIVE = PreparedRows(_alive, moments(0))
_FIRST = PreparedRows(lambda now: _alive(now)[:1], moments(0))


class Attending(NamedTuple):
    """Who is connected. `online`: the people with an open socket under a valid lease, and how many of those sockets
    are on other processes. `processes`: the ids of the processes with a valid lease. `chosen`: the people who are
    `away` or `busy`, connected or not."""

    online: dict[int, int]
    processes: set[str]
    chosen: dict[int, Any]


def attending(process_id: UUID) -> Attending:
    """Return who is connected. Three queries, on PostgreSQL in one round trip."""
    now = timezone.now()
    online, processes, chosen = all_together(_ONLINE.of(process_id, now), _ALIVE.of(now), CHOSEN.of())
    return Attending(dict(online), {str(pk) for (pk,) in processes}, dict(chosen))
