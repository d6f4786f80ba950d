"""Per-process caches, called from database threads: a room's newest page, its occupancy, and whether it is large.

When a network recovers, a thousand clients join one room at once; its newest page and occupancy are read once for all
of them. A page is valid until the room's `rev` changes; an occupancy may be 0.25 s old. If two threads miss at the same
time, both read: that is harmless.
"""

import asyncio
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings

from chat.lib import memory, waits
from chat.models import Room
from chat.queries.history import newest_page
from chat.queries.people import RoomOccupancy, room_occupancies, rooms_large

# Typing state is written up to 0.5 s late, so fresher reads gain nothing.
OCCUPANCY_SECONDS = 0.25
# A changed display name does not change the room's `rev`, so pages expire as well.
PAGE_SECONDS = 10.0
# Rooms whose occupancy is cached.
ROOMS_MAX = 100
# Cached pages, and bytes of them: a page takes up to 384 KiB, most take 10 to 20. With only a hundred pages, people who
# enter two hundred rooms in turn would never find one.
PAGES_MAX = 2_000
PAGES_BYTES = 40_000_000
# Seconds for which a room's size is cached.
SIZE_SECONDS = 60.0
# With more sizes than this, those older than SIZE_SECONDS are dropped.
SIZES_KEPT = 10_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Page:
    read_at: float
    rev: int
    text: str


class RoomSnapshotCache:
    """The newest page of a room and who is connected and typing in it."""

    def __init__(self) -> None:
        # Room id -> time of the read (time.monotonic), and the occupancy.
        self._occupancies: dict[int, tuple[float, RoomOccupancy]] = {}
        self._pages: dict[int, _Page] = {}
        # Bytes of the pages; changed under the lock together with them, since several threads keep pages.
        self._held = 0
        self._keeping = threading.Lock()

    def occupancy(self, room: Room) -> RoomOccupancy:
        """Return which users are online and typing in `room`, at most OCCUPANCY_SECONDS old."""
        return self.occupancies([room.pk])[room.pk]

    def occupancies(self, room_ids: Iterable[int]) -> dict[int, RoomOccupancy]:
        """`occupancy` of these rooms, by id; one query, or none."""
        now = time.monotonic()
        kept = {room_id: self._occupancies.get(room_id) for room_id in room_ids}
        found = {room_id: one[1] for room_id, one in kept.items() if one and one[0] + OCCUPANCY_SECONDS >= now}
        if missing := kept.keys() - found.keys():
            fresh = room_occupancies(missing)
            for room_id, occupancy in fresh.items():
                _keep(self._occupancies, room_id, (now, occupancy))
            found |= fresh
        return found

    def page(self, room: Room) -> str:
        """Return the newest page of `room`, whose row was just read, as an encoded `history` event."""
        now = time.monotonic()
        page = self._pages.get(room.pk)
        if page is None or page.rev != room.last_rev or page.read_at + PAGE_SECONDS < now:
            page = _Page(now, room.last_rev, newest_page(room, limit=settings.CHAT_HISTORY_PAGE))
            self._keep_page(room.pk, page)
        return page.text

    def _keep_page(self, room_id: int, page: _Page) -> None:
        with self._keeping:
            self._drop_page(room_id)
            self._pages[room_id] = page
            self._held += sys.getsizeof(page.text)
            while self._held > PAGES_BYTES or len(self._pages) > PAGES_MAX:
                self._drop_page(next(iter(self._pages)))

    def _drop_page(self, room_id: int) -> None:
        if page := self._pages.pop(room_id, None):
            self._held -= sys.getsizeof(page.text)

    async def run(self) -> None:
        """Drop expired pages until cancelled: after a thousand joins, the pages and the gaps that the joins left
        between malloc's blocks take a fifth of the memory of the sockets."""
        while True:
            await waits.sleep(PAGE_SECONDS / 2)
            before = time.monotonic() - PAGE_SECONDS
            with self._keeping:
                old = [room_id for room_id, page in self._pages.items() if page.read_at < before]
                for room_id in old:
                    self._drop_page(room_id)
            if old:
                await asyncio.to_thread(memory.trim)

    def forget(self) -> None:
        """Drop everything: after a restored backup the same `rev` means another state."""
        self._occupancies.clear()
        with self._keeping:
            self._pages.clear()
            self._held = 0


class RoomSizeCache:
    """Which rooms are so large that joins, leaves and typing are not sent to their members.

    Cached for SIZE_SECONDS: counting the members at every connect would read a row for each of them.
    """

    def __init__(self) -> None:
        self._large: dict[int, tuple[bool, float]] = {}

    def known(self, room_id: int) -> bool | None:
        """Return whether the room is large; None when its size is not cached."""
        large, until = self._large.get(room_id, (False, 0.0))
        return large if until > time.monotonic() else None

    def small(self, room_ids: Iterable[int]) -> set[int]:
        """Return the ids of the rooms that are not large; reads the sizes that are not cached."""
        sizes = {room_id: self.known(room_id) for room_id in room_ids}
        if unknown := [room_id for room_id, large in sizes.items() if large is None]:
            now = time.monotonic()
            large, until = rooms_large(unknown), now + SIZE_SECONDS
            if len(self._large) > SIZES_KEPT:
                self._large = {room_id: known for room_id, known in list(self._large.items()) if known[1] > now}
            sizes |= {room_id: room_id in large for room_id in unknown}
            # Two shared pairs: a separate pair per room would take 56 bytes.
            yes, no = (True, until), (False, until)
            self._large |= {room_id: yes if room_id in large else no for room_id in unknown}
        return {room_id for room_id, large in sizes.items() if not large}


def _keep(kept: dict[int, T], room_id: int, one: T) -> None:
    kept.pop(room_id, None)
    kept[room_id] = one
    while len(kept) > ROOMS_MAX:
        kept.pop(next(iter(kept)), None)
