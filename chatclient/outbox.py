"""Messages that were taken on and are not acknowledged yet.

Of the messages for one room only the first is on the wire: were the next one sent along, and the first one refused by
a limit, they would change places. Rooms do not wait for each other.
"""

from collections import deque
from dataclasses import dataclass

from chatclient.errors import Conflict, OutboxFull
from chatclient.frames import JSONObject
from chatclient.outbox_file import Journal


@dataclass(slots=True)
class Outgoing:
    """A message on its way: the command as it is sent, each time with the same `client_id`."""

    command: JSONObject
    on_wire_since: float | None = None

    @property
    def client_id(self) -> str:
        return str(self.command["client_id"])

    @property
    def lane(self) -> str:
        return f"@{self.command['to']}" if "to" in self.command else str(self.command["room"])


class Outbox:
    """A bounded queue for each room, in a file if there is a journal."""

    def __init__(self, *, size: int, journal: Journal | None = None) -> None:
        self.size = size
        self._journal = journal
        self._entries: dict[str, Outgoing] = {}
        self._lanes: dict[str, deque[Outgoing]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, client_id: object) -> bool:
        return client_id in self._entries

    @property
    def full(self) -> bool:
        return len(self._entries) >= self.size

    def open(self) -> None:
        """Take up what an earlier process left in the file."""
        if self._journal:
            for command in self._journal.open():
                self._queue(Outgoing(command))

    def close(self) -> None:
        if self._journal:
            self._journal.close()

    def add(self, command: JSONObject) -> Outgoing:
        """Take a message on. The same message with the same `client_id` is taken on once.

        Raises:
            Conflict: If another message waits under this `client_id`.
            OutboxFull: If there is no place left.
            OutboxFileError: If it cannot be written down.
        """
        known = self._entries.get(str(command["client_id"]))
        if known is not None:
            if known.command != command:
                raise Conflict("Another message waits under this client_id.")
            return known
        if self.full:
            raise OutboxFull(f"{len(self)} messages wait to be acknowledged, and the outbox holds no more.")
        if self._journal:
            self._journal.add(command)
        return self._queue(Outgoing(command))

    def sendable(self) -> list[Outgoing]:
        """The first message of every room, unless it is on the wire already."""
        return [lane[0] for lane in self._lanes.values() if lane[0].on_wire_since is None]

    def on_wire(self) -> list[Outgoing]:
        return [lane[0] for lane in self._lanes.values() if lane[0].on_wire_since is not None]

    def take_back(self, client_id: str) -> None:
        """It was refused for now: it is to be sent again."""
        self._entries[client_id].on_wire_since = None

    def take_all_back(self) -> None:
        """The connection is lost: whatever is not acknowledged is to be sent again."""
        for lane in self._lanes.values():
            lane[0].on_wire_since = None

    def settle(self, client_id: str) -> None:
        """It was acknowledged, or refused for good."""
        entry = self._entries.pop(client_id)
        lane = self._lanes[entry.lane]
        lane.remove(entry)
        if not lane:
            del self._lanes[entry.lane]
        if self._journal:
            self._journal.settle(client_id)

    def _queue(self, entry: Outgoing) -> Outgoing:
        self._entries[entry.client_id] = entry
        self._lanes.setdefault(entry.lane, deque()).append(entry)
        return entry
