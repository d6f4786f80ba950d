"""Names that look alike: by the skeleton of Unicode Technical Standard 39, and more coarsely.

No library on PyPI fits: confusable-homoglyphs has no skeleton, confusable is an alpha, PyICU needs ICU's C++. So the
table is Unicode's own data, and the rule is in this file.
"""

import functools
import re
import unicodedata
from pathlib import Path

from chat.lib.normal_forms import normalized

LOOKS_MAX = 255
_LATIN = re.compile("LATIN (?:SMALL LETTER|CAPITAL LETTER|LETTER SMALL CAPITAL) ([A-Z])(?: WITH .*)?")


def looks(name: str) -> str:
    """The look of a name; names that look alike have the same.

    Compatibility forms, case, confusable characters, accents, spaces, punctuation and symbols are ignored, and "i" is
    "l", because a capital I is. Coarse on purpose: the only effect of a match is that usernames are shown.
    """
    # Forms ask for the look of a name also when it is too long: of 2 MB it took seconds, and was kept.
    return _look(name[:LOOKS_MAX])


@functools.lru_cache(4096)
def _look(name: str) -> str:
    # Before and after folding the case: capital eta looks like H, small eta like n.
    look = normalized("NFKD", name)
    for _ in range(2):
        look = normalized("NFKD", look.translate(_prototypes()).casefold())
    seen = "".join(_latin(char) for char in look if unicodedata.category(char)[0] in "LN" or _is_vowel_sign(char))
    # A name of emoji alone would be empty.
    return (seen.replace("i", "l").replace("vv", "w") or look)[:LOOKS_MAX]


def _is_vowel_sign(char: str) -> bool:
    """Marks that change the word, such as Indic vowels, not the accents of Latin, Greek and Cyrillic."""
    return unicodedata.category(char)[0] == "M" and not "\u0300" <= char <= "\u036f"


def _latin(char: str) -> str:
    """The base letter of small capitals and of letters with strokes, which the table leaves out: "ᴀ", "ø"."""
    plain = None if char.isascii() else _LATIN.fullmatch(unicodedata.name(char, ""))
    return plain[1].lower() if plain else char


@functools.cache
def _prototypes() -> dict[int, str]:
    """The prototype of each confusable character; `bin/confusables` writes the file."""
    lines = Path(__file__).with_name("confusables.txt").read_text(encoding="utf-8").split("\n")
    pairs = (line.split("\t") for line in lines if line and not line.startswith("# "))
    return {ord(char): prototype for prototype, chars in pairs for char in chars}
