"""What a process asks the database every other second, and about a person when something changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.utils import timezone

from accounts.credentials import Identity, renewed
from accounts.models import User
from chat.models import Ban, Connection, Room
from chat.protocol.events import LeftReason
from chat.queries.rooms import Part, epoch, room_heads, room_parts


class Sums(NamedTuple):
    """Over the sockets of a process: how many, and the sums of whose they are and of those people's `access_rev`.

    As that number only rises, and a process never knows a later one than the database, sums that agree with the
    database's say that each number does.
    """

    sockets: int
    user_ids: int
    access_revs: int


@dataclass(frozen=True, slots=True)
class Pulse:
    """The numbers that tell whether anything was missed, and the sockets somebody wants closed."""

    heads: dict[int, int]
    # None: all as the process knows them.
    access_revs: dict[int, int] | None
    to_close: list[str]
    epoch: str


def pulse(*, process_id: UUID, room_ids: Iterable[int], user_ids: Iterable[int], known: Sums) -> Pulse:
    """Four queries, each by primary key or index; one or two more when the sums are not those that are `known`.

    They differ for a moment after somebody came or went, too: sockets are put on record a little later.
    """
    people = None if _sums(process_id) == known else _access_revs(process_id, user_ids)
    to_close = Connection.objects.filter(process_id=process_id, close_requested=True).values_list("pk", flat=True)
    return Pulse(room_heads(room_ids), people, [str(pk) for pk in to_close], epoch())


def _sums(process_id: UUID) -> Sums:
    rows = Connection.objects.filter(process_id=process_id).order_by()
    found = rows.aggregate(sockets=Count("pk"), user_ids=Sum("user_id"), access_revs=Sum("user__access_rev"))
    return Sums(**{name: number or 0 for name, number in found.items()})


def _access_revs(process_id: UUID, user_ids: Iterable[int]) -> dict[int, int]:
    # The database knows who is here: ten thousand ids cost 80 ms to ask for, and 10 ms to be told.
    people = dict(User.objects.filter(connections__process_id=process_id).values_list("pk", "access_rev"))
    if unrecorded := [user_id for user_id in user_ids if user_id not in people]:
        people |= dict(User.objects.filter(pk__in=unrecorded).values_list("pk", "access_rev"))
    return people


@dataclass(frozen=True, slots=True)
class Known:
    """What one socket of a person knew when it was last told: their identity, the rooms it holds, and, if it is told of
    all the person's rooms, their part in each."""

    identity: Identity
    held: frozenset[int]
    told: Mapping[int, Part] | None


@dataclass(frozen=True, slots=True)
class PersonNow:
    """What a person may do at this moment: by which identities they may still be here, and in which rooms."""

    # Those that still count, each as it stands now.
    identities: dict[Identity, Identity]
    # Their part in rooms of which some socket does not know it.
    changed: dict[int, Part]
    # Why a room that was held is not theirs any more.
    lost: dict[int, LeftReason]
    # Their rooms, and those that were held.
    looked_at: frozenset[int]


def person_now(user_id: int, known: Sequence[Known]) -> PersonNow:
    """Ask again by what a person's sockets were let in, and which rooms are theirs; returns what differs from what the
    sockets know. Here and not in the event loop: of ten thousand rooms the comparison takes milliseconds a socket."""
    # First of all: what changes while the rest is read raises a number beyond this one, and is looked at again.
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return PersonNow({}, {}, {}, frozenset())
    found = {identity: renewed(identity) for identity in {one.identity for one in known}}
    rooms = room_parts(user)
    held = frozenset[int]().union(*(one.held for one in known))
    tellings = [one.told for one in known if one.told is not None]
    return PersonNow(
        {identity: replace(now, user=user) for identity, now in found.items() if now},
        {pk: now for pk, now in rooms.items() if any(told.get(pk) != now for told in tellings)},
        _why_lost(user, set(held - rooms.keys())),
        held.union(rooms),
    )


def _why_lost(user: User, room_ids: set[int]) -> dict[int, LeftReason]:
    if not room_ids:
        return {}
    lasting = Q(until=None) | Q(until__gt=timezone.now())
    banned = set(Ban.objects.filter(lasting, user=user, room_id__in=room_ids).values_list("room_id", flat=True))
    archived = set(Room.objects.filter(pk__in=room_ids, archived=True).values_list("pk", flat=True))
    reasons: dict[int, LeftReason] = {}
    for room_id in room_ids:
        reasons[room_id] = "banned" if room_id in banned else "archived" if room_id in archived else "kicked"
    return reasons
