"""The page `docs/permissions.md`: who may do what in a room, computed by the rules."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chat.rules import Action, Actor, refusal

_HEAD = """\
# Who may do what

Written by `manage.py permissions` from `chat/rules.py`; a test compares them.

For each action and each state of a room the lowest role that may do it. Owners rank above moderators, moderators above
members, and staff above the owners of every room that they can see; a private room or a conversation looks absent to
those who are not in it. *Own*: only a message of one's own. Acts on people (`kick`, `ban`, `mute`, `role`) need a role
above theirs.

"""
_ROLES = (("everybody", None), ("members", "member"), ("moderators", "moderator"), ("owners", "owner"))
_OPEN = Actor(kind="public", archived=False, role=None)
_PLACES = {
    "Open": _OPEN,
    "Muted in it": replace(_OPEN, muted_until=datetime.max.replace(tzinfo=UTC)),
    "For announcements": replace(_OPEN, announcing=True),
    "Archived": replace(_OPEN, archived=True),
    "Direct or group": replace(_OPEN, kind="direct"),
}
_NOW = datetime.min.replace(tzinfo=UTC)


def permissions_page() -> str:
    """The text of the page."""
    lines = [f"| Action | {' | '.join(_PLACES)} |", f"|---|{'---|' * len(_PLACES)}"]
    for action in Action:
        lines.append(_row(f"`{action.value}`" + (" (own)" if action in _OF_MESSAGES else ""), action, own=True))
        if action in _OF_MESSAGES:
            lines.append(_row(f"`{action.value}` (another's)", action, own=False))
        if action is Action.PIN:
            lines.append(_row("`pin` (where members may)", action, own=True, pinning=True))
        if action is Action.CALL_ALL:
            lines.append(_row("`call_all` (where members may)", action, own=True, calling=True))
        if action is Action.INVITE:
            lines.append(_row("`invite` (where moderators add people)", action, own=True, adding=False))
        if action is Action.VERSIONS:
            lines.append(_row("`versions` (where members may)", action, own=False, edit_history="members"))
    return _HEAD + "\n".join(lines) + "\n"


_OF_MESSAGES = (Action.EDIT, Action.DELETE, Action.VERSIONS)


def _row(name: str, action: Action, *, own: bool, **allowed: Any) -> str:
    places = [replace(place, **allowed) for place in _PLACES.values()]
    return f"| {name} | {' | '.join(_lowest(action, place, own=own) for place in places)} |"


def _lowest(action: Action, place: Actor, *, own: bool) -> str:
    for name, role in _ROLES:
        if refusal(action, replace(place, role=role), now=_NOW, own=own) is None:
            return name
    return "nobody"
