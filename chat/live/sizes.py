"""Which rooms are so large that nobody is told who comes, goes and types there.

Remembered for a minute: counting the members at every connect would read as many rows as there are.
"""

import time
from collections.abc import Iterable

from chat.queries.people import rooms_large

KNOWN_SECONDS = 60.0
# Beyond so many rooms, those whose minute is over are forgotten.
KNOWN_ROOMS = 10_000


class RoomSizeCache:
    """Called from database threads; two that count the same at once do no harm."""

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
            large, until = rooms_large(unknown), now + KNOWN_SECONDS
            if len(self._large) > KNOWN_ROOMS:
                self._large = {room_id: known for room_id, known in list(self._large.items()) if known[1] > now}
            sizes |= {room_id: room_id in large for room_id in unknown}
            # Two pairs for all of them: one each would be 56 bytes a room.
            yes, no = (True, until), (False, until)
            self._large |= {room_id: yes if room_id in large else no for room_id in unknown}
        return {room_id for room_id, large in sizes.items() if not large}
