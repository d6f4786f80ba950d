"""The formatting marks of a message, as rules of markdown-it.

Both sides use one parser (markdown-it-py here is a port of markdown-it in the browser), so the same rules give the same
result; `static/js/text/formatting/marks.js` implements the same. Differences from CommonMark and their reasons are in
docs/formatting.md.
"""

import bisect
import re
from collections.abc import Callable, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, list_block, table
from markdown_it.rules_block import blockquote as quote_rule
from markdown_it.rules_block.fence import make_fence_rule
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import backtick as code_rule
from markdown_it.rules_inline import image as image_rule
from markdown_it.rules_inline import link as link_rule
from markdown_it.rules_inline.state_inline import Delimiter

from chat.formatting.addresses import Address, addresses_in, safe_href
from chat.formatting.letters import SPACES, is_seen, is_space, is_word

# Deeper quotes and lists are text; `tree.py` checks the message as a whole first.
NESTING_MAX = 24
COLUMNS_MAX = 20
_TICKS = re.compile("`+")
_NUMBER = re.compile(r"(\d{1,9})[.)][ \t]+\S")
_DATE = re.compile(r"\d{1,2}\.[ \t]+\d{1,2}\.[ \t]")
_MENTION = re.compile(r"@([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,30}[A-Za-z0-9_])?)")
_ROOM = re.compile(r"#([A-Za-z0-9_-]{1,64})(?![A-Za-z0-9_-])")
_SHORTCODE = re.compile(r":([a-z0-9_+-]{1,32}):")
# Starts of a block, unless a backslash precedes.
_BLOCK_MARK = re.compile(r"#{1,6}[ \t]+\S|[-+*][ \t]+\S|>|`{3}")


def reader() -> MarkdownIt:
    """The parser with these rules."""
    md = MarkdownIt("zero", {"maxNesting": NESTING_MAX})
    md.enable(["blockquote", "fence", "list", "table", "heading", "code"])
    md.enable(["newline", "escape", "backticks", "strikethrough", "emphasis", "link", "image"])
    # As a rule, so that text indented by four is no list, as in the JavaScript version; the rule itself matches
    # nothing.
    md.block.ruler.at("code", lambda *_: False)
    md.block.ruler.at("blockquote", _quote, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.block.ruler.at("fence", _fence, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.block.ruler.at("list", _list, {"alt": ["paragraph", "reference", "blockquote"]})
    md.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.at("heading", _heading, {"alt": ["paragraph", "reference", "blockquote"]})
    md.block.ruler.before("blockquote", "end", _end, {"alt": ["paragraph", "blockquote", "list"]})
    for name, rule in (("text", _text), ("newline", _newline), ("escape", _escape), ("backticks", _code)):
        md.inline.ruler.at(name, rule)
    for name, rule in (("strikethrough", _struck), ("emphasis", _emphasis), ("link", _link), ("image", _image)):
        md.inline.ruler.at(name, rule)
    md.inline.ruler.push("call", _call)
    md.validateLink = lambda url: safe_href(url) is not None  # type: ignore[method-assign]
    md.normalizeLink = lambda url: safe_href(url) or url  # type: ignore[method-assign]
    return md


# Blocks.


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _end(state: StateBlock, line: int, _end_line: int, silent: bool) -> bool:
    """Lines that end a block although CommonMark would continue it."""
    if not silent:
        return False
    text = _line(state, line)
    if state.parentType == "paragraph":
        # A line beside an item is not part of it.
        return state.blkIndent > 0 and state.sCount[line] < state.blkIndent
    if state.parentType == "blockquote":
        return True
    if state.parentType == "table":
        return "|" not in text
    return state.parentType == "list" and (_MARKS_ONLY.match(text) is not None or not _is_number(text))


_MARKS_ONLY = re.compile(rf"(?:[-+*>#{SPACES}]|[0-9]{{1,9}}[.)](?=[{SPACES}]|$))*$")


def _is_number(text: str) -> bool:
    """Whether a number before a dot is an item's number: 1986, 007 and dates are not."""
    if _DATE.match(text):
        return False
    number = _NUMBER.match(text)
    return not number or (len(number[1]) <= 3 and (number[1] == "0" or number[1][0] != "0"))


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    text = _line(state, start)
    if not text or text[0] not in "-+*0123456789" or _MARKS_ONLY.match(text) or not _is_number(text):
        return False
    if _SIGNED.match(text) and not _has_words(state, start, end, text[0]):
        return False
    return list_block(state, start, end, silent)


# Can be a minus or a plus.
_SIGNED = re.compile(r"[-+][ \t]+[$€£¥]?[.,]?\d")


def _has_words(state: StateBlock, start: int, end: int, mark: str) -> bool:
    """Whether a neighbouring item begins with a word: `- 5 degrees` alone is a negative number."""
    for line in range(start + 1, end):
        text = _line(state, line)
        if not text.startswith((f"{mark} ", f"{mark}\t")):
            return False
        if not _SIGNED.match(text):
            return True
    return False


def _quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    text = _line(state, start)
    if not text.startswith(">") or _NO_QUOTE.match(text):
        return False
    for line in range(start, end):
        text = _line(state, line)
        if not text.startswith(">"):
            return False
        if text.strip("> \t"):
            return quote_rule(state, start, end, silent)
    return False


# A comparison, an arrow or an emoticon.
_NO_QUOTE = re.compile(r">[0-9=.:;_<-]")
_fence_rule = make_fence_rule(markers=("`",))


def _fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    text = _line(state, start)
    if not text.startswith("```"):
        return False
    ticks = _TICKS.match(text)
    assert ticks
    if LANGUAGE.fullmatch(text[ticks.end() :].strip(SPACES)):
        # An empty fence is text.
        line = start + 1
        while line < end and state.isEmpty(line):
            line += 1
        # A fence does not extend beyond its item.
        if (
            line >= end
            or state.sCount[line] < state.blkIndent
            or re.match(rf"`{{{len(ticks[0])},}}[ \t]*$", _line(state, line))
        ):
            return False
    return _fence_rule(state, start, end, silent)


LANGUAGE = re.compile(r"(?:[\w+#.-]{1,24})?", re.ASCII)


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if start + 2 > end or "|" not in _line(state, start) or _line(state, start + 1).count("|") > COLUMNS_MAX:
        return False
    return table(state, start, end, silent)


def _heading(state: StateBlock, start: int, _end_line: int, silent: bool) -> bool:
    """One line after one to six `#`. A `#` at its end stays: `# C#`."""
    if state.is_code_block(start):
        return False
    match = re.match(r"(#{1,6})[ \t]+(.*)", _line(state, start), re.DOTALL)
    if not match or _MARKS_ONLY.match(match[2]):
        return False
    if silent:
        return True
    state.line = start + 1
    token = state.push("heading_open", f"h{len(match[1])}", 1)
    token = state.push("inline", "", 0)
    token.content = match[2].strip(SPACES)
    token.map = [start, state.line]
    token.children = []
    state.push("heading_close", f"h{len(match[1])}", -1)
    return True


# Inside a line.


def _addresses(state: StateInline) -> dict[int, Address]:
    known: dict[str, dict[int, Address]] = state.env.setdefault("addresses", {})
    if state.src not in known:
        known[state.src] = {address.start: address for address in addresses_in(state.src)}
    return known[state.src]


def _address_ends(state: StateInline) -> frozenset[int]:
    known: dict[str, frozenset[int]] = state.env.setdefault("address_ends", {})
    if state.src not in known:
        known[state.src] = frozenset(address.end for address in _addresses(state).values())
    return known[state.src]


def _text(state: StateInline, silent: bool) -> bool:
    """Text up to the next mark or address; an address is one token, with all marks in it."""
    pos = state.pos
    addresses = _addresses(state)
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
    """A line break is kept, and the indentation of the next line."""
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


def _flanks(
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


_CHEEKS = tuple("^-<>;=@.,¬°'+$#%&?")
_STARRY = re.compile(r"(?<![A-Za-z0-9_*])\*_{1,3}\*(?![A-Za-z0-9_*])")


def _is_name(src: str, start: int, end: int) -> bool:
    """Whether the underscores belong to an identifier, itself in underscores, with a path or call around it."""
    while start and end - start < _NAME_MAX and _NAME_SIGN.match(src[start - 1]):
        start -= 1
    while end < len(src) and end - start < _NAME_MAX and _NAME_SIGN.match(src[end]):
        end += 1
    if src[start] != "_" or src[end - 1] != "_":
        return False
    before, after, next_after = src[start - 1 : start] if start else "", src[end : end + 1], src[end + 1 : end + 2]
    if before == "\\" and (start < 2 or is_space(src[start - 2]) or not src[start:end].strip("_")):
        # An escaped mark, and no path.
        before = src[start - 2 : start - 1] if start > 1 else ""
    return before in _BEFORE_NAME or after in _AFTER_NAME or (after == "." and is_word(next_after))


_PATH = ("/", "\\")
_BEFORE_NAME, _AFTER_NAME = tuple("./\\@#$%=&+-"), tuple("/\\@(=")
_NAME_SIGN = re.compile(r"[A-Za-z0-9_]")
_NAME_MAX = 80


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
    after_address = start in _address_ends(state)
    opens, closes = _flanks(state.src, start, end, state.posMax, mark, after_address=after_address)
    for _ in range((end - start) // width):
        state.push("text", "", 0).content = mark * width
        length = end - start if width == 1 else 0
        state.delimiters.append(Delimiter(ord(mark), length, len(state.tokens) - 1, -1, opens, closes))
    state.pos = end
    return True


def _escape(state: StateInline, silent: bool) -> bool:
    """A backslash is shown, unless it precedes a mark that would otherwise act; the mark is text in both cases."""
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
        run = _TICKS.match(src, at)
        return run is not None and sum(len(other[0]) == len(run[0]) for other in _TICKS.finditer(src)) > 1
    return mark in "[!@#:" and _acts(state, at, mark)


def _acts(state: StateInline, at: int, mark: str) -> bool:
    """Whether a link or a mention begins here."""
    rules: dict[str, Callable[[StateInline, bool], bool]] = {"[": _link, "!": _image}
    pos = state.pos
    state.pos = at
    try:
        return rules.get(mark, _call_after_backslash)(state, True)
    finally:
        state.pos = pos


def _has_partner(state: StateInline, at: int, mark: str) -> bool:
    """Whether the run at `at` would form a pair with another, if there were no backslashes."""
    runs = _runs(state, mark)
    here = next((run for run in runs if run[0] <= at < run[1]), None)
    if not here:
        return False
    opens = here[2] and any(run[0] > at and run[3] for run in runs)
    return opens or (here[3] and any(run[1] <= at and run[2] for run in runs))


def _runs(state: StateInline, mark: str) -> Sequence[tuple[int, int, bool, bool]]:
    """Runs of a mark outside code and addresses: start, end, whether it opens, whether it closes."""
    known: dict[tuple[str, str], list[tuple[int, int, bool, bool]]] = state.env.setdefault("runs", {})
    found = known.get((state.src, mark))
    if found is None:
        src = state.src
        hidden = _code_spans(src) + [(address.start, address.end) for address in _addresses(state).values()]
        found = []
        for run in re.finditer(rf"{re.escape(mark)}+", src):
            start, end = run.span()
            if not any(a <= start < b for a, b in hidden):
                after_address = start in _address_ends(state)
                found.append((start, end, *_flanks(src, start, end, len(src), mark, after_address=after_address)))
        known[(state.src, mark)] = found
    return found


def _code_spans(src: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    opened: dict[int, int] = {}
    for run in _TICKS.finditer(src):
        if run.start() and src[run.start() - 1] == "\\":
            continue
        start = opened.pop(len(run[0]), None)
        if start is None:
            opened[len(run[0])] = run.start()
        else:
            spans.append((start, run.end()))
            opened.clear()
    return spans


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


_NO_TARGET = re.compile(r"[ \t\n]*\)")


def _call(state: StateInline, silent: bool) -> bool:
    """Mentions, room names and emoji names, at the start of a word."""
    src, pos = state.src, state.pos
    if src[pos] not in "@#:" or (state.linkLevel and src[pos] != ":") or not _may_call(src, pos):
        return False
    return _call_at(state, silent)


def _call_after_backslash(state: StateInline, silent: bool) -> bool:
    src, pos = state.src, state.pos
    return not state.linkLevel and _may_call(src[: pos - 1] + src[pos:], pos - 1) and _call_at(state, silent)


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
    shown = match and not is_word(src[match.end() : match.end() + 1]) and emoji(match[1])
    if not match or not shown:
        return False
    if not silent:
        state.append_pending(shown)
    state.pos = match.end()
    return True


def names_of(written: str, after: str) -> tuple[str, ...]:
    """The usernames that `@written` can mean, the longest first: in `_@bob_` the last character is a mark."""
    if after and (is_word(after) or after in "_@"):
        return ()
    shorter = written.rstrip("_")
    return (written, shorter) if shorter and shorter != written else (written,)
