"""Messages that were accepted and are not acknowledged yet.

Only the first message of each room is in flight: if the next one were sent too, and the first one were refused by a
rate limit, their order would change. Rooms do not wait for each other.
"""

from collections import deque
from dataclasses import dataclass

from chatclient.errors import Conflict, OutboxFull
from chatclient.frames import JSONObject
from chatclient.outbox_file import OutboxFile


@dataclass(slots=True)
class Outgoing:
    """A message to send: the command, each time with the same `client_id`."""

    command: JSONObject
    on_wire_since: float | None = None

    @property
    def client_id(self) -> str:
        """The id that makes sending it again safe."""
        return str(self.command["client_id"])

    @property
    def lane(self) -> str:
        """The room or person it goes to: messages of one lane keep their order."""
        return f"@{self.command['to']}" if "to" in self.command else str(self.command["room"])


class Outbox:
    """A bounded queue for each room, kept in a file if there is one."""

    def __init__(self, *, size: int, file: OutboxFile | None = None) -> None:
        self.size = size
        self._file = file
        self._entries: dict[str, Outgoing] = {}
        self._lanes: dict[str, deque[Outgoing]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, client_id: object) -> bool:
        return client_id in self._entries

    @property
    def full(self) -> bool:
        """Whether it holds `size` messages."""
        return len(self._entries) >= self.size

    def open(self) -> None:
        """Load what an earlier process left in the file."""
        if self._file:
            for command in self._file.open():
                self._queue(Outgoing(command))

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def add(self, command: JSONObject) -> Outgoing:
        """Accept a message. The same message with the same `client_id` is accepted once.

        Raises:
            Conflict: If another message waits under this `client_id`.
            OutboxFull: If there is no space.
            OutboxFileError: If it cannot be written to the file.
        """
        known = self._entries.get(str(command["client_id"]))
        if known is not None:
            if known.command != command:
                raise Conflict("Another message waits under this client_id.")
            return known
        if self.full:
            raise OutboxFull(f"{len(self)} messages wait to be acknowledged, and the outbox holds no more.")
        if self._file:
            self._file.add(command)
        return self._queue(Outgoing(command))

    def sendable(self) -> list[Outgoing]:
        """The first message of every room, unless it is in flight already."""
        return [lane[0] for lane in self._lanes.values() if lane[0].on_wire_since is None]

    def on_wire(self) -> list[Outgoing]:
        """The messages in flight."""
        return [lane[0] for lane in self._lanes.values() if lane[0].on_wire_since is not None]

    def take_back(self, client_id: str) -> None:
        """Send a message again that was refused temporarily."""
        self._entries[client_id].on_wire_since = None

    def take_all_back(self) -> None:
        """The connection is lost: send again whatever is not acknowledged."""
        for lane in self._lanes.values():
            lane[0].on_wire_since = None

    def settle(self, client_id: str) -> None:
        """Remove a message that was acknowledged or refused permanently."""
        entry = self._entries.pop(client_id)
        lane = self._lanes[entry.lane]
        lane.remove(entry)
        if not lane:
            del self._lanes[entry.lane]
        if self._file:
            self._file.settle(client_id)

    def _queue(self, entry: Outgoing) -> Outgoing:
        self._entries[entry.client_id] = entry
        self._lanes.setdefault(entry.lane, deque()).append(entry)
        return entry
