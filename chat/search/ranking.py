"""Ranks how well a text matches a query, for the order "best"."""

from collections import Counter, deque
from collections.abc import Sequence

from chat.search.characters import WORD
from chat.search.wanted import Folded, Phrase, Span

Rank = tuple[int, int, int]
# Characters of a text that are ranked: ranking 200 long texts must not take seconds.
RANKED_CHARS = 2_000


def rank(folded: str, phrases: Sequence[Phrase]) -> Rank:
    """Return the rank of a folded text that matches; lower is better: first by the number of phrases that end at the
    end of a word, then by how close together they are, then by how often they occur."""
    text = Folded(folded[:RANKED_CHARS])
    spans = [list(phrase.found_in(text)) for phrase in phrases]
    whole = sum(any(_ends_word(text, end) for _, end in found) for found in spans)
    return -whole, _closest(spans), -sum(map(len, spans))


def _ends_word(text: Folded, end: int) -> bool:
    return text.kinds[end - 1 : end + 1] != 2 * WORD


def _closest(spans: Sequence[Sequence[Span]]) -> int:
    """The length of the shortest part of the text that contains each phrase once; 0 for one phrase."""
    if len(spans) < 2:
        return 0
    best = RANKED_CHARS
    within: deque[tuple[int, int]] = deque()
    inside: Counter[int] = Counter()
    for begin, end, number in sorted((*span, number) for number, found in enumerate(spans) for span in found):
        within.append((begin, number))
        inside[number] += 1
        while inside[within[0][1]] > 1:
            inside[within.popleft()[1]] -= 1
        if len(inside) == len(spans):
            best = min(best, end - within[0][0])
    return best
