"""Who is in a room, who is connected, who is typing."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Case, Count, Exists, OuterRef, Value, When
from django.utils import timezone

from chat.models import Connection, Membership, Room
from chat.protocol import events

# One `users` reply names at most this many, those online first; see `daphne`'s limit of 1 MiB a frame.
USERS_MAX = 2000


def _connected() -> "Exists":
    return Exists(Connection.objects.filter(user=OuterRef("user_id"), process__expires_at__gt=timezone.now()))


def room_users(room: Room) -> list[events.UserEntry]:
    """The members, those online first, then by role and name."""
    now = timezone.now()
    by_role = Case(When(role="owner", then=Value(0)), When(role="moderator", then=Value(1)), default=Value(2))
    rows = (
        Membership.objects.filter(room=room, user__is_active=True)
        .annotate(online=_connected(), by_role=by_role)
        .order_by("-online", "by_role", "user__username")
        .values_list("user__username", "user__display_name", "role", "online", "typing_until")
    )
    return [
        events.UserEntry(
            username=username,
            display_name=display_name or username,
            role=role,
            online=online,
            typing=typing_until is not None and typing_until > now,
        )
        for username, display_name, role, online, typing_until in rows[:USERS_MAX]
    ]


def members_online(room_id: int) -> int:
    return Membership.objects.filter(_connected(), room_id=room_id).count()


def people_typing(room_ids: Iterable[int], *, without: int) -> list[tuple[str, str]]:
    """(room slug, username) of those who are typing now, but for the person `without`."""
    rows = Membership.objects.filter(room_id__in=list(room_ids), typing_until__gt=timezone.now())
    return list(rows.exclude(user_id=without).values_list("room__slug", "user__username"))


def people_online() -> frozenset[int]:
    """Ids of everybody with an open socket under a live lease. One query."""
    live = Connection.objects.filter(process__expires_at__gt=timezone.now())
    return frozenset(live.order_by().values_list("user_id", flat=True).distinct())


def rooms_shared(user_ids: Iterable[int], *, at_most: int) -> dict[int, list[int]]:
    """Rooms of these people that are not larger than `at_most`, by person. One query."""
    large = Membership.objects.order_by().values("room_id").annotate(n=Count("id")).filter(n__gt=at_most)
    rows = Membership.objects.filter(user_id__in=list(user_ids)).exclude(room_id__in=large.values("room_id"))
    found: dict[int, list[int]] = defaultdict(list)
    for user_id, room_id in rows.values_list("user_id", "room_id"):
        found[user_id].append(room_id)
    return found
