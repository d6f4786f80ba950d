"""Character classes: word characters, scripts without spaces, and everything in between.

The class of a code point is computed when it first occurs: tables of all of Unicode take 0.4 s to build.
"""

import unicodedata

Ranges = tuple[tuple[int, int], ...]

# Scripts without spaces between words, and Hangul, whose words carry particles. Any part of such text can be searched.
_UNSPACED: Ranges = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1100, 0x11FF),  # Hangul, in parts
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19FF),  # Tai Le, New Tai Lue, Khmer symbols
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x1B00, 0x1B7F),  # Balinese
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3021, 0x303C),
    (0x3040, 0x31FF),  # kana, bopomofo
    (0x3400, 0x4DBF),
    (0x4E00, 0xA4CF),  # ideographs, Yi
    (0xA960, 0xA97F),
    (0xA980, 0xA9FF),  # Javanese, Burmese
    (0xAA60, 0xAA7F),
    (0xAC00, 0xD7FF),  # Hangul
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)
# Blocks with emoji; some, such as arrows, are not symbols by their Unicode category.
_PICTURES: Ranges = (
    (0x2190, 0x21FF),
    (0x2300, 0x23FF),
    (0x25A0, 0x27BF),
    (0x2900, 0x297F),
    (0x2B00, 0x2BFF),
    (0x1F000, 0x1FAFF),
)
# Marks of Latin, Greek, Cyrillic, Hebrew and Arabic letters, which people omit when they search. In other scripts a
# mark is a vowel. And skin tones: 👍 finds 👍🏽.
_LEFT_OUT: Ranges = (
    (0x0300, 0x036F),
    (0x0483, 0x0489),
    (0x0591, 0x05BD),
    (0x05BF, 0x05BF),
    (0x05C1, 0x05C2),
    (0x05C4, 0x05C5),
    (0x05C7, 0x05C7),
    (0x0610, 0x061A),
    (0x0640, 0x0640),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06DC),
    (0x06DF, 0x06E4),
    (0x06E7, 0x06E8),
    (0x06EA, 0x06ED),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
    (0x1F3FB, 0x1F3FF),
    (0xE0000, 0xE0FFF),
)
# Later parts of one character that are not marks: later parts of Hangul syllables, the half-width marks of kana.
_LATER_PARTS: Ranges = ((0x1160, 0x11FF), (0xFF9E, 0xFF9F))
_ZERO_WIDTH_SPACE = 0x200B
# Part of the index version: another Unicode version has other letters.
UNICODE = unicodedata.unidata_version

WORD, DENSE, BETWEEN = "w", "d", " "
ALONE, FOLLOWER = ".", "f"


def _among(code: int, ranges: Ranges) -> bool:
    return any(first <= code <= last for first, last in ranges)


class _Kinds(dict[int, str]):
    """For `str.translate`: maps each character to its kind. Letters, digits and vowel marks are WORD; characters of
    scripts without spaces, symbols, and characters newer than this Python's Unicode are DENSE."""

    def __missing__(self, code: int) -> str:
        category = unicodedata.category(chr(code))
        if category in {"So", "Cn", "Co"} or _among(code, _PICTURES):
            kind = DENSE
        elif category[0] in "LMN":
            kind = DENSE if _among(code, _UNSPACED) else WORD
        else:
            kind = BETWEEN
        self[code] = kind
        return kind


class _Kept(dict[int, int | None]):
    """For `str.translate`: removes the characters that comparisons ignore."""

    def __missing__(self, code: int) -> int | None:
        hidden = unicodedata.category(chr(code)) == "Cf" and code != _ZERO_WIDTH_SPACE
        kept = None if hidden or _among(code, _LEFT_OUT) else code
        self[code] = kept
        return kept


class _Followers(dict[int, str]):
    """For `str.translate`: FOLLOWER for a character that is normalised together with its predecessor."""

    def __missing__(self, code: int) -> str:
        mark = unicodedata.category(chr(code))[0] == "M" or _among(code, _LATER_PARTS)
        kind = self[code] = FOLLOWER if mark else ALONE
        return kind


_KINDS, _KEPT, _FOLLOWERS = _Kinds(), _Kept(), _Followers()


def kinds(folded: str) -> str:
    """Return the kind of each character, as a string of the same length."""
    return folded.translate(_KINDS)


def kept(text: str) -> str:
    """Return the text without marks of letters, formatting characters and skin tones."""
    return text.translate(_KEPT)


def followers(text: str) -> str:
    """Return ALONE or FOLLOWER for each character, as a string of the same length."""
    return text.translate(_FOLLOWERS)
