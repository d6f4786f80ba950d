"""A search reads only what it shows: it looks up the newest period first, and the others only when that has too few
results."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from chat.models import Message, Participant, Room, SearchDocument
from chat.queries import search_lookup
from chat.queries.search import search
from chat.services import search_index
from support import people

MESSAGES = 6_000
# Every message has the first word, one in twenty the second, only the oldest the last.
WORDS = ("often", "seldom", "once")
SPAN = timedelta(days=360)
EXPLAIN = {"postgresql": "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ", "sqlite": "EXPLAIN QUERY PLAN "}


@pytest.fixture
def reader(db: None) -> Participant:
    """The author of messages in thirty periods."""
    author = people.alice()
    room = people.room("garden", owner=author)
    began, apart = timezone.now() - SPAN, SPAN / MESSAGES
    Message.objects.bulk_create(
        Message(
            room=room,
            seq=number,
            rev=number,
            author=author,
            text=f"{WORDS[0]} {WORDS[1] if number % 20 == 0 else number} {WORDS[2] if number == 1 else 'more'}",
            created_at=began + number * apart,
            client_id=f"{number:036}",
            client_digest=f"{number:032}",
        )
        for number in range(1, MESSAGES + 1)
    )
    Room.objects.filter(pk=room.pk).update(last_seq=MESSAGES, last_rev=MESSAGES)
    while search_index.index_step():
        pass
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return author


def looking_up(reader: Participant, query: str) -> tuple[str, Any]:
    """The one statement that looks up documents by the index, with its values."""
    seen: list[tuple[str, Any]] = []

    def record(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        if "period" in statement and "few" not in statement:
            seen.append((statement, values))
        return execute(statement, values, many, context)

    with connection.execute_wrapper(record):
        search(user=reader, query=query)
    [only] = seen
    return only


def looked_up(reader: Participant, query: str) -> str:
    """The plan of that statement."""
    statement, values = looking_up(reader, query)
    with connection.cursor() as cursor:
        cursor.execute(EXPLAIN[connection.vendor] + statement, values)
        rows = cursor.fetchall()
    return "\n".join(row[-1] for row in rows) if connection.vendor == "sqlite" else json.dumps(rows[0][0])


def nodes(plan: Any) -> list[Any]:
    return [plan, *(inner for part in plan.get("Plans", []) for inner in nodes(part))]


# A single test: creating its rows takes longer than reading them.
@pytest.mark.timeout(60)
def test_a_search_reads_what_it_shows(reader: Participant, monkeypatch: pytest.MonkeyPatch) -> None:
    assert SearchDocument.objects.count() == MESSAGES
    _a_rare_word_is_looked_up_in_all_periods(reader)
    monkeypatch.setattr(search_lookup, "NEWEST", 20)
    for query in ("seldom", '"often seldom"', "sel from:me in:garden", '"often seldom more" -once'):
        _the_newest_periods_are_enough_for_a_page(reader, query)
    _beginnings_are_compared_with_few_documents_and_looked_up_beside_many(reader)


def _the_newest_periods_are_enough_for_a_page(reader: Participant, query: str) -> None:
    plan = looked_up(reader, query)
    if connection.vendor == "sqlite":
        assert "SCAN chat_searchtokens VIRTUAL TABLE INDEX" in plan, (query, plan)
        assert "SEARCH chat_searchdocument USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in plan, (query, plan)
        # A sort would read all periods first.
        assert "TEMP B-TREE" not in plan, (query, plan)
        return
    by_terms = [node for node in nodes(json.loads(plan)[0]["Plan"]) if node["Node Type"] == "Bitmap Index Scan"]
    assert [node["Index Name"] for node in by_terms] == ["chat_searchdocument_terms"], (query, plan)
    # A period has ten of the documents, and a page looks up 64.
    assert 6 <= by_terms[0]["Actual Loops"] <= 9, (query, plan)


def _a_rare_word_is_looked_up_in_all_periods(reader: Participant) -> None:
    assert [hit.message.seq for hit in search(user=reader, query="once").hits] == [1]
    plan = looked_up(reader, "once")
    if connection.vendor == "postgresql":
        root = json.loads(plan)[0]["Plan"]
        [by_terms] = [node for node in nodes(root) if node["Node Type"] == "Bitmap Index Scan"]
        assert 29 <= by_terms["Actual Loops"] <= 32, plan
        # A few blocks per period, and none of documents.
        assert root["Shared Hit Blocks"] + root["Shared Read Blocks"] < 600, plan


def _beginnings_are_compared_with_few_documents_and_looked_up_beside_many(reader: Participant) -> None:
    def asked(query: str) -> str:
        return next(value for value in looking_up(reader, query)[1] if isinstance(value, str))

    page = search(user=reader, query='"seldom" mor')
    assert [hit.message.seq for hit in page.hits] == list(range(MESSAGES, MESSAGES - 25 * 20, -20))
    assert search(user=reader, query='"seldom" mos').hits == []
    assert "seldom" in asked('"seldom" mor')
    assert "mor" not in asked('"seldom" mor')
    assert "mor" in asked('"often" mor')
    plan = looked_up(reader, '"seldom" mor')
    assert "chat_searchdocument_terms" in plan or connection.vendor == "sqlite", plan
