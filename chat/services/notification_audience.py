"""The people who may be notified, as far as decisions need them: members with a device or with e-mails, and their
settings."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from chat.models import Attention, Membership, Preferences, Profile, PushSubscription, ThreadFollow, level_of
from chat.reaching import SOUNDS, QuietHours, Wishes


@dataclass(frozen=True, slots=True)
class Member:
    """A member who can be reached, as far as the decisions need them."""

    user_id: int
    level: str
    muted: bool
    read_seq: int


@dataclass(frozen=True, slots=True)
class Device:
    """A device, and when it was registered: it gets no messages from before."""

    subscription_id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """A person's settings for all rooms."""

    wishes: Wishes
    keywords: tuple[str, ...] = ()
    mails: bool = False
    devices: tuple[Device, ...] = ()


def members_of(room_ids: Collection[int]) -> Mapping[int, list[Member]]:
    """The active members of these rooms who have a device or want e-mails."""
    device = PushSubscription.objects.filter(user=OuterRef("user"), ended_at=None)
    mails = Attention.objects.filter(user=OuterRef("user")).exclude(mail=Attention.Mail.NEVER)
    reachable = Membership.objects.filter(Exists(device) | Exists(mails), room__in=room_ids, user__is_active=True)
    rows = reachable.values_list("room_id", "user_id", "notify", "loud", "muted", "read_seq", "back_from_seq")
    found: defaultdict[int, list[Member]] = defaultdict(list)
    for room_id, user_id, notify, loud, muted, read_seq, back_from in rows:
        found[room_id].append(Member(user_id, level_of(notify, loud), muted, max(read_seq, back_from)))
    return found


@dataclass(frozen=True, slots=True)
class Follow:
    """A person's relation to a thread."""

    following: bool
    read_seq: int


def follows_of(threads: Collection[tuple[int, int]]) -> dict[tuple[int, int, int], Follow]:
    """Current and former followers of these threads: (room id, the root's `seq`, user id). At most one query."""
    wanted = Q(pk=None)
    for room_id, seq in threads:
        wanted |= Q(thread__room_id=room_id, thread__seq=seq)
    rows = ThreadFollow.objects.filter(wanted) if threads else ThreadFollow.objects.none()
    fields = ("thread__room_id", "thread__seq", "user_id", "following", "read_seq")
    return {
        (room_id, seq, user_id): Follow(following, read_seq)
        for room_id, seq, user_id, following, read_seq in rows.values_list(*fields)
    }


def people_of(user_ids: Collection[int], *, now: datetime) -> dict[int, Person]:
    """These people's settings for all rooms, and their devices."""
    levels = dict(Preferences.objects.filter(user__in=user_ids).values_list("user_id", "notify"))
    attention = {one.user_id: one for one in Attention.objects.filter(user__in=user_ids)}
    devices: defaultdict[int, list[Device]] = defaultdict(list)
    active = PushSubscription.objects.filter(user__in=user_ids, ended_at=None)
    for user_id, pk, since in active.values_list("user_id", "pk", "created_at"):
        devices[user_id].append(Device(pk, since))
    busy_people = Profile.objects.filter(user__in=user_ids, presence=Profile.Presence.BUSY)
    busy = set(busy_people.values_list("user_id", flat=True))
    found = {}
    for user_id in user_ids:
        chosen = attention.get(user_id)
        wishes = replace(wishes_at(chosen, levels.get(user_id, "mentions"), now), busy=user_id in busy)
        found[user_id] = Person(
            wishes,
            tuple(chosen.keywords) if chosen else (),
            chosen is not None and chosen.mail != Attention.Mail.NEVER and bool(chosen.mail_verified),
            tuple(devices[user_id]),
        )
    return found


def quiet_hours(attention: Attention) -> QuietHours | None:
    """The person's quiet hours, if they are on."""
    if not attention.quiet:
        return None
    days = frozenset(day for day in range(7) if attention.quiet_days >> day & 1)
    return QuietHours(attention.quiet_start, attention.quiet_end, days, attention.zone)


def silenced(silent: int) -> list[str]:
    """The entries of SOUNDS that the person has turned off, from the bits of `Attention.silent`."""
    return [str(reason) for place, reason in enumerate(SOUNDS) if silent >> place & 1]


def wishes_at(attention: Attention | None, level: str, now: datetime) -> Wishes:
    """The person's wishes at this moment. `level`: from their preferences."""
    if attention is None:
        return Wishes(level=level)
    hours = quiet_hours(attention)
    return Wishes(
        level=level,
        threads=attention.threads,
        reactions=attention.reactions,
        paused=attention.paused_until is not None and attention.paused_until > now,
        quiet=hours is not None and hours.at(now),
        direct_in_quiet=attention.direct_in_quiet,
    )
