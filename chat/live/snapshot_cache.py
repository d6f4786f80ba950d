"""What a room shows to everybody who enters it alike, read once for all who come together.

When a network comes back, a thousand people ask one room for its newest page, and who is there. The page is
true for as long as the room's numbers stand still; who is there may be a moment old.
"""

import time
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings

from chat.models import Room
from chat.protocol import events
from chat.queries.history import history_page
from chat.queries.people import RoomOccupancy, room_crowd

# A mark of who is typing is written as late.
CROWD_SECONDS = 0.25
# Shown names are in no room's numbers.
PAGE_SECONDS = 10.0
# Pages are up to 384 KiB; nobody enters more rooms than this in a few seconds on one process.
ROOMS_MAX = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Page:
    read_at: float
    rev: int
    text: str


class RoomSnapshotCache:
    """Called from database threads; two that read the same at once do no harm."""

    def __init__(self) -> None:
        # With the moment each was read.
        self._crowds: dict[int, tuple[float, RoomOccupancy]] = {}
        self._pages: dict[int, _Page] = {}

    def crowd(self, room: Room) -> RoomOccupancy:
        now = time.monotonic()
        read_at, crowd = self._crowds.get(room.pk, (-CROWD_SECONDS, None))
        if crowd is None or read_at + CROWD_SECONDS < now:
            crowd = room_crowd(room.pk)
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


def _keep(kept: dict[int, T], room_id: int, one: T) -> None:
    kept.pop(room_id, None)
    kept[room_id] = one
    while len(kept) > ROOMS_MAX:
        kept.pop(next(iter(kept)), None)
