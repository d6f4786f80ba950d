"""Facts about a text that need no parsing of its marks, as in chat/static/chat/js/text/excerpt.js."""

import re
import unicodedata

FOLD_LINES = 24
LINE_LETTERS = 95
FOLDED_LETTERS = (FOLD_LINES + 4) * LINE_LETTERS
EMOJI_MAX = 3
_MAY_BE_MARKED = re.compile(
    r"[*_~`\[\]<\\|]|[@#]\S|:[\w+-]{1,32}:|://|www\.|\n\s*\n|^[^\S\n\r\u2028\u2029]*(?:>|#|[-+]\s|\d{1,9}[.)])",
    re.IGNORECASE | re.MULTILINE,
)
_EMOJI = re.compile("(?:[\U0001f1e6-\U0001f1ff]{2}|.)(?:[\ufe0f\u20e3\U0001f3fb-\U0001f3ff]|\u200d.)*", re.DOTALL)
_CODE_FENCE = re.compile(r"```[\w+#.-]*")
_LINK = re.compile(r"!?\[([^\[\]]+)\]\((?:https?://|mailto:)[^\s()]*\)")
_SIGNS = re.compile(r"\*\*|__|~~|`")


def is_plain(text: str) -> bool:
    """Whether the text contains nothing that may be a mark, an address, a mention, a room or a named emoji."""
    return not _MAY_BE_MARKED.search(text)


def folded(text: str) -> str | None:
    """Return the part of a text that is shown while it is folded; None when it is short enough."""
    if len(text) <= LINE_LETTERS and "\n" not in text:
        return None
    lines = at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        lines += max(1, -(-(end - at) // LINE_LETTERS))
        if lines > FOLD_LINES:
            return text[: min(end, at + FOLDED_LETTERS)]
        at = end + 1
    return None


def is_emoji_only(text: str) -> bool:
    """Whether the text is one to three emoji and nothing else."""
    if len(text) > 80 or text.isascii():
        return False
    compact = "".join(text.split())
    if not all(unicodedata.category(sign) in {"So", "Sk", "Cn"} or sign in "\u200d\ufe0f\u20e3" for sign in compact):
        return False
    return 0 < len(_EMOJI.findall(compact)) <= EMOJI_MAX and any(ord(sign) > 0xA8 for sign in compact)


def excerpt(text: str, length: int = 140) -> str:
    """Return the text in one line without its marks."""
    line = _CODE_FENCE.sub("", text[: length * 3])
    line = " ".join(_SIGNS.sub("", _LINK.sub(r"\1", line)).split())
    return f"{line[:length]}…" if len(line) > length else line
