"""Which users have one room open, over all processes. No I/O.

Each process reports when a user's first socket opens the room there and when their last one closes it; a user is in the
room while any process has them.
"""

from collections.abc import Iterable


class Occupancy:
    """The users in one room, by process; `process` is the name of this one."""

    __slots__ = ("_process", "_processes", "_sockets")

    def __init__(self, process: str) -> None:
        self._process = process
        self._sockets: dict[int, int] = {}
        # Tuples: most users are on one process, and a set takes 0.2 KB.
        self._processes: dict[int, tuple[str, ...]] = {}

    def open(self, user_id: int) -> bool:
        """Count a socket here that opened the room; True when it is the user's first one here."""
        sockets = self._sockets[user_id] = self._sockets.get(user_id, 0) + 1
        return sockets == 1

    def close(self, user_id: int) -> bool:
        """Count a socket here that closed the room; True when it was the user's last one here."""
        sockets = self._sockets[user_id] = self._sockets.get(user_id, 0) - 1
        return sockets <= 0

    def has(self, user_id: int, process: str) -> bool:
        """Whether `process` is recorded to have the user in the room."""
        return process in self._processes.get(user_id, ())

    def arrive(self, user_id: int, process: str) -> bool:
        """Record that `process` has the user in the room; True when no other process has them."""
        processes = self._processes.get(user_id, ())
        if process not in processes:
            processes = self._processes[user_id] = (*processes, process)
        return len(processes) == 1

    def depart(self, user_id: int, process: str) -> bool:
        """Record that `process` no longer has the user; True when it was the last one that had them."""
        processes = self._processes.get(user_id, ())
        left = tuple(one for one in processes if one != process)
        if left:
            self._processes[user_id] = left
        else:
            self._processes.pop(user_id, None)
        return bool(processes) and not left

    def keep_processes(self, alive: set[str]) -> list[int]:
        """Drop processes that are not in `alive`; returns the ids of the users who thereby left the room."""
        return [
            user_id
            for user_id, processes in list(self._processes.items())
            for process in set(processes) - alive
            if self.depart(user_id, process)
        ]

    def here(self) -> list[int]:
        """Return the ids of the users with the room open on this process."""
        return [user_id for user_id, sockets in self._sockets.items() if sockets > 0]

    def users(self) -> Iterable[int]:
        """Return the ids of the users with the room open on any process."""
        return self._processes.keys()

    @property
    def announced(self) -> bool:
        """Whether other processes have this one recorded for any user."""
        return any(self._process in processes for processes in self._processes.values())
