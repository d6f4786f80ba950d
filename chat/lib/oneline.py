"""One line of text that a person types and others read: names, titles, topics, notes, reasons.

It is displayed as it is and must not affect the text around it. So control characters, line breaks, bidirectional
overrides (CVE-2021-42574) and invisible characters are refused; every script is allowed, with the joiners that Indic
and Persian words and emoji need.
"""

import re
import unicodedata

from chat.lib.normal_forms import normalized

# Blank characters that Unicode classifies as letters, symbols and marks.
_FILLERS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc]")
# Visible format characters: signs before the digits of a number, a year or a verse.
_DRAWN_FORMATS = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_MONGOLIAN_FORMS = re.compile("[\u180b-\u180f]")
_JOINERS = "\u200c\u200d"
# The flags of England, Scotland and Wales: a black flag, the letters of the region, the end tag.
_FLAG_WITH_TAGS = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
# Scripts whose words need U+200C and U+200D, by the first word of their letters' names.
_JOINING = (
    "ARABIC", "SYRIAC", "MONGOLIAN", "NKO", "MANDAIC", "ADLAM", "PHAGS-PA", "HANIFI", "DEVANAGARI", "BENGALI",
    "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "MYANMAR", "KHMER",
    "TIBETAN", "TIRHUTA", "CHAKMA", "GRANTHA", "KAITHI", "SHARADA", "BALINESE", "JAVANESE",
)  # fmt: skip
# More marks on one letter would cover the lines above and below. Vietnamese and Hebrew need two or three.
_MARKS_IN_A_ROW = 4
# No line that people type is longer. Forms also check text that is too long for its field.
_LINE_MAX = 10_000


def tidy(text: str) -> str:
    """Return the normal form in which a line is stored: NFC, without surrounding blanks."""
    return normalized("NFC", text).strip()


def isolated(text: str) -> str:
    """Return the line for use inside a sentence: isolates keep right-to-left text in its place (UAX #9, 2.4)."""
    turned = any(unicodedata.bidirectional(char) in {"R", "AL", "AN"} for char in text)
    return f"\u2068{text}\u2069" if turned else text


def is_one_line(text: str) -> bool:
    """Whether the text can be displayed as one line; an empty text can. See `is_visible`."""
    if len(text) > _LINE_MAX:
        return False
    text = _FLAG_WITH_TAGS.sub("\U0001f3f4", text)
    marks = 0
    for at, char in enumerate(text):
        before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > _MARKS_IN_A_ROW or _FILLERS.match(char) or (category[0] == "M" and not at):
            # A mark at the start would combine with the text before the line.
            return False
        if char in _JOINERS:
            if not _joins(text[:at], char, after):
                return False
        elif _SELECTORS.match(char):
            if not _has_variants(before):
                return False
        elif _MONGOLIAN_FORMS.match(char):
            if not _script_of(before).startswith("MONGOLIAN"):
                return False
        elif category in {"Cc", "Cs", "Co", "Zl", "Zp"} or (category == "Cf" and not _DRAWN_FORMATS.match(char)):
            return False
        elif category == "Cn" and not 0x1F000 <= ord(char) <= 0x1FBFF:
            # Unassigned in the Unicode version of this Python; among the emoji a newer version may assign it.
            return False
    return True


def repaired(text: str) -> str:
    """Return the form to display of a text that was stored before these rules; empty if nothing of it is visible."""
    text = tidy(text)
    if not is_one_line(text):
        kept = (" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in text)
        text = tidy("".join(char for char in kept if is_one_line(char)))
    return text if is_visible(text) else ""


def is_visible(text: str) -> bool:
    """Whether the text has a visible character."""
    return any(unicodedata.category(char)[0] not in "ZCM" and not _FILLERS.match(char) for char in text)


def _joins(before: str, joiner: str, after: str) -> bool:
    """Whether the joiner is inside a word of a script that needs it, or inside an emoji."""
    if not before or not after:
        return False
    base = next((char for char in reversed(before) if unicodedata.category(char)[0] != "M"), "")
    if joiner == "\u200d" and _is_emoji(base) and _is_emoji(after):
        return True
    return all(_script_of(char).startswith(_JOINING) for char in (base, before[-1], after))


def _has_variants(char: str) -> bool:
    """Whether a variation selector has an effect on this character; after any other it is invisible."""
    if not char:
        return False
    return _is_emoji(char) or char in "0123456789#*‼⁉" or _script_of(char).startswith(("CJK ", "MYANMAR ", "PHAGS-PA "))


def _is_emoji(char: str) -> bool:
    # Sm: some arrows. Sk: skin tones. Cn: newer than this Python.
    return not char.isascii() and unicodedata.category(char) in {"So", "Sm", "Sk", "Cn"}


def _script_of(char: str) -> str:
    return unicodedata.name(char, "") if char else ""
