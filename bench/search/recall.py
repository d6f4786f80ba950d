"""Whether the search finds exactly the messages of the definition (`support.search_reference`), and what the databases
find of them by what they have of their own."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from chat.models import Message, Participant
from chat.queries.search import search
from chat.search.folding import fold
from chat.search.query import parse
from chat.search.wanted import Phrase
from support import search_reference

# Queries with more matches are left out: their pages would take most of the time.
MATCHES_MAX = 3_000
# The fewest characters by which a trigram index finds anything.
TRIGRAM = 3


@dataclass
class Recall:
    """The sums over all queries."""

    queries: int = 0
    wanted: int = 0
    missing: int = 0
    wrong: int = 0

    def count(self, expected: set[int], found: set[int]) -> None:
        """Add one query."""
        self.queries += 1
        self.wanted += len(expected)
        self.missing += len(expected - found)
        self.wrong += len(found - expected)


def measure(reader: Participant, queries: Iterable[str]) -> dict[str, dict[str, int]]:
    """Compare every page of each query with the definition, and what `LIKE` and a trigram index answer to it."""
    texts = {pk: fold(text) for pk, text in Message.objects.values_list("pk", "text").iterator()}
    places = {(room, seq): pk for pk, room, seq in Message.objects.values_list("pk", "room__slug", "seq").iterator()}
    found: dict[str, Recall] = {"ours": Recall()}
    others = _others()
    found |= {name: Recall() for name in others}
    for query in queries:
        phrases = parse(query).phrases
        expected = _expected(phrases, texts)
        if len(expected) > MATCHES_MAX:
            continue
        found["ours"].count(expected, {places[key] for key in _all(reader, query)})
        for name, ask in others.items():
            found[name].count(expected, ask(phrases))
    return {name: vars(one) for name, one in found.items()}


def _expected(phrases: Iterable[Phrase], texts: Mapping[int, str]) -> set[int]:
    return {pk for pk, text in texts.items() if all(_has(text, list(one.words), one.whole) for one in phrases)}


def _has(text: str, words: list[str], whole: bool) -> bool:
    # The definition is slow: texts that lack a word are skipped.
    return all(word in text for word in words) and search_reference.matches(text, words, whole=whole)


def _all(reader: Participant, query: str) -> Iterable[tuple[str, int]]:
    after = None
    while True:
        page = search(user=reader, query=query, limit=100, after=after)
        yield from ((hit.message.room, hit.message.seq) for hit in page.hits)
        after = page.next
        if after is None:
            return


# --- The search of the databases: each phrase of the query is looked for literally -------------------


def _others() -> dict[str, Callable[[Iterable[Phrase]], set[int]]]:
    if connection.vendor == "postgresql":
        # A pg_trgm index finds the same as ILIKE.
        return {"ILIKE, also by pg_trgm": lambda phrases: _like("ILIKE", phrases)}
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE VIRTUAL TABLE bench_recall USING fts5("
            "text, content='chat_message', content_rowid='id', tokenize='trigram')"
        )
        cursor.execute("INSERT INTO bench_recall(bench_recall) VALUES('rebuild')")
    return {"LIKE": lambda phrases: _like("LIKE", phrases), "FTS5 trigram": _trigrams}


def _like(operator: str, phrases: Iterable[Phrase]) -> set[int]:
    patterns = ["%" + re.sub(r"([%_\\])", r"\\\1", " ".join(one.words)) + "%" for one in phrases]
    condition = " AND ".join([f"text {operator} %s ESCAPE '\\'"] * len(patterns)) or "true"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM chat_message WHERE {condition}", patterns)
        return {pk for (pk,) in cursor.fetchall()}


def _trigrams(phrases: Iterable[Phrase]) -> set[int]:
    said = [" ".join(one.words).replace('"', '""') for one in phrases]
    if not said or min(map(len, said)) < TRIGRAM:
        return set()
    with connection.cursor() as cursor:
        match = " AND ".join(f'"{one}"' for one in said)
        cursor.execute("SELECT rowid FROM bench_recall WHERE bench_recall MATCH %s", [match])
        return {pk for (pk,) in cursor.fetchall()}
