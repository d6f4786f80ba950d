"""A bus without other processes that records what it would send them, and sockets without a client."""

from datetime import datetime
from typing import Any, cast

from chat.identity import Identity
from chat.live.broker import Broker, Message
from chat.live.cluster import ClusterBus
from chat.live.send_queue import SendQueue
from chat.live.socket import Socket
from chat.models import Participant


class Sent(list[tuple[str, Message]]):
    """Stands in for a `Broker`: (group, notification) for each notification sent."""

    def send(self, group: str, notification: Message) -> None:
        self.append((group, notification))


def lone_bus(sent: Sent | None = None) -> ClusterBus:
    """The bus of the process `here`."""
    return ClusterBus("here", cast(Broker, Sent() if sent is None else sent))


def from_there(kind: str, **fields: Any) -> Message:
    """A notification from the process `there`."""
    return {"type": kind, "origin": "there", **fields}


def socket_of(user_id: int = 1, *, access_rev: int = 0, expires_at: datetime | None = None, **facts: Any) -> Socket:
    """A socket of this user without a send queue; `facts` are fields of `Socket`."""
    user = Participant(pk=user_id, access_rev=access_rev)
    return Socket(Identity(user, "token", "key", expires_at), cast(SendQueue, None), lambda _code: None, **facts)
