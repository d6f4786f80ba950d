"""One person at one device, as `bench.people` plays them."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bench.client import Socket

_TEXT = re.compile(r"#(\d+)#")


@dataclass(slots=True)
class Person:
    """One person at one device. Room -> the last place that arrived: nothing is edited, so it is the `rev`, too."""

    number: int
    last: dict[str, int]
    socket: Socket | None = None
    since: float = 0.0
    # `since`: when the connection began. `resuming`: room -> the messages that arrived before its `resumed`.
    resuming: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    waiting: bool = True
    # Room -> the `rev` of its `resumed`, until a later event arrives.
    resumed: dict[str, int] = field(default_factory=dict)
    # Message -> its frame, until it is acknowledged.
    pending: dict[int, bytes] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)


def place_of(event: Mapping[str, Any]) -> tuple[int, int]:
    """The place of a message, and its number in the day."""
    found = _TEXT.match(event["message"])
    return event["seq"], int(found.group(1)) if found else -1


def say(person: Person, command: Mapping[str, Any]) -> None:
    """Send a command."""
    send(person, json.dumps(command).encode())


def send(person: Person, payload: bytes) -> None:
    """Send an encoded command, unless the person is away."""
    if person.socket:
        # The reader counts a socket that the server closed, and sends pending messages again on the next one.
        with suppress(ConnectionError):
            person.socket.say(payload)
