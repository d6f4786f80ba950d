"""The database reads of a process: those of each second, and those about one person whose access changed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum, Value
from django.utils import timezone

from chat.identity import Identity, acting
from chat.identity.credentials import renewed
from chat.identity.participants import follow_behind, out_of_step
from chat.lib.prepared_queries import PreparedRows, all_together
from chat.models import Ban, Connection, Participant, Room, ServerState
from chat.protocol.events import LeftReason
from chat.queries.rooms import EPOCH, Part, room_heads, room_parts


class Sums(NamedTuple):
    """Checksum of the recorded sockets of a process: their number, the sum of their user ids, the sum of those users'
    `access_rev`.

    `access_rev` only grows, and a process never knows a later value than the database. So equal sums mean that each
    value is equal.
    """

    sockets: int
    user_ids: int
    access_revs: int


@dataclass(frozen=True, slots=True)
class Pulse:
    """The values that show whether an event was missed, and the sockets with a request to close them."""

    heads: dict[int, int]
    # None: the sums are equal. -1 for a deleted user.
    access_revs: dict[int, int] | None
    to_close: list[str]
    epoch: str


def pulse(
    *,
    process_id: UUID,
    room_ids: Iterable[int],
    user_ids: Iterable[int],
    known: Sums,
    unrecorded: Collection[int] = (),
) -> Pulse:
    """Read the pulse: four queries, each by primary key or index, on PostgreSQL in two round trips.

    One or two more when the sums differ from `known`, and one for users with a socket that is not recorded yet
    (`unrecorded`): they are read separately, a few hundred while ten thousand connect. The sums also differ for a
    moment around the commit that records a socket or its end.
    """
    # Heads before the epoch: if a new epoch begins in between, no `rev` of it is taken for one of the old epoch.
    heads = room_heads(room_ids)
    found, to_close, [[epoch]] = all_together(
        *(_SUMS_AND_STALE.of(process_id), _TO_CLOSE.of(process_id), EPOCH.of(ServerState.SINGLETON))
    )
    sums, stale = _sums(found)
    if stale:
        follow_behind(process_id)
    same = sums == known and not stale
    people = _numbers(unrecorded) if same else _access_revs(process_id, user_ids)
    return Pulse(heads, people, [str(pk) for (pk,) in to_close], str(epoch))


def access_revs_changed(
    *, process_id: UUID, user_ids: Iterable[int], known: Sums, unrecorded: Collection[int] = ()
) -> dict[int, int] | None:
    """Return `Pulse.access_revs` without checking for changes made behind Django's back. One query, plus one or two as
    in `pulse`."""
    sums, _ = _sums(_SUMS.all(process_id))
    return _numbers(unrecorded) if sums == known else _access_revs(process_id, user_ids)


def _summed(process_id: UUID, *more: Count) -> QuerySet[Connection, Any]:
    # `values` with a constant groups all rows together: one row.
    there = Connection.objects.filter(process_id=process_id).order_by().values(by=Value(1))
    sums = {"sockets": Count("pk"), "people": Sum("user_id"), "revs": Sum("user__access_rev")}
    sums |= {f"more_{number}": one for number, one in enumerate(more)}
    return there.annotate(**sums).values_list(*sums)


def _sums(rows: Sequence[tuple[Any, ...]]) -> tuple[Sums, int]:
    """The sums and, if queried, the number of stale sockets: those of participants whose login was changed behind
    Django's back."""
    # In SQL the sum of no rows is NULL.
    [found] = [[number or 0 for number in row] for row in rows] or [[0, 0, 0]]
    return Sums(*found[:3]), sum(found[3:])


_SUMS = PreparedRows(_summed, UUID(int=1))
_SUMS_AND_STALE = PreparedRows(lambda pk: _summed(pk, Count("pk", filter=out_of_step("user__"))), UUID(int=1))
_TO_CLOSE = PreparedRows(
    lambda pk: Connection.objects.filter(process_id=pk, close_requested=True).values_list("pk"), UUID(int=1)
)


def _access_revs(process_id: UUID, user_ids: Iterable[int]) -> dict[int, int]:
    # A join with the recorded connections: passing ten thousand ids costs 80 ms, reading them costs 10 ms.
    people = dict(Participant.objects.filter(connections__process_id=process_id).values_list("pk", "access_rev"))
    missing = _numbers([user_id for user_id in user_ids if user_id not in people]) or {}
    return people | missing


def _numbers(user_ids: Collection[int]) -> dict[int, int] | None:
    if not user_ids:
        return None
    found = dict(Participant.objects.filter(pk__in=user_ids).values_list("pk", "access_rev"))
    return {user_id: found.get(user_id, -1) for user_id in user_ids}


@dataclass(frozen=True, slots=True)
class Known:
    """What one socket was last sent: its identity, its rooms, and, if it follows all rooms of the person, the person's
    part in each."""

    identity: Identity
    held: frozenset[int]
    parts: Mapping[int, Part] | None


@dataclass(frozen=True, slots=True)
class PersonNow:
    """The current access of a person: the identities that are still valid, and the rooms."""

    # Valid identities, with their current values.
    identities: dict[Identity, Identity]
    # The person's part in rooms where it differs from what some socket was sent.
    changed: dict[int, Part]
    # The reason for each room that the person lost.
    lost: dict[int, LeftReason]
    # The rooms of the person, and the rooms that the sockets follow.
    looked_at: frozenset[int]


def person_now(user_id: int, known: Sequence[Known]) -> PersonNow:
    """Read the identities and rooms of a person again, and return the differences from what the sockets know. Do not
    call it in the event loop: with ten thousand rooms the comparison takes milliseconds for each socket."""
    # Read first: a change during the other reads increments `access_rev` beyond this value, and is found next time.
    user = Participant.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return PersonNow({}, {}, {}, frozenset())
    found = {identity: renewed(identity) for identity in {one.identity for one in known}}
    rooms = room_parts(user)
    held = frozenset[int]().union(*(one.held for one in known))
    sent = [one.parts for one in known if one.parts is not None]
    return PersonNow(
        {identity: replace(now, user=acting(user, now.scopes)) for identity, now in found.items() if now},
        {pk: now for pk, now in rooms.items() if any(parts.get(pk) != now for parts in sent)},
        _why_lost(user, set(held - rooms.keys())),
        held.union(rooms),
    )


def _why_lost(user: Participant, room_ids: set[int]) -> dict[int, LeftReason]:
    if not room_ids:
        return {}
    lasting = Q(until=None) | Q(until__gt=timezone.now())
    banned = set(Ban.objects.filter(lasting, user=user, room_id__in=room_ids).values_list("room_id", flat=True))
    archived = set(Room.objects.filter(pk__in=room_ids, archived=True).values_list("pk", flat=True))
    reasons: dict[int, LeftReason] = {}
    for room_id in room_ids:
        reasons[room_id] = "banned" if room_id in banned else "archived" if room_id in archived else "kicked"
    return reasons
