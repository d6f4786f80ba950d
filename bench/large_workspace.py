"""`bin/bench --huge`: reads and writes in a PostgreSQL with the history of a large company.

As shipped the sizes are about those that a large Mattermost installation has made public: 33,000 people, 45,000 rooms,
115 million messages. Rooms and the words of messages follow Zipf's law: a few rooms have most messages and members.
Prints a line of JSON for each step. 50,000,000 messages take about an hour and 40 GB; with `--at` the database stays,
and is measured again without filling it.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any

from bench import scaling
from bench.own_database import own_database

MESSAGES, ROOMS, PEOPLE = 50_000_000, 45_000, 33_000
READER = "reader"
# Members of the largest room, and rooms of the reader.
LARGEST, READS = 10_000, 500
# Distinct texts, written by `bench.search.corpus`; further messages repeat them.
SAMPLES = 200_000
YEARS = 3
# Rows of one INSERT.
AT_ONCE = 500_000
UNREAD = 20
PAGE, CHANGES = 50, 100
WARM_UP = 20

_MESSAGES = """
INSERT INTO chat_message (room_id, seq, rev, kind, author_id, text, created_at, client_id, client_digest)
SELECT part.room, place, place, 'text', %(first)s + (place * 31 + part.room) %% %(people)s, sample.text,
       now() - (part.last - place) * (interval '1 year' * %(years)s / part.last),
       md5(part.room || ':' || place), md5(place::text)
FROM unnest(%(rooms)s::int[], %(lasts)s::int[], %(lows)s::int[], %(highs)s::int[]) AS part (room, last, low, high)
CROSS JOIN LATERAL generate_series(part.low, part.high) AS series (place)
JOIN bench_sample sample ON sample.n = (part.room * 7919 + place) %% %(samples)s
"""
# The tokens that `chat.services.search_documents` makes of these texts, and those of room and author.
_DOCUMENTS = """
INSERT INTO chat_searchdocument (number, message_id, room_id, tokens)
SELECT (extract(epoch FROM date_trunc('second', message.created_at))::bigint << %(bits)s) | message.id, message.id,
       message.room_id,
       array_to_string(sample.tokens || ARRAY['!r' || message.room_id, '!a' || message.author_id,
                                              '!r' || message.room_id || '!a' || message.author_id], ' ')
FROM chat_message message
JOIN bench_sample sample ON sample.n = (message.room_id * 7919 + message.seq) %% %(samples)s
WHERE message.id BETWEEN %(low)s AND %(high)s
"""
_TABLES = ("chat_message", "chat_searchdocument")

Act = Callable[[], object]


def main(given: Sequence[str] | None = None) -> int:
    """Fill a PostgreSQL, a private one without `--at`, and measure in it. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench --huge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--rooms", type=int, default=ROOMS)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--times", type=int, default=300, help="measured runs of each act")
    parser.add_argument(
        "--at", default="", metavar="URL", help="an empty PostgreSQL to fill, or one that this program has filled"
    )
    parser.add_argument("--write-docs", action="store_true", help="also write docs/scaling.md")
    options = parser.parse_args(given)
    if options.rooms < 2 or options.people < 2 or options.messages < options.rooms:
        parser.error("a workspace has at least two rooms, two people, and a message in each room")
    with own_database("postgres", url=options.at):
        setting = {"messages": options.messages, "rooms": options.rooms, "people": options.people}
        _show("setting", setting)
        if not filled():
            began = time.perf_counter()
            fill(messages=options.messages, rooms=options.rooms, people=options.people)
            _show("filled in seconds", round(time.perf_counter() - began))
        disk = sizes()
        _show("GB", disk)
        took = {}
        for title, act in acts().items():
            took[title] = timed(act, options.times)
            _show(title, took[title])
    if options.write_docs:
        scaling.write_docs("history", options.messages, {**setting, "GB": disk, "milliseconds": took})
    return 0


def filled() -> bool:
    """Whether `fill` has filled this database to its end: its last step drops the texts."""
    from django.db import connection

    from chat.models import Participant

    there = Participant.objects.filter(username=READER).exists()
    return there and "bench_sample" not in connection.introspection.table_names()


def _show(name: str, figure: object) -> None:
    sys.stdout.write(json.dumps({name: figure}) + "\n")
    sys.stdout.flush()


def shares(count: int, whole: int, *, power: float, least: int) -> list[int]:
    """`whole` divided among `count` by Zipf's law, at least `least` each, the largest first."""
    weights = [(rank + 10) ** -power for rank in range(count)]
    total = sum(weights)
    return [max(least, int(whole * weight / total)) for weight in weights]


def fill(*, messages: int, rooms: int, people: int) -> None:
    """Make people, rooms, memberships, messages and their documents."""
    from django.db import connection

    from bench.archive import without_indexes
    from chat.models import Membership, Participant, Room, SearchCursor
    from chat.models.search import ID_BITS
    from chat.search.tokens import VERSION

    reader = Participant.objects.create(username=READER)
    Participant.objects.bulk_create((Participant(username=f"person{n}") for n in range(people)), batch_size=5_000)
    first = Participant.objects.get(username="person0").pk
    lasts = shares(rooms, messages, power=0.9, least=1)
    made = Room.objects.bulk_create(
        (Room(slug=f"room-{n}", title=f"Room {n}", last_seq=last, last_rev=last) for n, last in enumerate(lasts)),
        batch_size=5_000,
    )
    Membership.objects.bulk_create(
        [Membership(room=room, user=reader, read_seq=max(room.last_seq - UNREAD, 0)) for room in made[:READS]]
    )
    for batch in _batches(_memberships(made, first, people), 10_000):
        Membership.objects.bulk_create(batch)
    SearchCursor.objects.bulk_create(
        (SearchCursor(room=room, rev=room.last_rev, back_seq=1, cleared_seq=0, version=VERSION) for room in made),
        batch_size=5_000,
    )
    samples = min(SAMPLES, -(-messages // 5_000) * 5_000)
    connection.ensure_connection()
    raw = connection.connection
    with connection.cursor() as cursor:
        # Bulk inserts: no statement timeout.
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        _sample(cursor, samples)
        again = without_indexes(raw, _TABLES)
        facts = {"first": first, "people": people, "samples": samples, "years": YEARS}
        for part in parts(made):
            cursor.execute(_MESSAGES, {**facts, **part})
        cursor.execute("SELECT max(id) FROM chat_message")
        last_id = cursor.fetchone()[0]
        for low in range(1, last_id + 1, AT_ONCE):
            cursor.execute(_DOCUMENTS, {"bits": ID_BITS, "samples": samples, "low": low, "high": low + AT_ONCE - 1})
        for statement in again:
            raw.execute(statement)
        cursor.execute("DROP TABLE bench_sample")
        cursor.execute("VACUUM ANALYZE")
    # The next connection has the product's own settings again.
    connection.close()


def _memberships(rooms: Sequence[Any], first: int, people: int) -> Iterator[Any]:
    from chat.models import Membership

    for rank, room in enumerate(rooms):
        members = max(3, int(LARGEST * (rank + 1) ** -0.75))
        for number in range(min(members, people)):
            user = first + (rank * 7_919 + number) % people
            yield Membership(room=room, user_id=user, read_seq=max(room.last_seq - number % UNREAD, 0))


def _batches(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while batch := list(islice(rows, size)):
        yield batch


def parts(rooms: Sequence[Any]) -> Iterator[dict[str, list[int]]]:
    """The places of all rooms, in parts of AT_ONCE messages."""
    part: dict[str, list[int]] = {"rooms": [], "lasts": [], "lows": [], "highs": []}
    size = 0
    for room in rooms:
        for low in range(1, room.last_seq + 1, AT_ONCE):
            high = min(low + AT_ONCE - 1, room.last_seq)
            for name, value in zip(part, (room.pk, room.last_seq, low, high), strict=True):
                part[name].append(value)
            size += high - low + 1
            if size >= AT_ONCE:
                yield part
                part, size = {name: [] for name in part}, 0
    if size:
        yield part


def _sample(cursor: Any, samples: int) -> None:
    """Texts and their tokens, by number."""
    from bench.search.corpus import message
    from chat.search.tokens import text_tokens

    cursor.execute("CREATE UNLOGGED TABLE bench_sample (n int PRIMARY KEY, text text, tokens text[])")
    for low in range(0, samples, 5_000):
        texts = [message(number) for number in range(low, low + 5_000)]
        rows = [(low + number, text, sorted(text_tokens(text))) for number, text in enumerate(texts)]
        cursor.executemany("INSERT INTO bench_sample VALUES (%s, %s, %s)", rows)
    cursor.execute("ANALYZE bench_sample")


def sizes() -> dict[str, float]:
    """Gigabytes on the disk: texts, messages with their indexes, the search, memberships."""
    from django.db import connection

    tables = ("chat_message", "chat_searchdocument", "chat_membership")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(octet_length(text)) / 1e9 FROM chat_message")
        found = {"texts": round(float(cursor.fetchone()[0]), 2)}
        for table in tables:
            cursor.execute("SELECT pg_total_relation_size(%s) / 1e9", [table])
            found[table] = round(float(cursor.fetchone()[0]), 2)
    return found


def acts() -> Mapping[str, Act]:
    """What people do all day, each time in another room or as another person."""
    from bench.search.corpus import words
    from bench.search.speed import kinds
    from chat.models import Membership, Participant, Room
    from chat.queries.history import history_page, resumed_after
    from chat.queries.rooms import room_entries
    from chat.queries.search import search
    from chat.services.members import room_join
    from chat.services.posting import Draft, messages_post

    chance = random.Random("acts")
    reader = Participant.objects.get(username=READER)
    rooms = list(Room.objects.order_by("-last_seq")[:READS])
    people = list(Participant.objects.exclude(username=READER).order_by("pk")[:1_000])
    joined = Membership.objects.filter(user=reader).values("room")
    away = iter(list(Room.objects.exclude(pk__in=joined).order_by("-last_seq").values_list("slug", flat=True)[:2_000]))
    # Unique ids: posts must not be taken for repeats of an earlier run.
    run, numbers = time.time_ns(), count()

    def room() -> Any:
        return chance.choice(rooms)

    def older() -> object:
        found = room()
        return history_page(found, limit=PAGE, before=chance.randint(2, found.last_seq))

    def post() -> object:
        draft = Draft(reader, room().slug, f"measured {next(numbers)}", client_id=f"{run}-{next(numbers)}")
        return messages_post([draft])

    def filters() -> object:
        author, where = chance.randrange(min(len(people), 1_000)), chance.randrange(len(rooms))
        return search(user=reader, query=f"{chance.choice(common)} from:person{author} in:room-{where}")

    common = words("en")[:50]
    found: dict[str, Act] = {
        "newest page": lambda: history_page(room(), limit=PAGE),
        "older page": older,
        "newest page of the largest room": lambda: history_page(rooms[0], limit=PAGE),
        f"rooms and unread of somebody in {READS} rooms": lambda: room_entries(reader),
        "rooms and unread of others": lambda: room_entries(chance.choice(people)),
        f"resume of {CHANGES} changes": lambda: _resume(room(), resumed_after),
        "post": post,
        "join": lambda: room_join(user=reader, room=next(away)),
    }
    for kind, queries in kinds().items():
        if kind == "filters":
            # Those of `kinds` name rooms and authors of another database.
            found["search: filters"] = filters
            continue
        found[f"search: {kind}"] = lambda queries=queries: search(user=reader, query=chance.choice(queries))  # type: ignore[misc]
    return found


def _resume(room: Any, resumed_after: Callable[[Any, int], object]) -> object:
    return resumed_after(room, max(room.last_rev - CHANGES, 0))


def timed(act: Act, times: int) -> dict[str, float]:
    """Milliseconds of `times` runs."""
    took = []
    for _ in range(WARM_UP + times):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1e3)
    cuts = statistics.quantiles(took[WARM_UP:], n=100, method="inclusive")
    return {"p50": round(cuts[49], 2), "p95": round(cuts[94], 2), "p99": round(cuts[98], 2)}


if __name__ == "__main__":
    sys.exit(main())
