"""Slack's text (`mrkdwn`) and blocks as Markdown."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chat.importing.words import (
    Shelf,
    card,
    clean,
    code,
    emoji,
    escaped,
    fence,
    joined,
    link,
    mapping,
    marked,
    objects,
    quoted,
    sign_of_codes,
    styled,
    with_emoji,
)

_FENCE = re.compile(r"```(.+?)```", re.DOTALL)
_CODE = re.compile(r"(?<![`\w])`([^`\n]+)`(?![`\w])")
_ANGLE = re.compile(r"<([^<>\n]+)>")
_BULLET = re.compile(r"^( *)[•◦▪‣] ?", re.MULTILINE)
_QUOTE = re.compile(r"^&gt;(?:&gt;&gt;)? ?", re.MULTILINE)
# Deeper nesting means a file made by hand.
_DEPTH_MAX = 20


@dataclass(frozen=True, slots=True)
class Names:
    """Returns the names for ids of people and rooms in a text."""

    person: Callable[[str], str]
    room: Callable[[str], str]


def mrkdwn(text: object, names: Names) -> str:
    """Slack's `text`, which is escaped once (`&lt;`), as Markdown."""
    source = clean(text)
    if not source:
        return ""
    shelf = Shelf()
    if "`" in source:
        source = _FENCE.sub(lambda found: shelf.put(_block(found)), source)
        source = _CODE.sub(lambda found: shelf.put(code(html.unescape(_ANGLE.sub(_plain_angle, found[1])))), source)
    if "<" in source:
        source = _ANGLE.sub(lambda found: shelf.put(_angle(found[1], names)), source)
    source = with_emoji(marked(source))
    if not source.isascii():
        source = _BULLET.sub(r"\1- ", source)
    if "&" in source:
        source = html.unescape(_QUOTE.sub("> ", source))
    return shelf.filled(source).strip("\n")


def _block(found: re.Match[str]) -> str:
    start = "" if found.start() == 0 or found.string[found.start() - 1] == "\n" else "\n"
    end = "" if found.end() == len(found.string) or found.string[found.end()] == "\n" else "\n"
    return start + fence(html.unescape(_ANGLE.sub(_plain_angle, found[1]))) + end


def _plain_angle(found: re.Match[str]) -> str:
    """A link inside code: its label, or its URL."""
    address, _, words = found[1].partition("|")
    return words or address


def _angle(inner: str, names: Names) -> str:
    target, bar, words = inner.partition("|")
    words = html.unescape(words)
    if target.startswith("@"):
        known = names.person(target[1:])
        # For people in no list, old exports put the name beside the id.
        return f"@{words if words and known == target[1:] else known}"
    if target.startswith("#"):
        return f"#{words or names.room(target[1:])}"
    if target.startswith("!"):
        return _command(target[1:], words)
    return link(with_emoji(words) if bar else "", html.unescape(target))


def _command(target: str, words: str) -> str:
    name, _, rest = target.partition("^")
    if name in {"here", "channel", "everyone"}:
        return f"@{name}"
    if name == "date":
        return words or rest.partition("^")[0]
    if name == "subteam":
        return f"@{words.lstrip('@')}" if words else f"@{rest}"
    return words or f"@{name}"


def blocks_text(blocks: object, names: Names) -> str:
    """The text of a message's blocks of any kind."""
    return joined([_words(block, names) for block in objects(blocks)])


def rich_text(blocks: object, names: Names) -> str:
    """The text of `rich_text` blocks only: they contain more than `text`, other blocks less."""
    found = [block for block in objects(blocks) if block.get("type") == "rich_text"]
    return joined([_words(block, names) for block in found])


def _words(block: dict[str, Any], names: Names, depth: int = 0) -> str:
    kind = block.get("type")
    if depth > _DEPTH_MAX or kind == "divider":
        return ""
    if kind == "rich_text":
        return joined([_rich(part, names) for part in objects(block.get("elements"))])
    if kind == "header":
        return styled(_text(block.get("text"), names), "**")
    if kind == "section":
        parts = [_text(block.get("text"), names), *(_text(one, names) for one in objects(block.get("fields")))]
        return joined(parts)
    if kind == "context":
        return joined([_text(one, names) or _image(one) for one in objects(block.get("elements"))], " ")
    if kind == "image":
        return _image(block)
    if kind == "video":
        return link(_text(block.get("title"), names), clean(block.get("title_url") or block.get("video_url")))
    if kind == "table":
        return joined([_row(row, names, depth) for row in block.get("rows") or [] if isinstance(row, list)])
    if kind == "actions":
        return ""
    return _text(block.get("text"), names) or joined(
        [_words(one, names, depth + 1) for one in objects(block.get("elements"))]
    )


def _row(row: list[Any], names: Names, depth: int) -> str:
    cells = [
        _words(cell, names, depth + 1) if cell.get("type") == "rich_text" else _text(cell, names)
        for cell in objects(row)
    ]
    return " | ".join(cell.replace("\n", " ") for cell in cells)


def _text(value: object, names: Names) -> str:
    if isinstance(value, str):
        return mrkdwn(value, names)
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        return ""
    if value.get("type") in {"plain_text", "raw_text"}:
        return with_emoji(escaped(html.unescape(clean(value["text"]))))
    return mrkdwn(value["text"], names)


def _image(value: dict[str, Any]) -> str:
    title = value.get("title")
    words = title.get("text") if isinstance(title, dict) else title
    return link(clean(words or value.get("alt_text") or ""), clean(value.get("image_url")))


def _rich(part: dict[str, Any], names: Names) -> str:
    kind, elements = part.get("type"), objects(part.get("elements"))
    if kind == "rich_text_list":
        indent = "    " * _small(part.get("indent"))
        start = _small(part.get("offset")) + 1
        ordered = part.get("style") == "ordered"
        rows = [
            f"{indent}{f'{number}.' if ordered else '-'} {_inline(objects(one.get('elements')), names)}"
            for number, one in enumerate(elements, start=start)
        ]
        return "\n".join(rows)
    if kind == "rich_text_preformatted":
        return fence("".join(clean(one.get("text") or one.get("url")) for one in elements))
    text = _inline(elements, names).strip("\n")
    return quoted(text) if kind == "rich_text_quote" else text


def _small(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value <= _DEPTH_MAX else 0


def _inline(elements: list[dict[str, Any]], names: Names) -> str:
    return "".join(_element(one, names) for one in elements)


def _element(one: dict[str, Any], names: Names) -> str:
    kind = one.get("type")
    style = mapping(one.get("style"))
    if kind == "text":
        text = clean(one.get("text"))
        return code(text) if style.get("code") else _styled(escaped(text), style)
    if kind == "link":
        words, address = clean(one.get("text")), clean(one.get("url"))
        return _styled(link(words, address), style)
    if kind == "emoji":
        return sign_of_codes(clean(one.get("unicode"))) or emoji(_toned(one))
    if kind == "user":
        return _styled(f"@{names.person(clean(one.get('user_id')))}", style)
    if kind == "channel":
        return f"#{names.room(clean(one.get('channel_id')))}"
    if kind == "usergroup":
        return f"@{clean(one.get('name') or one.get('usergroup_id'))}"
    if kind == "broadcast":
        return f"@{clean(one.get('range'))}"
    if kind == "date":
        return clean(one.get("fallback")) or str(one.get("timestamp", ""))
    if kind == "color":
        return clean(one.get("value"))
    return clean(one.get("text") or one.get("fallback"))


def _toned(one: dict[str, Any]) -> str:
    tone = one.get("skin_tone")
    return f"{clean(one.get('name'))}::skin-tone-{tone}" if tone else clean(one.get("name"))


def _styled(text: str, style: dict[str, Any]) -> str:
    if not style:
        return text
    for name, mark in (("strike", "~~"), ("italic", "*"), ("bold", "**")):
        if style.get(name):
            text = styled(text, mark)
    return text


def attachments_text(attachments: object, names: Names) -> str:
    """The text of a message's attachments: alerts in lines, shared messages as quotes, nothing for link previews."""
    return joined([_attachment(one, names) for one in objects(attachments)])


def _attachment(one: dict[str, Any], names: Names) -> str:
    shared = one.get("is_share") or one.get("is_msg_unfurl")
    if one.get("from_url") and not shared:
        return ""
    rich = rich_text(one.get("blocks"), names) or _message_blocks(one.get("message_blocks"), names)
    text = rich or mrkdwn(one.get("text"), names) or blocks_text(one.get("blocks"), names)
    if shared:
        return quoted(text) if text else link("", clean(one.get("from_url")))
    return card(
        above=mrkdwn(one.get("pretext"), names),
        title=mrkdwn(one.get("title"), names),
        address=clean(one.get("title_link")),
        text=text,
        fields=[
            (mrkdwn(part.get("title"), names), mrkdwn(part.get("value"), names)) for part in objects(one.get("fields"))
        ],
        image=clean(one.get("image_url")),
        instead=mrkdwn(one.get("fallback"), names),
    )


def _message_blocks(value: object, names: Names) -> str:
    parts = [one.get("message") for one in objects(value)]
    return joined([rich_text(part.get("blocks"), names) for part in parts if isinstance(part, dict)])
