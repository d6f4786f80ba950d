"""Whether the search finds exactly the messages of the definition (`support.search_reference`)."""

from collections.abc import Iterable
from dataclasses import dataclass

from chat.models import Message, Participant
from chat.queries.search import search
from chat.search.folding import fold
from chat.search.query import parse
from support import search_reference

# Queries with more matches are left out: their pages would be most of the time.
MATCHES_MAX = 3_000


@dataclass(frozen=True)
class Recall:
    """The sums over all queries."""

    queries: int
    wanted: int
    missing: int
    wrong: int


def measure(reader: Participant, queries: Iterable[str]) -> Recall:
    """Compare every page of each query with the definition."""
    texts = {pk: fold(text) for pk, text in Message.objects.values_list("pk", "text").iterator()}
    places = {(room, seq): pk for pk, room, seq in Message.objects.values_list("pk", "room__slug", "seq").iterator()}
    asked = wanted = missing = wrong = 0
    for query in queries:
        expected = _expected(query, texts)
        if len(expected) > MATCHES_MAX:
            continue
        found = {places[key] for key in _all(reader, query)}
        asked += 1
        wanted += len(expected)
        missing += len(expected - found)
        wrong += len(found - expected)
    return Recall(asked, wanted, missing, wrong)


def _expected(query: str, texts: dict[int, str]) -> set[int]:
    phrases = parse(query).phrases
    return {pk for pk, text in texts.items() if all(_has(text, list(one.words), one.whole) for one in phrases)}


def _has(text: str, words: list[str], whole: bool) -> bool:
    # The definition is slow; a text without the letters need not be asked.
    return all(word in text for word in words) and search_reference.matches(text, words, whole=whole)


def _all(reader: Participant, query: str) -> Iterable[tuple[str, int]]:
    after = None
    while True:
        page = search(user=reader, query=query, limit=100, after=after)
        yield from ((hit.message.room, hit.message.seq) for hit in page.hits)
        after = page.next
        if after is None:
            return
