"""Zulip's Markdown as ours."""

import re
from collections.abc import Callable

from chat.importing.words import Shelf, clean, code, emote, fence, outside_code, quoted, with_emoji

_FENCE = re.compile(r"(?ms)(^|(?<=[^`\n]))(`{3,}|~{3,})[ ]*(quote|spoiler|math)\b[ ]*([^\n`]*)\n(.*?)^\2(?!`)[ \t]*")
_MATH = re.compile(r"\$\$([^$\n]+)\$\$")
_PERSON = re.compile(r"@_?\*\*([^*|\n]*)(?:\|(\d+))?\*\*")
_GROUP = re.compile(r"@_?\*([^*\n]+)\*(?!\*)")
_CHANNEL = re.compile(r"#\*\*([^*>\n]+)(?:>[^*\n]*)?\*\*")
_TIME = re.compile(r"<time:([^<>\n]+)>")
_DEPTH_MAX = 10
WILDCARDS = {"all", "everyone", "channel", "stream", "topic"}


def markdown(content: object, person: Callable[[str, str], str]) -> str:
    """A message's `content`; `person` returns the username for a full name and an id, which may be empty."""
    text = clean(content).strip("\n")
    action = text.startswith("/me ")
    found = _changed(text[4:] if action else text, person, 0)
    return emote(found) if action else found


def _changed(text: str, person: Callable[[str, str], str], depth: int) -> str:
    shelf = Shelf()
    if "```" in text or "~~~" in text:
        text = _FENCE.sub(lambda found: shelf.put(_fence(found, person, depth)), text)
    return shelf.filled(outside_code(text, lambda part: _inline(part, person)))


def _fence(found: re.Match[str], person: Callable[[str, str], str], depth: int) -> str:
    kind, title, body = found[3], found[4].strip(), found[5].rstrip("\n")
    start = "" if found.start(2) == 0 or found.string[found.start(2) - 1] == "\n" else "\n"
    end = "" if found.string[found.end() : found.end() + 1] in {"", "\n"} else "\n"
    if kind == "math":
        return start + fence(body) + end
    inner = _changed(body, person, depth + 1) if depth < _DEPTH_MAX else body
    if kind == "spoiler":
        return start + (f"{title}\n{inner}" if title else inner) + end
    # A line after a quote would continue it.
    return f"{start}{quoted(inner)}{end}" + ("\n" if found.end() < len(found.string) else "")


def _mention(found: re.Match[str], person: Callable[[str, str], str]) -> str:
    name, source = found[1], found[2] or ""
    if not name and not source:
        return found[0]
    return "@" + (name if name in WILDCARDS else person(name, source))


def _inline(text: str, person: Callable[[str, str], str]) -> str:
    shelf = Shelf()
    if "$$" in text:
        text = _MATH.sub(lambda found: shelf.put(code(found[1])), text)
    text = _PERSON.sub(lambda found: _mention(found, person), text)
    text = _GROUP.sub(r"@\1", text)
    text = _CHANNEL.sub(r"#\1", text)
    text = _TIME.sub(r"\1", text)
    return shelf.filled(with_emoji(text))
