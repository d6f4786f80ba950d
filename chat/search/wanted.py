"""The words and phrases of a query: where they match in a text, and the terms to look up for them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from chat.search.characters import BETWEEN, WORD, kinds
from chat.search.folding import fold_with_places
from chat.search.tokens import TOKEN_CHARS, Term, couple_terms, terms

Span = tuple[int, int]


class Folded:
    """A folded text, with the kind of each of its characters."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def kinds(self) -> str:
        """The kind of each character."""
        return kinds(self.text)


@dataclass(frozen=True)
class Phrase:
    """Words in order, with nothing but spaces and punctuation between them; a single word is a phrase of one.

    `words` are folded and without spaces. A word matches where a word of the text begins with it: `C++` matches the
    "c++" of "c++11", `bar` the second part of "foo_bar"; in text without spaces any part matches. `whole`: the last
    word must end there too, as the others must.
    """

    words: tuple[str, ...]
    whole: bool

    def found_in(self, text: Folded) -> Iterator[Span]:
        """Yield the places of the phrase in a folded text."""
        # A quick test: of the texts with all words of a phrase, few have them in this order.
        if len(self.words) > 1 and self._together and not self._together.search(text.text):
            return
        at = 0
        while (found := self._first(text, at)) is not None:
            yield found
            at = found[1]

    def terms(self) -> Iterator[Term]:
        """Yield the terms that every text with the phrase has, the rarest first."""
        yield from couple_terms(" ".join(self.words), whole=self.whole)
        *first, last = self.words
        for word in first:
            yield from terms(word, whole=True)
        yield from terms(last, whole=self.whole)

    @cached_property
    def is_one_token(self) -> bool:
        """Whether the index alone decides: a text has the single term if and only if it has the phrase."""
        if len(self.words) > 1 or len(self.words[0]) >= TOKEN_CHARS:
            return False
        shape = kinds(self.words[0])
        # Two characters of a script without spaces are also a token of texts with a space between them.
        return set(shape) == {WORD} or (len(shape) == 1 and shape != BETWEEN)

    @cached_property
    def _together(self) -> re.Pattern[str] | None:
        """Matches where the phrase does, and also where words of the text go on. None if a word begins with a symbol:
        the text between words could then match that word, too, and `re` would try every division of a run of symbols,
        holding the GIL: 11 s for three words and 1,000 symbols."""
        if not all(word[0].isalnum() for word in self.words):
            return None
        return re.compile(r"[\W_]*".join(map(re.escape, self.words)))

    def _first(self, text: Folded, start: int) -> Span | None:
        while True:
            begin = self._word_at_or_after(text, 0, start)
            if begin is None:
                return None
            end = self._rest(text, begin + len(self.words[0]))
            if end is not None:
                return begin, end
            start = begin + 1

    def _rest(self, text: Folded, end: int) -> int | None:
        """The end of the phrase whose first word ends at `end`, or None."""
        for number in range(1, len(self.words)):
            begin = self._word_at_or_after(text, number, end)
            if begin is None or text.kinds[end:begin].strip(BETWEEN):
                return None
            end = begin + len(self.words[number])
        return end

    def _word_at_or_after(self, text: Folded, number: int, start: int) -> int | None:
        word = self.words[number]
        ends = self.whole or number < len(self.words) - 1
        at = text.text.find(word, start)
        while at >= 0:
            if not _cuts(text.kinds, at) and not (ends and _cuts(text.kinds, at + len(word))):
                return at
            at = text.text.find(word, at + 1)
        return None


def _cuts(shape: str, at: int) -> bool:
    """Whether this place is inside a word."""
    return 0 < at < len(shape) and shape[at - 1] == shape[at] == WORD


def marks(text: str, phrases: tuple[Phrase, ...]) -> list[Span]:
    """Return the places of the phrases in a message's text, as (from, to) in code points, sorted and merged."""
    if text.isascii():
        found = sorted(span for phrase in phrases for span in phrase.found_in(Folded(text.lower())))
    else:
        folded, places = fold_with_places(text)
        spans = (span for phrase in phrases for span in phrase.found_in(Folded(folded)))
        found = sorted((places[begin][0], places[end - 1][1]) for begin, end in spans)
    joined: list[Span] = []
    for begin, end in found:
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined
