"""Posting with and without the indexer beside it, in turns."""

import itertools
import threading
import time

from django.db import connection

from bench.search.corpus import message
from chat.live.indexer import LOOK_SECONDS, REST
from chat.models import Membership, Participant
from chat.services import search_index
from chat.services.posting import Draft, messages_post

AT_ONCE = 20
SECONDS = 4.0
# Turns of each: without, with, with, without, so that what grows meanwhile is shared.
TURNS = (False, True, True, False) * 3


class Indexer(threading.Thread):
    """Works and rests as `chat.live.indexer` does."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._ended = threading.Event()
        self.indexed = 0

    def run(self) -> None:
        """Index until `end`."""
        rest = 0.0
        while not self._ended.wait(rest):
            began = time.monotonic()
            done = search_index.index_step()
            self.indexed += done
            rest = (time.monotonic() - began) * REST if done else LOOK_SECONDS
        connection.close()

    def end(self) -> None:
        """Stop after the current step."""
        self._ended.set()
        self.join()


def measure(reader: Participant) -> dict[str, float]:
    """Messages a second without and with the indexer, and the second by the first."""
    room = Membership.objects.filter(user=reader)[0].room.slug
    numbers = itertools.count(10_000_000)
    posted = {False: 0, True: 0}
    indexed = 0
    for beside in TURNS:
        while search_index.index_step():
            pass
        indexer = Indexer()
        if beside:
            indexer.start()
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            posts = messages_post([Draft(reader, room, message(next(numbers))) for _ in range(AT_ONCE)])
            posted[beside] += sum(not isinstance(post, Exception) for post in posts)
        if beside:
            indexer.end()
            indexed += indexer.indexed
    seconds = SECONDS * len(TURNS) / 2
    return {
        "without": posted[False] / seconds,
        "with": posted[True] / seconds,
        "indexed": indexed / seconds,
        "ratio": posted[True] / posted[False],
    }
