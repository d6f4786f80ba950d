"""Who is named in a text."""

import re
from collections.abc import Iterable

from accounts.ascii import AsciiLower
from accounts.models import USERNAME_PATTERN, User
from chat.models import Membership

# What is shown as code, as a link or by its address calls nobody. Each is bounded, so that no text takes long.
_UNREAD = re.compile(
    r"```.*?(?:```|\Z)|(?<!`)(`+)(?!`)[^`](?:.{0,2000}?[^`])?\1(?!`)"
    r"|\[[^\[\]\n]{0,500}\]\([^()\s]{0,2000}\)|(?:https?://|www\.)\S+",
    re.DOTALL | re.IGNORECASE,
)
# Scripts that write no spaces between words, and Korean, whose particles follow a word: a name may stand in the middle.
_NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
# Not in a word, an address or a path, and not with a backslash before it; marks around it are let be.
_NAMED = re.compile(
    rf"(?:(?<![\w@/.#&\\])|(?<=[{_NO_SPACES}])|(?<=(?<!\w)_)|(?<=(?<!\w)__))@({USERNAME_PATTERN})(?![A-Za-z0-9_@])"
)
# A text may name more; nobody beyond is told.
MENTIONS_MAX = 50


def named_in(text: str) -> list[str]:
    """The names that `text` may mention, lower case, each once, in order."""
    if "@" not in text:
        return []
    found = (match[1].lower() for match in _NAMED.finditer(_UNREAD.sub(" ", text)))
    # A name in marks, `_@bob_`, may end before them.
    names = (name for whole in found for name in (whole, whole.rstrip("_")) if name)
    return list(dict.fromkeys(names))[:MENTIONS_MAX]


def people_named(names: Iterable[str]) -> dict[str, str]:
    """Active people by lower-case name -> username. One query, or none."""
    wanted = set(names)
    if not wanted:
        return {}
    rows = User.objects.filter(is_active=True).annotate(lowered=AsciiLower("username")).filter(lowered__in=wanted)
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
