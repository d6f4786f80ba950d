"""Folds a text for comparison: compatible characters, case and diacritics.

Source: Unicode Standard Annex 15 (NFKC) and section 3.13 (case folding).
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from chat.lib.normal_forms import normalized
from chat.search.characters import FOLLOWER, followers, kept

# Letters that do not decompose, and quotes and dashes that keyboards and editors replace.
_ALIKE = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ŧ": "t",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
    | dict.fromkeys("’‘ʼ‛′", "'")
    | dict.fromkeys("“”„‟«»″", '"')
    | dict.fromkeys("‐‒–—―−", "-")
)
# Characters that are normalised together. Limited, because one letter can carry thousands of marks.
_CLUSTER = re.compile(".f{0,30}")
_TOO_MANY = 31 * FOLLOWER


def fold(text: str) -> str:
    """Return the folded text, for comparison with others."""
    if text.isascii():
        return text.lower()
    if _TOO_MANY not in followers(text):
        return _form(text)
    return "".join([_folded(text[first:last]) for first, last in _clusters(text)])


def fold_with_places(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Like `fold`, plus for each character of the result the part of `text` it comes from, as (from, to)."""
    if FOLLOWER not in followers(text):
        forms = list(map(_folded, text))
        if all(len(form) == 1 for form in forms):
            return "".join(forms), [(at, at + 1) for at in range(len(forms))]
    folded: list[str] = []
    places: list[tuple[int, int]] = []
    for place in _clusters(text):
        form = _folded(text[slice(*place)])
        if not form and places:
            # A skin tone or a joiner belongs to the emoji before it.
            places[-1] = places[-1][0], place[1]
        folded.append(form)
        places += [place] * len(form)
    return "".join(folded), places


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    return (cluster.span() for cluster in _CLUSTER.finditer(followers(text)))


@lru_cache(maxsize=65_536)
def _folded(cluster: str) -> str:
    return _form(cluster)


def _form(text: str) -> str:
    plain = normalized("NFKC", text).casefold().translate(_ALIKE)
    return normalized("NFC", kept(normalized("NFD", plain)))
