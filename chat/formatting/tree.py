"""Parses a message into a small tree of its formatting."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from markdown_it.token import Token

from chat.formatting.addresses import shown_words
from chat.formatting.blocks import LANGUAGE
from chat.formatting.calls import names_of
from chat.formatting.emoji import emoji_named
from chat.formatting.letters import SPACES, is_seen
from chat.formatting.marks import reader

# Beyond these limits the parser takes quadratic time: such a text is displayed as it was written.
MARKS_MAX = 1_000
LINES_MAX = 400
_MARKS = re.compile(r"[*_~`\[\]!<\\@#|]")
_NESTED = re.compile(r"^(?:[ \t]{0,8}(?:>|[-*+]|\d{1,9}[.)])){12}", re.MULTILINE)
_TASK = re.compile(r"\[([ xX])\][ \t]+")
# Texts in which mentions are unambiguous: no code, no links, no backslashes, and a blank before each @.
_ONLY_NAMES = re.compile(r"[^@`\\\[]*(?:(?:(?<=\s)|^|(?<=\s\())@[^@`\\\[]*)*")
_NAME = re.compile(r"@([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,30}[A-Za-z0-9_])?)")


@dataclass(slots=True)
class Node:
    """`kind`: p, heading, strong, em, del, quote, ul, ol, li, table, tr, th, td, br, pre, code, link, mention, room,
    emoji (a custom emoji, by name).

    `text`: the text of a leaf. `value`: the target of a link, the language of code, the number of an item, the
    alignment of a cell, the delimiter after the numbers of a list.
    """

    kind: str
    children: "list[Node | str]" = field(default_factory=list)
    text: str = ""
    value: str = ""


Tree = list[Node | str]
_reader = reader()


def parse(
    text: str,
    mentions: Collection[str] | None = (),
    emoji: Callable[[str], str | None] = emoji_named,
    own: Collection[str] = (),
) -> Tree:
    """Return the tree of a message. `mentions`: the usernames that are displayed as mentions; None: all names. `own`:
    the names of the custom emoji."""
    return list(_read(text, mentions, emoji, own).children)


def mentions_in(text: str) -> list[tuple[str, ...]]:
    """Return the mentions in `text`: for each, the usernames that it can mean, in lower case and in order.

    Nearly always one name; `_@bob_` can mean `bob_` or `bob`, and the first one that is a member is mentioned.
    """
    if "@" not in text:
        return []
    if is_tangled(text):
        return []
    if _ONLY_NAMES.fullmatch(text) and "://" not in text and "www." not in text.lower():
        found = [names_of(match[1], text[match.end() : match.end() + 1]) for match in _NAME.finditer(text)]
        return list(dict.fromkeys(tuple(name.lower() for name in names) for names in found if names))
    tokens = _reader.parse(text.rstrip(SPACES), {"named": None})
    inside = (token for block in tokens for token in block.children or () if token.type == "mention")
    return list(dict.fromkeys(token.meta["names"] for token in inside))


def is_tangled(text: str) -> bool:
    """Whether `text` is displayed as it was written, because parsing it would take too long."""
    if len(text) <= LINES_MAX:
        return _NESTED.search(text) is not None
    return (
        text.count("\n") >= LINES_MAX
        or sum(1 for _ in _MARKS.finditer(text)) > MARKS_MAX
        or _NESTED.search(text) is not None
    )


def _read(
    text: str, mentions: Collection[str] | None, emoji: Callable[[str], str | None], own: Collection[str]
) -> Node:
    text = text.rstrip(SPACES)
    if is_tangled(text):
        return Node("", [Node("p", [text])])
    named = None if mentions is None else frozenset(name.lower() for name in mentions)
    root = Node("")
    _build(_reader.parse(text, {"named": named, "emoji": emoji, "own": own}), root)
    return root


_KINDS = {
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "blockquote": "quote",
    "paragraph": "p",
    "s": "del",
}
_PASSED = {"thead", "tbody"}


def _build(tokens: list[Token], root: Node) -> None:
    stack = [root]
    for token in tokens:
        top = stack[-1]
        if token.type == "inline":
            _build(token.children or [], top)
        elif token.nesting == 1:
            name = token.type.removesuffix("_open")
            if token.hidden or name in _PASSED:
                continue
            stack.append(_opened(_KINDS.get(name, name), token))
        elif token.nesting == -1:
            if token.hidden or token.type.removesuffix("_close") in _PASSED:
                continue
            _close(stack.pop(), stack[-1], token)
        else:
            _leaf(token, top)


def _opened(kind: str, token: Token) -> Node:
    if kind == "link":
        return Node(kind, value=str(token.attrs["href"]))
    if kind == "li":
        return Node(kind, value=token.info)
    if kind == "ol":
        return Node(kind, value=token.markup)
    if kind == "heading":
        return Node(kind, value=token.tag[1:])
    if kind in ("th", "td"):
        return Node(kind, value=str(token.attrs.get("style", "")).removeprefix("text-align:"))
    return Node(kind)


def _close(node: Node, parent: Node, token: Token) -> None:
    if node.kind in ("strong", "em", "del") and not is_seen(plain(node.children)):
        # Marks around nothing visible are text.
        for part in (token.markup, *node.children, token.markup):
            _add(parent, part)
        return
    if node.kind == "link":
        node.text, node.children = shown_words(plain(node.children), node.value), []
    if node.kind == "li":
        first = node.children[0] if node.children else ""
        holder = first if isinstance(first, Node) and first.kind == "p" else node
        if holder.children and isinstance(holder.children[0], str):
            task = _TASK.match(holder.children[0])
            rest = holder.children[0][task.end() :] if task else ""
            if task and (rest or len(holder.children) > 1):
                holder.children[0] = ("☐ " if task[1] == " " else "☑ ") + rest
    parent.children.append(node)


def _leaf(token: Token, parent: Node) -> None:
    if token.type == "text":
        _add(parent, token.content)
    elif token.type == "softbreak":
        parent.children.append(Node("br"))
    elif token.type == "code_inline":
        parent.children.append(Node("code", text=token.content))
    elif token.type == "fence":
        info = token.info.strip(SPACES)
        known = LANGUAGE.fullmatch(info) is not None
        text = token.content.removesuffix("\n")
        parent.children.append(
            Node("pre", text=text if known else f"{info}\n{text}".rstrip("\n"), value=info if known else "")
        )
    elif token.type == "address":
        parent.children.append(Node("link", text=token.content, value=str(token.attrs["href"])))
    elif token.type == "image":
        href = str(token.attrs["src"])
        words = plain(_words(token))
        parent.children.append(Node("link", text=shown_words(words, href) if is_seen(words) else href, value=href))
    elif token.type == "own_emoji":
        parent.children.append(Node("emoji", text=token.content))
    elif token.type in ("mention", "room"):
        parent.children.append(Node(token.type, text=token.content))


def _words(token: Token) -> Tree:
    inside = Node("")
    _build(token.children or [], inside)
    return inside.children


def _add(parent: Node, part: Node | str) -> None:
    if isinstance(part, str) and parent.children and isinstance(parent.children[-1], str):
        parent.children[-1] += part
    elif part:
        parent.children.append(part)


def plain(nodes: Tree) -> str:
    """Return the text of a tree without its marks, with line breaks."""
    return "".join(node if isinstance(node, str) else _plain(node) for node in nodes)


def _plain(node: Node) -> str:
    if node.kind == "br":
        return "\n"
    if node.kind == "mention":
        return f"@{node.text}"
    if node.kind == "room":
        return f"#{node.text}"
    if node.kind == "emoji":
        return f":{node.text}:"
    return node.text or plain(node.children)
