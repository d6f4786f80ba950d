"""Block marks as rules of markdown-it: quotes, lists, fences, tables and headings.

`chat/static/chat/js/text/formatting/blocks.js` implements the same.
"""

import re

from markdown_it.rules_block import StateBlock, list_block
from markdown_it.rules_block import blockquote as quote_rule
from markdown_it.rules_block import table as table_rule
from markdown_it.rules_block.fence import make_fence_rule

from chat.formatting.letters import SPACES
from chat.formatting.runs import TICKS

LANGUAGE = re.compile(r"(?:[\w+#.-]{1,24})?", re.ASCII)
COLUMNS_MAX = 20
_NUMBER = re.compile(r"(\d{1,9})[.)][ \t]+\S")
_DATE = re.compile(r"\d{1,2}\.[ \t]+\d{1,2}\.[ \t]")
_MARKS_ONLY = re.compile(rf"(?:[-+*>#{SPACES}]|[0-9]{{1,9}}[.)](?=[{SPACES}]|$))*$")
# A list mark that may be a minus or a plus sign.
_SIGNED = re.compile(r"[-+][ \t]+[$€£¥]?[.,]?\d")
# A comparison, an arrow or an emoticon.
_NO_QUOTE = re.compile(r">[0-9=.:;_<-]")
_fence_rule = make_fence_rule(markers=("`",))


def ends_block(state: StateBlock, line: int, _end_line: int, silent: bool) -> bool:
    """Lines that end a block although CommonMark would continue it."""
    if not silent:
        return False
    text = _line(state, line)
    if state.parentType == "paragraph":
        # A line with less indentation than an item is not part of it.
        return state.blkIndent > 0 and state.sCount[line] < state.blkIndent
    if state.parentType == "blockquote":
        return True
    if state.parentType == "table":
        return "|" not in text
    return state.parentType == "list" and (_MARKS_ONLY.match(text) is not None or not _is_number(text))


def list_items(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    text = _line(state, start)
    if not text or text[0] not in "-+*0123456789" or _MARKS_ONLY.match(text) or not _is_number(text):
        return False
    if _SIGNED.match(text) and not _has_words(state, start, end, text[0]):
        return False
    return list_block(state, start, end, silent)


def quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
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


def fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    text = _line(state, start)
    if not text.startswith("```"):
        return False
    ticks = TICKS.match(text)
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


def table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if start + 2 > end or "|" not in _line(state, start) or _line(state, start + 1).count("|") > COLUMNS_MAX:
        return False
    return table_rule(state, start, end, silent)


def heading(state: StateBlock, start: int, _end_line: int, silent: bool) -> bool:
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


def _is_number(text: str) -> bool:
    """Whether a number before a dot is a list item's number: 1986, 007 and dates are not."""
    if _DATE.match(text):
        return False
    number = _NUMBER.match(text)
    return not number or (len(number[1]) <= 3 and (number[1] == "0" or number[1][0] != "0"))


def _has_words(state: StateBlock, start: int, end: int, mark: str) -> bool:
    """Whether a neighbouring item begins with a word: `- 5 degrees` alone is a negative number."""
    for line in range(start + 1, end):
        text = _line(state, line)
        if not text.startswith((f"{mark} ", f"{mark}\t")):
            return False
        if not _SIGNED.match(text):
            return True
    return False


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
