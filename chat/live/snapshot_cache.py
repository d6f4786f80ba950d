"""Caches of this process, called from database threads: a room's newest page, who is in it, and whether it is large.

When a network comes back, a thousand people ask one room for its newest page, and who is there: both are read once for
concurrent joins. The page is true for as long as the room's numbers stand still; who is there may be 0.25 s old. Two
threads that read the same at once do no harm.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings

from chat.models import Room
from chat.protocol import events
from chat.queries.history import history_page
from chat.queries.people import RoomOccupancy, room_occupancy, rooms_large

# Typing state is written up to 0.5 s late, so fresher reads gain nothing.
CROWD_SECONDS = 0.25
# Shown names are in no room's numbers.
PAGE_SECONDS = 10.0
# Pages are up to 384 KiB; nobody enters more rooms than this in a few seconds on one process.
ROOMS_MAX = 100
# How long a size is kept.
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
        # With the moment each was read.
        self._crowds: dict[int, tuple[float, RoomOccupancy]] = {}
        self._pages: dict[int, _Page] = {}

    def crowd(self, room: Room) -> RoomOccupancy:
        now = time.monotonic()
        read_at, crowd = self._crowds.get(room.pk, (-CROWD_SECONDS, None))
        if crowd is None or read_at + CROWD_SECONDS < now:
            crowd = room_occupancy(room.pk)
            _keep(self._crowds, room.pk, (now, crowd))
        return crowd

    def page(self, room: Room) -> str:
        """The newest page of `room` as it was just read, as a frame."""
        now = time.monotonic()
        page = self._pages.get(room.pk)
        if page is None or page.rev != room.last_rev or page.read_at + PAGE_SECONDS < now:
            newest = history_page(room, limit=settings.CHAT_HISTORY_PAGE)
            history = events.History(
                room=room.slug, messages=newest.messages, has_older=newest.has_older, has_newer=newest.has_newer
            )
            page = _Page(now, room.last_rev, history.encode())
            _keep(self._pages, room.pk, page)
        return page.text

    def forget(self) -> None:
        """A backup was restored: the same numbers mean something else."""
        self._crowds.clear()
        self._pages.clear()


class RoomSizeCache:
    """Rooms so large that joins, leaves and typing are not sent to their members.

    Kept for a minute: counting the members at every connect would read as many rows as there are.
    """

    def __init__(self) -> None:
        self._large: dict[int, tuple[bool, float]] = {}

    def known(self, room_id: int) -> bool | None:
        """Is the room large? None when it has to be counted."""
        large, until = self._large.get(room_id, (False, 0.0))
        return large if until > time.monotonic() else None

    def small(self, room_ids: Iterable[int]) -> set[int]:
        """Those of the rooms that are not large."""
        sizes = {room_id: self.known(room_id) for room_id in room_ids}
        if unknown := [room_id for room_id, large in sizes.items() if large is None]:
            now = time.monotonic()
            large, until = rooms_large(unknown), now + SIZE_SECONDS
            if len(self._large) > SIZES_KEPT:
                self._large = {room_id: known for room_id, known in list(self._large.items()) if known[1] > now}
            sizes |= {room_id: room_id in large for room_id in unknown}
            # Two pairs for all of them: one each would be 56 bytes a room.
            yes, no = (True, until), (False, until)
            self._large |= {room_id: yes if room_id in large else no for room_id in unknown}
        return {room_id for room_id, large in sizes.items() if not large}


def _keep(kept: dict[int, T], room_id: int, one: T) -> None:
    kept.pop(room_id, None)
    kept[room_id] = one
    while len(kept) > ROOMS_MAX:
        kept.pop(next(iter(kept)), None)
