"""Detects names that look alike: by the skeleton of Unicode Technical Standard 39, made coarser.

No library on PyPI fits: confusable-homoglyphs has no skeleton, confusable is an alpha, PyICU needs ICU's C++. So the
table is Unicode's own data, and the algorithm is in this file.
"""

import functools
import re
import unicodedata
from pathlib import Path

from chat.lib.normal_forms import normalized

LOOKS_MAX = 255
_LATIN = re.compile("LATIN (?:SMALL LETTER|CAPITAL LETTER|LETTER SMALL CAPITAL) ([A-Z])(?: WITH .*)?")


def looks(name: str) -> str:
    """Return the look of a name: names that look alike have the same look.

    Compatibility forms, case, confusable characters, accents, spaces, punctuation and symbols are ignored, and "i"
    becomes "l", as a capital I does. Coarse on purpose: a match only makes the interface show usernames.
    """
    # Forms also ask for the look of names that are too long: 2 MB took seconds, and stayed in the cache.
    return _look(name[:LOOKS_MAX])


@functools.lru_cache(4096)
def _look(name: str) -> str:
    # Twice, before and after case folding: capital eta looks like H, small eta like n.
    look = normalized("NFKD", name)
    for _ in range(2):
        look = normalized("NFKD", look.translate(_prototypes()).casefold())
    seen = "".join(_latin(char) for char in look if unicodedata.category(char)[0] in "LN" or _is_vowel_sign(char))
    # `or look`: a name of only emoji would be empty.
    return (seen.replace("i", "l").replace("vv", "w") or look)[:LOOKS_MAX]


def _is_vowel_sign(char: str) -> bool:
    """Whether this is a mark that changes the word, such as an Indic vowel; not a Latin, Greek or Cyrillic accent."""
    return unicodedata.category(char)[0] == "M" and not "\u0300" <= char <= "\u036f"


def _latin(char: str) -> str:
    """The base letter of small capitals and letters with strokes, which the table lacks: "ᴀ", "ø"."""
    plain = None if char.isascii() else _LATIN.fullmatch(unicodedata.name(char, ""))
    return plain[1].lower() if plain else char


@functools.cache
def _prototypes() -> dict[int, str]:
    """The prototype of each confusable character; `bin/confusables` writes the file."""
    lines = Path(__file__).with_name("confusables.txt").read_text(encoding="utf-8").split("\n")
    pairs = (line.split("\t") for line in lines if line and not line.startswith("# "))
    return {ord(char): prototype for prototype, chars in pairs for char in chars}
