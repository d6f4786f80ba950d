"""Who is named in a text."""

import re
from collections.abc import Iterable

from accounts.ascii import AsciiLower
from accounts.models import USERNAME_PATTERN
from chat.models import Membership

_NAMED = re.compile(rf"(?<![\w@/.])@({USERNAME_PATTERN})(?![\w@])", re.ASCII)
# A text may name more; nobody beyond is told.
MENTIONS_MAX = 50


def named_in(text: str) -> list[str]:
    """The names that `text` mentions, lower case, each once, in order."""
    return list(dict.fromkeys(match[1].lower() for match in _NAMED.finditer(text)))[:MENTIONS_MAX]


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
