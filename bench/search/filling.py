"""Fills the database of the environment with messages, and its index.

Beyond GENERATED messages, the others are copies of these with times between theirs: the databases make copies 50 times
as fast as Python writes messages.
"""

import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from bench.search.corpus import message
from chat.migrations import _search_index
from chat.models import Membership, Message, Participant, Room, SearchCursor
from chat.models.search import ID_BITS, LAST_SECOND, PERIOD_BITS, PERIOD_PREFIXES
from chat.services import search_documents, search_index

_PREFIX = PERIOD_PREFIXES["sqlite"].format(f"(number >> {PERIOD_BITS})").replace("%%", "%")
GENERATED = 200_000
AT_ONCE = 5_000
# Messages that one step indexes: as in the command, nothing posts at the same time.
INDEX_STEP = 2_000
ROOMS, AUTHORS = 100, 30
SPAN = timedelta(days=730)


def fill(count: int) -> Participant:
    """Create rooms of one person, and `count` messages of many people in them, over two years."""
    reader = Participant.objects.create(username="reader")
    authors = Participant.objects.bulk_create(Participant(username=f"author{n}") for n in range(AUTHORS))
    each = -(-count // ROOMS)
    rooms = Room.objects.bulk_create(Room(slug=f"room-{n}", last_seq=each, last_rev=each) for n in range(ROOMS))
    Membership.objects.bulk_create(Membership(room=room, user=reader) for room in rooms)
    began = timezone.now() - SPAN
    apart = SPAN / count
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
    began = time.perf_counter()
    # `bench.search.ingest` measures steps of the product's own size.
    step, search_index.STEP = search_index.STEP, INDEX_STEP
    while search_index.index_step():
        pass
    search_index.STEP = step
    if connection.vendor == "sqlite":
        for _step in search_documents.documents_pack():
            pass
    took = time.perf_counter() - began
    analyze()
    return took


def analyze() -> None:
    """Let the database count what it plans with."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def copy(sets: int) -> None:
    """Make copies of all that was generated, and of its documents, until there are `sets` of them."""
    count = GENERATED
    each, apart = count // ROOMS, int(SPAN.total_seconds() / count / sets)
    columns = [str(field.column) for field in Message._meta.concrete_fields]
    names = ", ".join(f'"{column}"' for column in columns)
    own = _OWN[connection.vendor]
    values = ", ".join(own.get(column, f'"{column}"') for column in columns)
    with connection.cursor() as cursor:
        for statement in _BEFORE_COPIES[connection.vendor]:
            cursor.execute(statement)
        for number in range(1, sets):
            ids, seqs, later = number * count, number * each, number * apart
            cursor.execute(
                f"INSERT INTO chat_message ({names}) SELECT {values.format(ids=ids, seqs=seqs, later=later)}"
                f" FROM chat_message WHERE id <= {count} ORDER BY id"
            )
            cursor.execute(
                "INSERT INTO chat_searchdocument (number, message_id, room_id, tokens)"
                f" SELECT number + {(later << ID_BITS) + ids}, message_id + {ids}, room_id, tokens"
                f" FROM chat_searchdocument WHERE message_id <= {count} ORDER BY number"
            )
        for statement in _AFTER_COPIES[connection.vendor]:
            cursor.execute(statement)
    Room.objects.update(last_seq=each * sets, last_rev=each * sets)
    SearchCursor.objects.update(rev=each * sets)
    if connection.vendor == "sqlite":
        for _step in search_documents.documents_pack():
            pass
    analyze()
    # The next connection has the product's own settings again.
    connection.close()


_BEFORE_COPIES = {
    "sqlite": [
        "PRAGMA synchronous = OFF",
        "PRAGMA cache_size = -1000000",
        "INSERT INTO chat_searchtokens (chat_searchtokens) VALUES ('delete-all')",
    ],
    "postgresql": ["SET statement_timeout = 0", "DROP INDEX chat_searchdocument_terms"],
}
_AFTER_COPIES = {
    "sqlite": [
        f"INSERT INTO chat_searchtokens (rowid, tokens) SELECT {LAST_SECOND} - (number >> {ID_BITS}),"
        f" {_PREFIX} || replace(group_concat(tokens, ' '), ' ', ' ' || {_PREFIX})"
        f" FROM chat_searchdocument GROUP BY number >> {ID_BITS} ORDER BY 1",
    ],
    "postgresql": [
        "SET maintenance_work_mem = '1GB'",
        *_search_index.POSTGRESQL,
        "SELECT setval(pg_get_serial_sequence('chat_message', 'id'), (SELECT max(id) FROM chat_message))",
    ],
}
_OWN = {
    "sqlite": {
        "id": "id + {ids}",
        "seq": "seq + {seqs}",
        "rev": "rev + {seqs}",
        "client_id": "printf('%036d', id + {ids})",
        "created_at": "strftime('%Y-%m-%d %H:%M:%f000', created_at, '+{later} seconds')",
    },
    "postgresql": {
        "id": "id + {ids}",
        "seq": "seq + {seqs}",
        "rev": "rev + {seqs}",
        "client_id": "lpad((id + {ids})::text, 36, '0')",
        "created_at": "created_at + interval '{later} seconds'",
    },
}


def sizes() -> dict[str, float]:
    """Megabytes of the messages (their texts alone, and the table with its indexes), and of the search."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT sum(octet_length(text)) / 1e6, pg_total_relation_size('chat_message') / 1e6,"
                " pg_total_relation_size('chat_searchdocument') / 1e6,"
                " pg_relation_size('chat_searchdocument_terms') / 1e6 FROM chat_message"
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
