"""The formatting marks of a message, as rules of markdown-it.

Server and browser use the same parser (markdown-it-py is a port of markdown-it), so the same rules give the same
result; the page's `js/text/formatting/marks.js` implements the same rules. docs/formatting.md lists the differences
from CommonMark and their reasons.
"""

import bisect
import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import backtick as code_rule
from markdown_it.rules_inline import image as image_rule
from markdown_it.rules_inline import link as link_rule
from markdown_it.rules_inline.state_inline import Delimiter

from chat.formatting.addresses import safe_href
from chat.formatting.blocks import ends_block, fence, heading, list_items, quote, table
from chat.formatting.calls import call, call_after_backslash
from chat.formatting.letters import is_seen, is_word
from chat.formatting.runs import TICKS, address_ends, addresses_of, flanks, runs_of

# Deeper quotes and lists stay text; `tree.py` checks the whole message first.
NESTING_MAX = 24
# The start of a block, unless a backslash precedes it.
_BLOCK_MARK = re.compile(r"#{1,6}[ \t]+\S|[-+*][ \t]+\S|>|`{3}")
_NO_TARGET = re.compile(r"[ \t\n]*\)")


def reader() -> MarkdownIt:
    """Return the parser with these rules."""
    md = MarkdownIt("zero", {"maxNesting": NESTING_MAX})
    md.enable(["blockquote", "fence", "list", "table", "heading", "code"])
    md.enable(["newline", "escape", "backticks", "strikethrough", "emphasis", "link", "image"])
    # The rule must exist, so that text indented by four is not a list, as in the JavaScript version; it matches
    # nothing.
    md.block.ruler.at("code", lambda *_: False)
    md.block.ruler.at("blockquote", quote, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.block.ruler.at("fence", fence, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.block.ruler.at("list", list_items, {"alt": ["paragraph", "reference", "blockquote"]})
    md.block.ruler.at("table", table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.at("heading", heading, {"alt": ["paragraph", "reference", "blockquote"]})
    md.block.ruler.before("blockquote", "end", ends_block, {"alt": ["paragraph", "blockquote", "list"]})
    for name, rule in (("text", _text), ("newline", _newline), ("escape", _escape), ("backticks", _code)):
        md.inline.ruler.at(name, rule)
    for name, rule in (("strikethrough", _struck), ("emphasis", _emphasis), ("link", _link), ("image", _image)):
        md.inline.ruler.at(name, rule)
    md.inline.ruler.push("call", call)
    md.validateLink = lambda url: safe_href(url) is not None  # type: ignore[method-assign]
    md.normalizeLink = lambda url: safe_href(url) or url  # type: ignore[method-assign]
    return md


def _text(state: StateInline, silent: bool) -> bool:
    """Text up to the next mark or address; an address is one token, including the marks in it."""
    pos = state.pos
    addresses = addresses_of(state)
    address = addresses.get(pos)
    if address and address.end <= state.posMax:
        if not silent and state.linkLevel:
            state.append_pending(state.src[pos : address.end])
        elif not silent:
            token = state.push("address", "", 0)
            token.content = state.src[pos : address.end]
            token.attrs = {"href": address.href}
        state.pos = address.end
        return True
    mark = state.md.inline.terminator_re.search(state.src, pos, state.posMax)
    end = mark.start() if mark else state.posMax
    if addresses:
        starts = list(addresses)
        at = bisect.bisect_right(starts, pos)
        end = min(end, starts[at]) if at < len(starts) else end
    if end == pos:
        return False
    if not silent:
        state.append_pending(state.src[pos:end])
    state.pos = end
    return True


def _newline(state: StateInline, silent: bool) -> bool:
    """Keep a line break, and the indentation of the next line."""
    if state.src[state.pos] != "\n":
        return False
    if not silent:
        state.pending = state.pending.rstrip(" \t")
        state.push("softbreak", "br", 0)
    state.pos += 1
    return True


def _code(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "`":
        return False
    start, count = state.pos, len(state.tokens)
    code_rule(state, silent)
    if silent or len(state.tokens) == count or state.tokens[-1].type != "code_inline":
        return True
    token = state.tokens[-1]
    if not is_seen(token.content):
        token.type, token.content = "text", state.src[start : state.pos]
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:
    mark = state.src[state.pos]
    return not silent and mark in "*_" and _delimiters(state, mark, 1)


def _struck(state: StateInline, silent: bool) -> bool:
    """Two tildes strike through; one or three are text."""
    src, pos = state.src, state.pos
    if silent or not src.startswith("~~", pos) or src[pos + 2 : pos + 3] == "~" or (pos and src[pos - 1] == "~"):
        return False
    return _delimiters(state, "~", 2)


def _delimiters(state: StateInline, mark: str, width: int) -> bool:
    start = end = state.pos
    while end < state.posMax and state.src[end] == mark:
        end += 1
    after_address = start in address_ends(state)
    opens, closes = flanks(state.src, start, end, state.posMax, mark, after_address=after_address)
    for _ in range((end - start) // width):
        state.push("text", "", 0).content = mark * width
        length = end - start if width == 1 else 0
        state.delimiters.append(Delimiter(ord(mark), length, len(state.tokens) - 1, -1, opens, closes))
    state.pos = end
    return True


def _escape(state: StateInline, silent: bool) -> bool:
    """Show a backslash, unless it precedes a mark that would otherwise take effect; the mark is text in both cases."""
    src, pos = state.src, state.pos
    if src[pos] != "\\":
        return False
    mark = src[pos + 1 : pos + 2] if pos + 1 < state.posMax else ""
    if not mark or mark not in "*_~`[]!@#:-+>.)":
        if not silent:
            state.append_pending("\\")
        state.pos += 1
        return True
    end = pos + 2
    acts = _would_act(state, pos + 1, mark)
    if mark == "~" or (mark in "*_" and not acts):
        # The whole run stays text.
        while end < state.posMax and src[end] == mark and (not acts or end < pos + 3):
            end += 1
    if not silent:
        state.append_pending(src[pos + 1 if acts else pos : end])
    state.pos = end
    return True


def _would_act(state: StateInline, at: int, mark: str) -> bool:
    src, before, after = state.src, state.src[at - 2 : at - 1] if at > 1 else "", state.src[at + 1 : at + 2]
    if mark in "]":
        return state.linkLevel > 0
    if mark in ".)":
        return re.search(r"(?:^|\n) {0,3}\d{1,3}$", src[: at - 1]) is not None and after in (" ", "\t")
    if re.search(r"(?:^|\n) {0,3}$", src[max(0, at - 5) : at - 1]) and _BLOCK_MARK.match(src, at):
        return True
    end = at + 1
    while mark in "*_~" and src[end : end + 1] == mark:
        end += 1
    behind, next_behind = src[end : end + 1], src[end + 1 : end + 2]
    part_of_path = behind and (
        is_word(behind) or behind in "/\\" or (behind == "." and (is_word(next_behind) or next_behind == "*"))
    )
    if behind == "\\" and next_behind in tuple("*_~`[]"):
        part_of_path = False
    if part_of_path and before and (is_word(before) or before in "/\\:"):
        return False
    if mark in "*_" or (mark == "~" and after == "~"):
        return _has_partner(state, at, mark)
    if mark == "`":
        run = TICKS.match(src, at)
        return run is not None and sum(len(other[0]) == len(run[0]) for other in TICKS.finditer(src)) > 1
    return mark in "[!@#:" and _acts(state, at, mark)


def _acts(state: StateInline, at: int, mark: str) -> bool:
    """Whether a link or a mention begins here."""
    rules: dict[str, Callable[[StateInline, bool], bool]] = {"[": _link, "!": _image}
    pos = state.pos
    state.pos = at
    try:
        return rules.get(mark, call_after_backslash)(state, True)
    finally:
        state.pos = pos


def _has_partner(state: StateInline, at: int, mark: str) -> bool:
    """Whether the run at `at` would form a pair with another, if there were no backslashes."""
    runs = runs_of(state, mark)
    here = next((run for run in runs if run[0] <= at < run[1]), None)
    if not here:
        return False
    opens = here[2] and any(run[0] > at and run[3] for run in runs)
    return opens or (here[3] and any(run[1] <= at and run[2] for run in runs))


def _link(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "[" or not _has_label(state, state.pos):
        return False
    return link_rule(state, silent)


def _image(state: StateInline, silent: bool) -> bool:
    return state.src.startswith("![", state.pos) and image_rule(state, silent)


def _has_label(state: StateInline, at: int) -> bool:
    """Whether a link can begin here: a visible label, then `](`."""
    close = state.src.find("](", at + 1, state.posMax)
    return close >= 0 and is_seen(state.src[at + 1 : close]) and not _NO_TARGET.match(state.src, close + 2)
