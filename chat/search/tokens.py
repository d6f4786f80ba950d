"""The tokens that the index stores for a text, and the terms that a query looks up.

`docs/search.md` has the table. A run of word characters is one token, found by its prefix. A run of characters without
spaces gives its pairs and its last character: a part of two or more characters is found by its pairs, and a single
character as the prefix of a pair. Adjacent runs give a token for both, which finds phrases.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

from chat.search.characters import UNICODE, WORD, kinds
from chat.search.folding import fold

# Change it whenever the tokens change: an index of another version is rebuilt.
VERSION = f"4/{UNICODE}"
# Maximum characters of a token; a longer word is found by its prefix, and compared as a whole afterwards.
TOKEN_CHARS = 64
# The tokens for two adjacent runs, by the remainder of a checksum. Of the texts with both runs apart, one in a hundred
# has the token too.
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_COUPLES = [f"~{first}{second}" for first in _DIGITS for second in _DIGITS]

_RUN = re.compile("w+|d+")
_ASCII_RUN = re.compile("[a-z0-9]+")
# Roughly what pages show as a link (`chat/formatting/addresses.py`), but also in code.
_LINK = re.compile(r"https?://|(?<![\w@/+.\-])www\.\w[\w\-]*\.\w", re.IGNORECASE)


class Run(NamedTuple):
    """A run of characters of one kind; `end`: its end in the folded text."""

    text: str
    is_word: bool
    end: int


@dataclass(frozen=True, slots=True)
class Term:
    """A token to look up. `prefix`: also find all tokens that begin with it."""

    token: str
    prefix: bool = False


def runs(folded: str) -> Iterator[Run]:
    """Yield the runs of a folded text; the characters between them are in no token."""
    for run in _RUN.finditer(kinds(folded)):
        yield Run(folded[slice(*run.span())], run[0][0] == WORD, run.end())


def text_tokens(text: str) -> set[str]:
    """Return the tokens of a message's text. None contains ASCII punctuation, except "~" in those of two runs."""
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
    """Yield the terms that every text containing `folded` has. `whole`: the last word ends there, else it may go on."""
    for run in runs(folded):
        token = run.text
        if not run.is_word:
            yield from map(Term, _pairs(token)) if len(token) > 1 else [Term(token, prefix=True)]
        elif run.end == len(folded) and not whole and len(token) < TOKEN_CHARS:
            yield Term(token, prefix=True)
        else:
            yield Term(token[:TOKEN_CHARS])


def couple_terms(folded: str, *, whole: bool) -> Iterator[Term]:
    """Return the terms for adjacent runs of a phrase. `whole`: as for `terms`."""
    ended = [run for run in runs(folded) if whole or run.end < len(folded) or not run.is_word]
    return map(Term, _couples(ended))


def _couples(some: Sequence[Run]) -> Iterator[str]:
    """The tokens of adjacent runs. A query may contain any part of a run without spaces, so only its character next to
    the other run counts; two such characters form a pair, as they do without a space between them."""
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
    """Return the token of all messages of a room."""
    return f"!r{room_id}"


def author_token(author_id: int) -> str:
    """Return the token of all messages of an author."""
    return f"!a{author_id}"


def said_token(room_id: int, author_id: int) -> str:
    """Return the token of all messages of an author in a room: few, even if each alone has many."""
    return room_token(room_id) + author_token(author_id)


# By the value of the filter `has:`.
HAS = {"link": "!hl", "reaction": "!hr", "code": "!hc", "file": "!hf", "image": "!hi", "pin": "!hp"}

# For the filter `is:thread`: a reply in a thread, or a root.
IN_THREAD = "!it"


def fact_tokens(*, room_id: int, author_id: int, text: str, has: Iterable[str] = ()) -> set[str]:
    """Return the tokens of a message's facts; `has`: the facts that its text does not show."""
    found = {room_token(room_id), author_token(author_id), said_token(room_id, author_id)}
    found.update(HAS[one] for one in has)
    if _LINK.search(text):
        found.add(HAS["link"])
    if "`" in text:
        found.add(HAS["code"])
    return found
