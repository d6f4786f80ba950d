"""Fills the database of the environment with messages, and its index."""

import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from bench.search.corpus import message
from chat.models import Membership, Message, Participant, Room
from chat.services import search_index

AT_ONCE = 5_000
# Messages of one step of the index: as the command, without anything that posts beside it.
INDEX_STEP = 2_000
ROOMS, AUTHORS = 100, 30


def fill(count: int) -> Participant:
    """Create rooms of one person, and `count` messages of many people in them, over two years."""
    reader = Participant.objects.create(username="reader")
    authors = Participant.objects.bulk_create(Participant(username=f"author{n}") for n in range(AUTHORS))
    each = -(-count // ROOMS)
    rooms = Room.objects.bulk_create(Room(slug=f"room-{n}", last_seq=each, last_rev=each) for n in range(ROOMS))
    Membership.objects.bulk_create(Membership(room=room, user=reader) for room in rooms)
    began = timezone.now() - timedelta(days=730)
    apart = timedelta(days=730) / count
    batch: list[Message] = []
    for number in range(count):
        seq, room = divmod(number, ROOMS)
        batch.append(
            Message(
                room=rooms[room],
                seq=seq + 1,
                rev=seq + 1,
                author=authors[number % AUTHORS],
                text=message(number),
                created_at=began + number * apart,
                client_id=f"{number:036}",
                client_digest=f"{number:032}",
            )
        )
        if len(batch) == AT_ONCE:
            Message.objects.bulk_create(batch)
            batch.clear()
    Message.objects.bulk_create(batch)
    return reader


def index() -> float:
    """Index everything; returns the seconds."""
    search_index.STEP = INDEX_STEP
    began = time.perf_counter()
    while search_index.index_step():
        pass
    took = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return took


def sizes() -> dict[str, float]:
    """Megabytes of the messages (their texts alone, and the table with its indexes), and of the search."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT sum(octet_length(text)) / 1e6, pg_total_relation_size('chat_message') / 1e6,"
                " pg_total_relation_size('chat_searchdocument') / 1e6,"
                " pg_relation_size('chat_searchdocument_tokens') / 1e6 FROM chat_message"
            )
            text, messages, search, tokens = map(float, cursor.fetchone())
            return {"text": text, "messages": messages, "search": search, "of it the index": tokens}
        cursor.execute("SELECT sum(length(CAST(text AS BLOB))) / 1e6 FROM chat_message")
        text = cursor.fetchone()[0]
        pages = (
            "SELECT sum(pgsize) / 1e6 FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name LIKE %s)"
        )
        found = []
        for names in ("chat_message", "chat_search%"):
            cursor.execute(pages, [names])
            found.append(cursor.fetchone()[0])
        return {"text": text, "messages": found[0], "search": found[1]}
