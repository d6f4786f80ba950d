"""How long a page of results takes, ours and what databases offer for the same."""

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from django.db import connection

from bench.search.corpus import message, words
from chat.models import Message, Participant
from chat.queries.search import search

PAGE = 25
Figures = dict[str, float]


def kinds() -> Mapping[str, Sequence[str]]:
    """Queries of each kind."""
    rng = random.Random("speed")
    english, japanese = words("en"), words("ja")

    def some(make: Callable[[], str]) -> list[str]:
        return [make() for _ in range(40)]

    def phrase() -> str:
        said: list[str] = []
        while len(said) < 2:
            said = message(rng.randrange(100_000)).split()
        return f'"{said[0]} {said[1]}"'

    return {
        "one word": some(lambda: rng.choice(english[200:])),
        "a common word": some(lambda: rng.choice(english[:10])),
        "a prefix": some(lambda: rng.choice(english)[:3]),
        "two words": some(lambda: f"{rng.choice(english[:100])} {rng.choice(english[:100])}"),
        "a phrase": some(phrase),
        "two CJK characters": some(lambda: rng.choice(japanese)[:2]),
        "filters": some(
            lambda: f"{rng.choice(english[:50])} from:author{rng.randrange(30)} in:room-{rng.randrange(99)}"
        ),
        "nothing": some(lambda: f"{rng.choice(english)}qqq{rng.randrange(100)}"),
    }


def ours(reader: Participant) -> dict[str, Figures]:
    """The times of our search by kind of query, and its processor time."""
    connection.ensure_connection()
    found = {}
    for kind, queries in kinds().items():
        spent: list[float] = []
        found[kind] = timed(queries, partial(_ask_ours, reader, spent))
        found[f"{kind}, processor"] = _figures(spent[len(queries) :])
    return found


def _ask_ours(reader: Participant, spent: list[float], query: str) -> None:
    before = _processor_ms()
    search(user=reader, query=query)
    spent.append(_processor_ms() - before)


def others() -> dict[str, dict[str, Figures]]:
    """The times of what the database has of its own: the newest 25 messages with a part of their text."""
    found = {}
    for name, (make, statement, pattern, least) in _OTHERS[connection.vendor].items():
        with connection.cursor() as cursor:
            for one in make:
                cursor.execute(one)
        found[name] = {
            # Few queries, because each may scan the whole table.
            kind: timed([query for query in queries if len(query) >= least][:4], _asking(statement, pattern))
            for kind, queries in kinds().items()
            if kind in ("one word", "a common word", "a prefix", "two CJK characters", "nothing")
            and any(len(query) >= least for query in queries)
        }
    return found


def other_sizes() -> dict[str, float]:
    """Megabytes of the indexes that `others` made."""
    sizes = {
        "postgresql": ("pg_trgm", "SELECT pg_relation_size('bench_trigrams') / 1e6"),
        "sqlite": ("FTS5 trigram", "SELECT sum(pgsize) / 1e6 FROM dbstat WHERE name LIKE 'bench_trigrams%%'"),
    }
    name, statement = sizes[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(statement, [])
        return {name: float(cursor.fetchone()[0])}


def timed(queries: Sequence[str], ask: Callable[[str], object]) -> Figures:
    """Milliseconds of each query, after one round that fills the caches."""
    for query in queries:
        ask(query)
    took = []
    for query in queries:
        began = time.perf_counter()
        ask(query)
        took.append((time.perf_counter() - began) * 1e3)
    return _figures(took)


def _figures(took: Sequence[float]) -> Figures:
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "p99": round(cuts[98], 1)}


def _processor_ms() -> float:
    """Milliseconds of processor time of this thread and of the database server of its connection: waiting for other
    programs of the machine does not count."""
    spent = time.thread_time() * 1e3
    if connection.vendor == "postgresql":
        served = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text()
        spent += int(served.split()[0]) / 1e6
    return spent


def _asking(statement: str, pattern: str) -> Callable[[str], object]:
    def ask(query: str) -> object:
        with connection.cursor() as cursor:
            cursor.execute(statement, [pattern.format(query.replace('"', ""))])
            ids = [pk for (pk,) in cursor.fetchall()]
        return list(Message.objects.filter(pk__in=ids))

    return ask


_LIKE = "SELECT id FROM chat_message WHERE text {} %s ORDER BY id DESC LIMIT {}"
_OTHERS = {
    "postgresql": {
        "ILIKE": (["SET statement_timeout = 0"], _LIKE.format("ILIKE", PAGE), "%{}%", 1),
        "pg_trgm": (
            [
                "SET statement_timeout = 0",
                "CREATE EXTENSION IF NOT EXISTS pg_trgm",
                "SET maintenance_work_mem = '1GB'",
                "CREATE INDEX IF NOT EXISTS bench_trigrams ON chat_message USING gin (text gin_trgm_ops)",
                "ANALYZE chat_message",
            ],
            _LIKE.format("ILIKE", PAGE),
            "%{}%",
            1,
        ),
    },
    "sqlite": {
        "LIKE": ([], _LIKE.format("LIKE", PAGE), "%{}%", 1),
        "FTS5 trigram": (
            [
                "CREATE VIRTUAL TABLE IF NOT EXISTS bench_trigrams USING fts5("
                "text, content='chat_message', content_rowid='id', tokenize='trigram')",
                "INSERT INTO bench_trigrams(bench_trigrams) VALUES('rebuild')",
            ],
            f"SELECT rowid FROM bench_trigrams WHERE bench_trigrams MATCH %s ORDER BY rowid DESC LIMIT {PAGE}",
            '"{}"',
            # A trigram index finds nothing with fewer characters.
            3,
        ),
    },
}
