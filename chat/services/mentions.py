"""The people that a text mentions."""

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from chat.formatting.tree import mentions_in
from chat.lib.ascii import AsciiLower
from chat.models import Connection, Membership, Mention, Message, Participant, PeopleGroup

# Mentions beyond this number in one text are not delivered.
MENTIONS_MAX = 50
# Mentions whose threads are looked up in one transaction.
PLACED_AT_ONCE = 1_000
# Names that call many people: all members, and connected members. No account can have one.
CALLS = ("room", "here")


def named_in(text: str) -> list[str]:
    """The usernames that `text` mentions, in lower case, without duplicates, in order: exactly those that are displayed
    as mentions.

    A name inside formatting, `_@bob_`, can end before the mark or after it: returns both readings.
    """
    return list(dict.fromkeys(name for names in mentions_in(text) for name in names))[:MENTIONS_MAX]


def called_in(names: Iterable[str]) -> list[str]:
    """Those of these lower-case names that call many people."""
    return [name for name in names if name in CALLS]


def people_called(room_id: int, names: Collection[str]) -> dict[int, str]:
    """The members called by `room` (all of them) or `here` (connected ones): user id -> the name. One query for each
    name."""
    active = Membership.objects.filter(room_id=room_id, user__is_active=True)
    found: dict[int, str] = {}
    if "here" in names:
        connected = Exists(Connection.objects.live().filter(user=OuterRef("user_id")))
        found |= dict.fromkeys(active.filter(connected).values_list("user_id", flat=True), "here")
    if "room" in names:
        found |= dict.fromkeys(active.values_list("user_id", flat=True), "room")
    return found


def groups_called(room_id: int, names: Collection[str], *, by: int, may_all: bool) -> dict[int, str]:
    """The room's members called by these group names: user id -> the name. People can call groups that they are in;
    with `may_all`, any group. At most one query."""
    if not names:
        return {}
    groups = PeopleGroup.objects.filter(handle__in=names)
    if not may_all:
        groups = groups.filter(people=by)
    inside = PeopleGroup.people.through.objects.filter(peoplegroup__in=groups, participant__memberships__room=room_id)
    return dict(inside.filter(participant__is_active=True).values_list("participant_id", "peoplegroup__handle"))


def people_named(names: Iterable[str]) -> dict[str, str]:
    """Active people by lower-case name -> username. At most one query."""
    wanted = set(names)
    if not wanted:
        return {}
    rows = (
        Participant.objects.filter(is_active=True).annotate(lowered=AsciiLower("username")).filter(lowered__in=wanted)
    )
    return dict(rows.values_list("lowered", "username"))


def members_named(*, room_ids: Iterable[int], names: Iterable[str]) -> dict[tuple[int, str], tuple[int, str]]:
    """Members by (room, lower-case name) -> (user id, username). One query."""
    wanted = set(names)
    if not wanted:
        return {}
    rows = (
        Membership.objects.filter(room_id__in=room_ids)
        .annotate(lowered=AsciiLower("user__username"))
        .filter(lowered__in=wanted)
        .values_list("room_id", "lowered", "user_id", "user__username")
    )
    return {(room_id, lowered): (user_id, username) for room_id, lowered, user_id, username in rows}


def mentions_of(message: Message, named: Iterable[int], called: Mapping[int, str]) -> list[Mention]:
    """The unsaved mentions of a message: of `named` user ids, and of `called` user ids by a name for many people."""
    people = dict(called) | dict.fromkeys(named, "")
    place = {"message": message, "room_id": message.room_id, "seq": message.seq, "hidden": not message.in_room}
    return [
        Mention(**place, user_id=user_id, called=name, thread=_thread_for(user_id, message.thread, message.author_id))
        for user_id, name in people.items()
    ]


@transaction.atomic
def mentions_place() -> int:
    """Look up the threads of mentions stored without one, at most PLACED_AT_ONCE; returns how many."""
    unknown = Mention.objects.select_for_update(skip_locked=True).filter(thread=None).order_by("pk")
    # Locked before their messages are read: an import that moves a message into a thread sets `thread` to None here.
    pks = list(unknown.values_list("pk", flat=True)[:PLACED_AT_ONCE])
    message = Message.objects.filter(pk=OuterRef("message_id"))
    replies = message.filter(thread__isnull=False).exclude(author_id=OuterRef("user_id"))
    Mention.objects.filter(pk__in=pks).update(
        thread=Coalesce(Subquery(replies.values("thread")[:1]), 0), hidden=Exists(message.filter(in_room=False))
    )
    return len(pks)


def _thread_for(user_id: int, thread: int | None, author_id: int | None) -> int:
    return 0 if thread is None or user_id == author_id else thread
