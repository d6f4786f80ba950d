"""The people whom a text mentions."""

from collections.abc import Iterable

from chat.formatting.tree import mentions_in
from chat.models import Membership, Participant
from lib.ascii import AsciiLower

# Mentions beyond this number in one text are not delivered.
MENTIONS_MAX = 50


def named_in(text: str) -> list[str]:
    """The usernames that `text` mentions, lower case, without repetition, in order: exactly those that are displayed as
    mentions.

    A name inside formatting, `_@bob_`, can end before the mark or after it: both readings are returned.
    """
    return list(dict.fromkeys(name for names in mentions_in(text) for name in names))[:MENTIONS_MAX]


def people_named(names: Iterable[str]) -> dict[str, str]:
    """Active people by lower-case name -> username. One query, or none."""
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
