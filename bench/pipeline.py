"""`python -m bench.pipeline`: one round trip for several statements, by joined SQL and by psycopg's pipeline mode.

Posts batches of 1 and of 20 messages through the services, on PostgreSQL, in rounds that take turns: joined (as
`chat.services.sql_pipeline` does), in the pipeline mode of psycopg, and each statement by itself. Prints, for each, the
medians over the rounds: milliseconds of CPU of this process and milliseconds until a batch is committed.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any

import django
import psycopg

if __name__ == "__main__" and "DATABASE_URL" in os.environ:
    django.setup()

ROUNDS, BATCHES, WARM_UP = 7, 80, 20
SIZES = (1, 20)


def main() -> int:
    """Make a database, and time in a process with its settings."""
    from bench.machine import pinned
    from bench.servers import World, environment, populated
    from support.servers import PYTHON, ROOT

    url, _ = populated("postgresql", World(people=20, rooms=1))
    command = [*pinned(), PYTHON, "-m", "bench.pipeline"]
    return subprocess.run(command, cwd=ROOT, env=environment(url), check=False).returncode


def compare() -> None:
    """Take turns, and print the medians."""
    from chat.services import posting_sql, sql_pipeline

    ways: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
        "joined": (sql_pipeline.select_together, sql_pipeline.run_together),
        "pipeline": (select_in_pipeline, run_in_pipeline),
        "separate": (select_apart, run_apart),
    }
    post = poster()
    for size in SIZES:
        taken: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for number in range(ROUNDS + 1):
            for way, (select, run) in ways.items():
                vars(posting_sql).update(select_together=select, run_together=run)
                figures = timed(partial(post, size), WARM_UP if number == 0 else BATCHES)
                if number:
                    taken[way].append(figures)
        for way, figures_of in taken.items():
            cpu, wall = (statistics.median(column) for column in zip(*figures_of, strict=True))
            print(f"batch of {size:2}  {way:8}  CPU {cpu:.3f} ms  in all {wall:.3f} ms")


def timed(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Milliseconds of CPU and in all, each time."""
    cpu, began = time.process_time(), time.perf_counter()
    for _ in range(times):
        work()
    return (time.process_time() - cpu) * 1000 / times, (time.perf_counter() - began) * 1000 / times


def poster() -> Callable[[int], None]:
    """Posts a batch of `size` messages, each of another person."""
    from chat.models import Participant
    from chat.services.posting import Draft, Posted, messages_post

    people = list(Participant.objects.order_by("pk")[: max(SIZES)])
    numbers = count()

    def post(size: int) -> None:
        drafts = [Draft(person, "room-0", "x" * 80, client_id=f"c{next(numbers)}") for person in people[:size]]
        assert all(isinstance(outcome, Posted) for outcome in messages_post(drafts))

    return post


def select_in_pipeline(*statements: tuple[str, Sequence[Any]]) -> list[list[Any]]:
    """As `select_together`, in pipeline mode."""
    from django.db import connections

    from chat.lib.joined_transaction import begin

    begun = begin(connections["default"])
    with raw().pipeline():
        cursors = [server_side(sql, values) for sql, values in (*begun, *statements)]
    return [cursor.fetchall() for cursor in cursors[len(begun) :]]


def run_in_pipeline(*work: Any, last: bool = False) -> None:
    """As `run_together`, in pipeline mode."""
    from django.db import connections

    from chat.lib.joined_transaction import commit
    from chat.services.sql_pipeline import _packed

    with raw().pipeline():
        for wanted, rows in work:
            server_side(wanted.at_once, [_packed(wanted.columns, rows)])
        for sql, values in commit(connections["default"]) if last else ():
            server_side(sql, values)


def select_apart(*statements: tuple[str, Sequence[Any]]) -> list[list[Any]]:
    """Each by itself."""
    from django.db import connection, connections

    from chat.lib.joined_transaction import begin

    begun = begin(connections["default"])
    with connection.cursor() as cursor:
        for sql, _ in begun:
            cursor.execute(sql)
        return [cursor.execute(sql, values).fetchall() for sql, values in statements]


def run_apart(*work: Any, last: bool = False) -> None:  # noqa: ARG001
    """Each by itself."""
    from django.db import connection

    from chat.services.sql_pipeline import _packed

    with connection.cursor() as cursor:
        for wanted, rows in work:
            cursor.execute(wanted.at_once, [_packed(wanted.columns, rows)])


def server_side(sql: str, values: Sequence[Any]) -> "psycopg.Cursor[Any]":
    """Execute with parameters bound by the server, prepared after five times: pipeline mode takes no other."""
    return psycopg.Cursor(raw()).execute(sql, values)


def raw() -> "psycopg.Connection[Any]":
    """psycopg's connection below Django's."""
    from django.db import connection

    found = connection.connection
    assert isinstance(found, psycopg.Connection)
    found.prepare_threshold = 5
    return found


if __name__ == "__main__":
    if "DATABASE_URL" in os.environ:
        compare()
    else:
        sys.exit(main())
