"""Who has one room open, over all processes. No I/O.

Each process says when the first socket of a person opens the room there and when the last one is gone;
a person is in the room while any process says so.
"""

from collections.abc import Iterable


class Occupancy:
    __slots__ = ("_local", "_process", "_where")

    def __init__(self, process: str) -> None:
        self._process = process
        self._local: dict[int, int] = {}
        self._where: dict[int, set[str]] = {}

    def open(self, user_id: int) -> bool:
        """A socket here opened the room; True when it is the person's first one here."""
        sockets = self._local[user_id] = self._local.get(user_id, 0) + 1
        return sockets == 1

    def close(self, user_id: int) -> bool:
        """A socket here let the room go; True when it was the person's last one here."""
        sockets = self._local[user_id] = self._local.get(user_id, 0) - 1
        return sockets <= 0

    def arrive(self, user_id: int, process: str) -> bool:
        """`process` has the person in the room; True when no other did so before."""
        places = self._where.setdefault(user_id, set())
        places.add(process)
        return len(places) == 1

    def depart(self, user_id: int, process: str) -> bool:
        """`process` has the person no longer; True when no other has."""
        places = self._where.get(user_id, set())
        was_there = process in places
        places.discard(process)
        if not places:
            self._where.pop(user_id, None)
        return was_there and not places

    def keep_processes(self, alive: set[str]) -> list[int]:
        """Forget processes that are not alive; returns the people who are gone with them."""
        return [
            user_id
            for user_id, places in list(self._where.items())
            for process in places - alive
            if self.depart(user_id, process)
        ]

    def here(self) -> list[int]:
        """People with the room open on this process."""
        return [user_id for user_id, sockets in self._local.items() if sockets > 0]

    def everybody(self) -> Iterable[int]:
        """People with the room open on any process."""
        return self._where.keys()

    @property
    def announced(self) -> bool:
        """Others have been told that somebody has the room open here, and not yet that they let it go."""
        return any(self._process in places for places in self._where.values())
