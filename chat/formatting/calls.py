"""Mentions, room names and emoji names, as a rule of markdown-it.

`chat/static/chat/js/text/formatting/calls.js` implements the same.
"""

import re
from collections.abc import Callable

from markdown_it.rules_inline import StateInline

from chat.formatting.letters import is_word

_MENTION = re.compile(r"@([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,30}[A-Za-z0-9_])?)")
_ROOM = re.compile(r"#([A-Za-z0-9_-]{1,64})(?![A-Za-z0-9_-])")
_SHORTCODE = re.compile(r":([a-z0-9_+-]{1,32}):")


def call(state: StateInline, silent: bool) -> bool:
    """Mentions, room names and emoji names, at the start of a word."""
    src, pos = state.src, state.pos
    if src[pos] not in "@#:" or (state.linkLevel and src[pos] != ":") or not _may_call(src, pos):
        return False
    return _call_at(state, silent)


def call_after_backslash(state: StateInline, silent: bool) -> bool:
    src, pos = state.src, state.pos
    return not state.linkLevel and _may_call(src[: pos - 1] + src[pos:], pos - 1) and _call_at(state, silent)


def names_of(written: str, after: str) -> tuple[str, ...]:
    """The usernames that `@written` can mean, the longest first: in `_@bob_` the last character is a mark."""
    if after and (is_word(after) or after in "_@"):
        return ()
    shorter = written.rstrip("_")
    return (written, shorter) if shorter and shorter != written else (written,)


def _may_call(src: str, pos: int) -> bool:
    """Whether a mention can begin here: not inside a word, an address, a path or a time."""
    at = pos
    while at and src[at - 1] in "_*~":
        at -= 1
    before = src[at - 1] if at else ""
    if before == "/" and src[pos] == "@":
        # `@ada/@bob` mentions both.
        return re.search(r"(?:^|\s)@[A-Za-z0-9_.-]{1,32}/$", src[max(0, at - 40) : at]) is not None
    return not is_word(before) and (not before or before not in "@/.#&\\")


def _call_at(state: StateInline, silent: bool) -> bool:
    src, pos = state.src, state.pos
    sign = src[pos]
    if sign == "@":
        match = _MENTION.match(src, pos, state.posMax)
        names = names_of(match[1], src[match.end() : match.end() + 1]) if match else ()
        named: frozenset[str] | None = state.env.get("named")
        name = next((name for name in names if named is None or name.lower() in named), None)
        if not name:
            return False
        if not silent:
            token = state.push("mention", "", 0)
            token.content = name
            token.meta = {"names": tuple(each.lower() for each in names)}
        state.pos += 1 + len(name)
        return True
    if sign == "#":
        match = _ROOM.match(src, pos, state.posMax)
        if not match or is_word(src[match.end() : match.end() + 1]):
            return False
        if not silent:
            state.push("room", "", 0).content = match[1]
        state.pos = match.end()
        return True
    match = _SHORTCODE.match(src, pos, state.posMax)
    emoji: Callable[[str], str | None] = state.env.get("emoji", lambda _: None)
    if not match or is_word(src[match.end() : match.end() + 1]):
        return False
    shown = emoji(match[1])
    if not shown and match[1] not in state.env.get("own", ()):
        return False
    if not silent and shown:
        state.append_pending(shown)
    elif not silent:
        state.push("own_emoji", "", 0).content = match[1]
    state.pos = match.end()
    return True
