"""Runs of a mark inside a line: which of them can open, and which can close."""

import re
from collections.abc import Sequence

from markdown_it.rules_inline import StateInline

from chat.formatting.addresses import Address, addresses_in
from chat.formatting.letters import is_space, is_word

TICKS = re.compile("`+")
_PATH = ("/", "\\")
_BEFORE_NAME, _AFTER_NAME = tuple("./\\@#$%=&+-"), tuple("/\\@(=")
_NAME_SIGN = re.compile(r"[A-Za-z0-9_]")
_NAME_MAX = 80
_CHEEKS = tuple("^-<>;=@.,¬°'+$#%&?")
_STARRY = re.compile(r"(?<![A-Za-z0-9_*])\*_{1,3}\*(?![A-Za-z0-9_*])")


def addresses_of(state: StateInline) -> dict[int, Address]:
    known: dict[str, dict[int, Address]] = state.env.setdefault("addresses", {})
    if state.src not in known:
        known[state.src] = {address.start: address for address in addresses_in(state.src)}
    return known[state.src]


def address_ends(state: StateInline) -> frozenset[int]:
    known: dict[str, frozenset[int]] = state.env.setdefault("address_ends", {})
    if state.src not in known:
        known[state.src] = frozenset(address.end for address in addresses_of(state).values())
    return known[state.src]


def runs_of(state: StateInline, mark: str) -> Sequence[tuple[int, int, bool, bool]]:
    """Return the runs of a mark outside code and addresses: start, end, whether it opens, whether it closes."""
    known: dict[tuple[str, str], list[tuple[int, int, bool, bool]]] = state.env.setdefault("runs", {})
    found = known.get((state.src, mark))
    if found is None:
        src = state.src
        hidden = _code_spans(src) + [(address.start, address.end) for address in addresses_of(state).values()]
        found = []
        for run in re.finditer(rf"{re.escape(mark)}+", src):
            start, end = run.span()
            if not any(a <= start < b for a, b in hidden):
                after_address = start in address_ends(state)
                found.append((start, end, *flanks(src, start, end, len(src), mark, after_address=after_address)))
        known[(state.src, mark)] = found
    return found


def flanks(
    src: str, start: int, end: int, maximum: int, mark: str, *, after_address: bool = False
) -> tuple[bool, bool]:
    """Whether a run of marks can open, and whether it can close. A backslash before it is ignored."""
    if _is_face(src, start, end):
        return False, False
    at = start - 1 if start and src[start - 1] == "\\" else start
    before = src[at - 1] if at else ""
    after = src[end] if end < maximum else ""
    opens = not is_space(after) and not is_word(before) and before not in _PATH and after != "/"
    if mark == "*" and ((after == "." and is_word(src[end + 1 : end + 2])) or (before == "." and end == start + 1)):
        # A pattern: `*.txt`, `.*`.
        opens = False
    closes = not is_space(before) and (after_address or before not in _PATH)
    if closes and before in tuple("([{<「『（《【“‘«‚„") and is_word(after):
        closes = False
    if mark == "_":
        # Underscores are part of identifiers: snake_case, __init__.py, object.__dict__, /__tests__/.
        named = not after_address and _is_name(src, start, end)
        opens = opens and not named
        closes = closes and not named and not is_word(after)
    return opens, closes


def _is_face(src: str, start: int, end: int) -> bool:
    """Whether the marks belong to an emoticon (`^_^`, `>_<`, `*_*`) or to a pattern (`.*,`)."""
    before, after = src[start - 1 : start] if start else "", src[end : end + 1]
    if before and after and before in _CHEEKS and after in _CHEEKS:
        return True
    first = max(0, start - 5)
    faces = _STARRY.finditer(src[first : end + 5])
    return any(face.start() <= start - first < face.end() for face in faces)


def _is_name(src: str, start: int, end: int) -> bool:
    """Whether the underscores are the ends of an identifier with a path or call around it."""
    while start and end - start < _NAME_MAX and _NAME_SIGN.match(src[start - 1]):
        start -= 1
    while end < len(src) and end - start < _NAME_MAX and _NAME_SIGN.match(src[end]):
        end += 1
    if src[start] != "_" or src[end - 1] != "_":
        return False
    before, after, next_after = src[start - 1 : start] if start else "", src[end : end + 1], src[end + 1 : end + 2]
    if before == "\\" and (start < 2 or is_space(src[start - 2]) or not src[start:end].strip("_")):
        # The backslash escapes a mark; it is not part of a path.
        before = src[start - 2 : start - 1] if start > 1 else ""
    return before in _BEFORE_NAME or after in _AFTER_NAME or (after == "." and is_word(next_after))


def _code_spans(src: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    opened: dict[int, int] = {}
    for run in TICKS.finditer(src):
        if run.start() and src[run.start() - 1] == "\\":
            continue
        start = opened.pop(len(run[0]), None)
        if start is None:
            opened[len(run[0])] = run.start()
        else:
            spans.append((start, run.end()))
            opened.clear()
    return spans
