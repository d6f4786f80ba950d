"""A bus without other processes: what would be sent to them is kept."""

from typing import Any, cast

from chat.live.broker import Broker, Message
from chat.live.cluster import ClusterBus


class Sent(list[tuple[str, Message]]):
    """In the place of a `Broker`: (group, notification) of each that was sent."""

    def send(self, group: str, notification: Message) -> None:
        self.append((group, notification))


def lone_bus(sent: Sent | None = None) -> ClusterBus:
    """The bus of the process `here`."""
    return ClusterBus("here", cast(Broker, Sent() if sent is None else sent))


def from_there(kind: str, **fields: Any) -> Message:
    """A notification of the process `there`."""
    return {"type": kind, "origin": "there", **fields}
