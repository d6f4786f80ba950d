"""The tokens that the index holds for a text, and those that it is asked for.

`docs/search.md` has the table. A run of word characters is one token, found by its beginning. A run of characters
without spaces gives its pairs and its last character: a part of two and more characters is found by its pairs, and a
single character as the beginning of a pair. Runs that follow each other give a token of both, by which a phrase is
found.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

from chat.search.characters import UNICODE, WORD, kinds
from chat.search.folding import fold

# Changes with the tokens: an index of another version is filled again.
VERSION = f"4/{UNICODE}"
# Characters of a token; a longer word is found by its beginning, and compared as a whole afterwards.
TOKEN_CHARS = 64
# The tokens of two runs, by the rest of a checksum: of the texts that have both apart, one in a hundred has this token
# too.
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_COUPLES = [f"~{first}{second}" for first in _DIGITS for second in _DIGITS]

_RUN = re.compile("w+|d+")
_ASCII_RUN = re.compile("[a-z0-9]+")
# What pages show as a link (`chat/formatting/addresses.py`), or nearly: also in code.
_LINK = re.compile(r"https?://|(?<![\w@/+.\-])www\.\w[\w\-]*\.\w", re.IGNORECASE)


class Run(NamedTuple):
    """A run of characters of one kind; `end` is its end in the folded text."""

    text: str
    is_word: bool
    end: int


@dataclass(frozen=True, slots=True)
class Term:
    """A token to look up. `prefix`: also all tokens that begin with it."""

    token: str
    prefix: bool = False


def runs(folded: str) -> Iterator[Run]:
    """The runs of a folded text; what is between them is in no token."""
    for run in _RUN.finditer(kinds(folded)):
        yield Run(folded[slice(*run.span())], run[0][0] == WORD, run.end())


def text_tokens(text: str) -> set[str]:
    """The tokens of a message's text. None has ASCII punctuation in it, but "~" those of two words."""
    folded = fold(text)
    if folded.isascii():
        words = _ASCII_RUN.findall(folded)
        return {word[:TOKEN_CHARS] for word in words} | set(map(_couple, words, words[1:]))
    found: set[str] = set()
    all_runs = list(runs(folded))
    for run in all_runs:
        if run.is_word:
            found.add(run.text[:TOKEN_CHARS])
        else:
            found.update(_pairs(run.text))
            found.add(run.text[-1])
    return found.union(_couples(all_runs))


def terms(folded: str, *, whole: bool) -> Iterator[Term]:
    """The terms that every text with `folded` in it has. `whole`: its last word ends there, else it may go on."""
    for run in runs(folded):
        token = run.text
        if not run.is_word:
            yield from map(Term, _pairs(token)) if len(token) > 1 else [Term(token, prefix=True)]
        elif run.end == len(folded) and not whole and len(token) < TOKEN_CHARS:
            yield Term(token, prefix=True)
        else:
            yield Term(token[:TOKEN_CHARS])


def couple_terms(folded: str, *, whole: bool) -> Iterator[Term]:
    """The terms of those runs of a phrase that follow each other. `whole`: as for `terms`."""
    ended = [run for run in runs(folded) if whole or run.end < len(folded) or not run.is_word]
    return map(Term, _couples(ended))


def _couples(some: Sequence[Run]) -> Iterator[str]:
    """The tokens of runs that follow each other. Of a run without spaces any part may be looked for: the character
    beside the other run counts, and two of them are a pair, as they are where no space divides them."""
    for one, after in pairwise(some):
        end = one.text if one.is_word else one.text[-1]
        begin = after.text if after.is_word else after.text[0]
        yield _couple(end, begin) if one.is_word or after.is_word else end + begin


def _couple(word: str, after: str) -> str:
    return _COUPLES[crc32(f"{word} {after}".encode(errors="replace")) % len(_COUPLES)]


def _pairs(run: str) -> Iterator[str]:
    return (run[at : at + 2] for at in range(len(run) - 1))


# --- Facts about a message, as tokens: "!" is in no token of a text ---------------------------------


def room_token(room_id: int) -> str:
    """The token of all messages of a room."""
    return f"!r{room_id}"


def author_token(author_id: int) -> str:
    """The token of all messages of an author."""
    return f"!a{author_id}"


def said_token(room_id: int, author_id: int) -> str:
    """The token of all messages of an author in a room: few, where those of either are many."""
    return room_token(room_id) + author_token(author_id)


# By the value of the filter `has:`.
HAS = {"link": "!hl", "reaction": "!hr", "code": "!hc", "file": "!hf", "image": "!hi", "pin": "!hp"}

# Of a reply in a thread, or its root: the filter `is:thread`.
IN_THREAD = "!it"


def fact_tokens(*, room_id: int, author_id: int, text: str, has: Iterable[str] = ()) -> set[str]:
    """The tokens of a message's facts; `has`: those that its text does not show."""
    found = {room_token(room_id), author_token(author_id), said_token(room_id, author_id)}
    found.update(HAS[one] for one in has)
    if _LINK.search(text):
        found.add(HAS["link"])
    if "`" in text:
        found.add(HAS["code"])
    return found
