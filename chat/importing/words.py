"""Converts text of other chats to the Markdown of messages: helpers for several formats."""

import hashlib
import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any

from anyascii import anyascii

from chat.formatting.emoji import emoji_named, in_tone

_SHORTCODE = re.compile(r":([a-zA-Z0-9_+'-]+?)(?:::skin-tone-([2-6](?:-[2-6])?))?:(?:(:)skin-tone-([2-6]):)?")
# The names of the five skin tones: in Slack and Mattermost, and in Rocket.Chat.
_TONES = {
    f"{mark}{first + n}": chr(0x1F3FB + n) for mark, first in (("::skin-tone-", 2), ("_tone", 1)) for n in range(5)
}
_TONE = re.compile(r"(?:::skin-tone-[\d-]+|_tone[1-5])$")
# Characters that could act as Markdown in plain text.
_PAIRED = re.compile(r"([*`]|~~|(?<![^\W_])_|_(?![^\W_]))")
_LINE_MARK = re.compile(r"^(\s*)(#{1,6} |[-+*] |>)", re.MULTILINE)
_BOLD = re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])")
_ITALIC = re.compile(r"(?<![\w_\\])_(?=[^\s_])([^_\n]*[^\s_])_(?![\w_])")
_STRUCK = re.compile(r"(?<![\w~\\])~(?=[^\s~])([^~\n]*[^\s~])~(?![\w~])")
_TICKS = re.compile("`+")
_ALL_ITALIC = re.compile(r"[*_](?![*_])[^*_]+[*_]\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Stored texts are shorter: this bounds the work on a text made to take long.
LONGEST = 1_000_000
_LINES = re.compile("([\n\x01]+)")
_MENTION = re.compile(r"(?<![\w@/.])@([\w.-]*\w)")


def clean(text: object) -> str:
    """Text that a database stores: without NUL and without halves of surrogate pairs, lines end with `\\n`."""
    if not isinstance(text, str):
        return ""
    if len(text) > LONGEST:
        text = text[:LONGEST]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii() and _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\x00", "")


def one_line(text: object, most: int = 500) -> str:
    """Text for a title or a topic."""
    return " ".join(clean(text).split())[:most]


def escaped(text: str) -> str:
    """Plain text with a backslash before characters that would act as Markdown."""
    if text.count("*") + text.count("`") + text.count("_") + text.count("~~") > 1:
        text = _PAIRED.sub(r"\\\1", text)
    return text


def escaped_lines(text: str) -> str:
    """`escaped`, and no line begins a list, a heading or a quote."""
    return _LINE_MARK.sub(r"\1\\\2", escaped(text))


def styled(text: str, mark: str) -> str:
    """The text between marks, line by line because marks end with a line; spaces at the ends stay outside."""
    if "\n" in text or "\x01" in text:
        return "".join(styled(one, mark) if one.strip() else one for one in _LINES.split(text))
    inner = text.strip()
    if not inner:
        return text
    start = text.index(inner[0])
    return f"{text[:start]}{mark}{inner}{mark}{text[start + len(inner) :]}"


def emote(text: str) -> str:
    """An action, as from `/me waves`, in italics. Text that is already italic stays: with more marks it would be
    bold."""
    return text if not text or _ALL_ITALIC.match(text) else f"*{text}*"


def code(text: str) -> str:
    """An inline code span, with more backticks than the text has in a row."""
    if not text:
        return ""
    ticks = "`" * (1 + max((len(run) for run in _TICKS.findall(text)), default=0))
    pad = " " if "`" in (text[0], text[-1]) else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fence(text: str, language: str = "") -> str:
    """A block of code."""
    ticks = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(text)), default=0))
    language = language if re.fullmatch(r"[\w+#-]*", language) else ""
    inner = text.strip("\n")
    return f"{ticks}{language}\n{inner}\n{ticks}"


def quoted(text: str) -> str:
    """Every line after `> `."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def link(words: str, address: str) -> str:
    """`[words](address)`; an address that is its own label stays as it is."""
    words = words.strip()
    if not address:
        return words
    if not words or words == address or f"mailto:{words}" == address or f"tel:{words}" == address:
        return words if words and words != address else address
    words = words.replace("[", r"\[").replace("]", r"\]") if "[" in words or "]" in words else words
    address = address.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
    return f"[{words}]({address})"


def emoji(name: str, default: str | None = None, whose: str = "iamcal") -> str:
    """The character of a name such as `+1`, `+1::skin-tone-3` or `+1_tone2`; a custom one stays `:name:`.

    `whose`: the names' source, see `emoji_named`.
    """
    name = name.strip(":")
    tone = _TONE.search(name)
    base = name[: tone.start()] if tone else name
    sign = emoji_named(base, whose) or emoji_named(base.lower(), whose)
    if not sign:
        return f":{name.partition('::')[0]}:" if default is None else default
    # Emoji of two people in two tones are not in the table: they get no tone.
    return in_tone(sign, _TONES[tone[0]]) if tone and tone[0] in _TONES else sign


def with_emoji(text: str, whose: str = "iamcal") -> str:
    """The text with emoji names between colons as characters; unknown names stay."""
    if text.count(":") < 2:
        return text

    def one(found: re.Match[str]) -> str:
        tone = found[2] or found[4]
        return emoji(f"{found[1]}::skin-tone-{tone}" if tone else found[1], found[0], whose)

    return _SHORTCODE.sub(one, text)


def sign_of_codes(codes: str) -> str:
    """The character of code points in hexadecimal joined by `-`, or ""."""
    try:
        return clean("".join(chr(int(one, 16)) for one in codes.split("-")))
    except (ValueError, OverflowError):
        return ""


class Shelf:
    """Finished parts of a text, set aside while the rest is changed.

    A placeholder is `\\x00<shelf>.<number>\\x00`; `clean` removes NUL from people's texts.
    """

    _PLACE = re.compile("\x00(\\d+)\\.(\\d+)\x00")
    _numbers = itertools.count()

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._number = str(next(self._numbers))

    def put(self, part: str) -> str:
        """Set a part aside; returns its placeholder."""
        self._parts.append(part)
        return f"\x00{self._number}.{len(self._parts) - 1}\x00"

    def filled(self, text: str) -> str:
        """The text with all parts in place of their placeholders."""
        before = ""
        while self._parts and "\x00" in text and text != before:
            before, text = text, self._PLACE.sub(self._part, text)
        return text

    def _part(self, found: re.Match[str]) -> str:
        return self._parts[int(found[2])] if found[1] == self._number else found[0]


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text, already in our Markdown, with `change` applied outside code."""
    if "`" not in text:
        return change(text)
    shelf = Shelf()
    kept = re.sub(
        r"(?ms)^(`{3,}).*?(?:^\1`*[ \t]*$|\Z)|(`+)(?!`).+?(?<!`)\2(?!`)", lambda found: shelf.put(found[0]), text
    )
    return shelf.filled(change(kept))


def mentioned(text: str, called: Callable[[str], str]) -> str:
    """The text with each name after `@` replaced by `called`: people may have another name here."""
    return _MENTION.sub(lambda found: f"@{called(found[1])}", text) if "@" in text else text


def joined(parts: Sequence[str], between: str = "\n") -> str:
    """The parts that are not empty, in lines."""
    return between.join(part for part in parts if part)


def card(
    *,
    above: str = "",
    title: str = "",
    address: str = "",
    text: str = "",
    fields: Sequence[tuple[str, str]] = (),
    image: str = "",
    instead: str = "",
) -> str:
    """The text of a card that a program posted, in lines; `instead` when it has none."""
    rows = [joined([styled(name, "**"), value], ": ") for name, value in fields]
    return joined([above, link(title, address), text, *rows, link("", image)]) or instead


def objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list, which may be missing, null or something else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def mapping(value: object) -> dict[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def whole(value: object) -> int | None:
    """A number of bytes, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def derived_id(*parts: object) -> str:
    """An id for a message whose format has none, derived from its content."""
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode("utf-8", "replace"), digest_size=12).hexdigest()


def marked(source: str) -> str:
    """`*bold*`, `_italic_` and `~struck~`, as Slack, WhatsApp and Rocket.Chat write them, in our Markdown."""
    text = source.replace("\x01", "").replace("\x02", "")
    # Looking for the character takes a hundredth of the time of its pattern, which is tried at every position.
    if "*" in text:
        # `*` is bold there and italic here, so bold words are marked with characters that no text has.
        text = _BOLD.sub("\x01\\1\x02", text)
    if "_" in text:
        text = _ITALIC.sub(r"*\1*", text)
    if "~" in text:
        text = _STRUCK.sub(r"~~\1~~", text)
    return text.replace("\x01", "**").replace("\x02", "**")


def room_names(text: str, sign: str) -> str:
    """The text with names of rooms after `#`, which follow the character `sign` in the export."""
    return re.sub(
        rf"(?<![\w{re.escape(sign)}/]){re.escape(sign)}([a-z0-9][a-z0-9._-]*[a-z0-9]|[a-z0-9])(?![\w~])", r"#\1", text
    )


def username(title: str) -> str:
    """A username for a person whom the export knows only by title: `Ada Löw` becomes `ada-low`."""
    return re.sub(r"[^a-z0-9_.]+", "-", anyascii(title).lower()).strip("-.")[:32].strip("-.")
