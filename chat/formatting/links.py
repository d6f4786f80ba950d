"""The links in a message that get a preview."""

from markdown_it.token import Token

from chat.formatting.addresses import may_link
from chat.formatting.letters import SPACES
from chat.formatting.marks import reader
from chat.formatting.tree import is_tangled

_reader = reader()
_WEB = ("http://", "https://")


def links_in(text: str, most: int) -> list[str]:
    """Return the first `most` distinct web addresses in `text`, without those in code or quotes or written as
    `<https://…>`."""
    if not may_link(text) or is_tangled(text):
        return []
    found: dict[str, None] = {}
    depth = 0
    for block in _reader.parse(text.rstrip(SPACES), {"named": None}):
        if block.type.startswith("blockquote_"):
            depth += block.nesting
        elif block.type == "inline" and not depth:
            found |= dict.fromkeys(_of_line(block.children or []))
    return list(found)[:most]


def _of_line(tokens: list[Token]) -> list[str]:
    found = []
    for at, token in enumerate(tokens):
        href = str(token.attrs.get("href") or token.attrs.get("src") or "")
        if href.lower().startswith(_WEB) and not (token.type == "address" and _in_brackets(tokens, at)):
            found.append(href)
    return found


def _in_brackets(tokens: list[Token], at: int) -> bool:
    before, after = tokens[at - 1] if at else None, tokens[at + 1] if at + 1 < len(tokens) else None
    return bool(before and after and before.content.endswith("<") and after.content.startswith(">"))
