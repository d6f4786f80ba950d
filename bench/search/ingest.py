"""Posting with and without the indexer beside it, in turns."""

import itertools
import statistics
import threading
import time

from django.db import connection

from bench.search.corpus import message
from chat.live.indexer import rest_after
from chat.models import Membership, Participant
from chat.services import search_index
from chat.services.posting import Draft, messages_post

AT_ONCE = 20
# Short turns, so that the load of other programs affects both kinds of turn.
SECONDS = 1.0
# Without, with, with, without, so that growth during the run affects both kinds.
TURNS = (False, True, True, False) * 10


class Indexer(threading.Thread):
    """Works and rests as `chat.live.indexer` does. `rest`: the seconds that are left of the rest of the turn before."""

    def __init__(self, rest: float) -> None:
        super().__init__(daemon=True)
        self._ended = threading.Event()
        self._due = time.monotonic() + rest
        self.indexed = 0

    def run(self) -> None:
        """Index until `end`."""
        while not self._ended.wait(max(0.0, self._due - time.monotonic())):
            began = time.monotonic()
            done = search_index.index_step()
            self.indexed += done
            self._due = time.monotonic() + rest_after(done, time.monotonic() - began)
        connection.close()

    def end(self) -> float:
        """Stop after the current step; returns the seconds of rest that are left."""
        self._ended.set()
        self.join()
        return max(0.0, self._due - time.monotonic())


def measure(reader: Participant) -> dict[str, float]:
    """Messages a second without and with the indexer, the second by the first, and the milliseconds of processor time
    of a message in this process; `medians`: the ratio of the medians of the turns, which leaves out what
    disturbs few of them."""
    room = Membership.objects.filter(user=reader)[0].room.slug
    numbers = itertools.count(10_000_000)
    posted: dict[bool, list[float]] = {False: [], True: []}
    processor: dict[bool, list[float]] = {False: [], True: []}
    indexed, rest = 0, 0.0
    for beside in TURNS:
        while search_index.index_step():
            pass
        indexer = Indexer(rest)
        if beside:
            indexer.start()
        count, spent, began = 0, time.process_time(), time.monotonic()
        while time.monotonic() < began + SECONDS:
            posts = messages_post([Draft(reader, room, message(next(numbers))) for _ in range(AT_ONCE)])
            count += sum(not isinstance(post, Exception) for post in posts)
        posted[beside].append(count / (time.monotonic() - began))
        if beside:
            rest = indexer.end()
            indexed += indexer.indexed
        processor[beside].append((time.process_time() - spent) * 1e3 / count)
    without, with_ = (statistics.mean(posted[beside]) for beside in (False, True))
    return {
        "without": round(without, 1),
        "with": round(with_, 1),
        "ratio": round(with_ / without, 3),
        "medians": round(statistics.median(posted[True]) / statistics.median(posted[False]), 3),
        "ratio of the best": round(max(posted[True]) / max(posted[False]), 3),
        "processor ms without": round(statistics.mean(processor[False]), 3),
        "processor ms with": round(statistics.mean(processor[True]), 3),
        "indexed": indexed / (SECONDS * len(TURNS) / 2),
    }
