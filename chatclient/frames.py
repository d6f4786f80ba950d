"""From a frame to typed fields: the only place that inspects JSON from the network."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chatclient.errors import NotAChatServer

JSONObject = dict[str, Any]


def encode(command: Mapping[str, Any]) -> str:
    """A command as JSON text."""
    return json.dumps(command, ensure_ascii=False, separators=(",", ":"))


def decode(frame: str | bytes) -> list[JSONObject]:
    """The events of one frame: one object, or with `chat.v1.batch` a list of them.

    Raises:
        NotAChatServer: If it is anything else.
    """
    if isinstance(frame, bytes):
        raise NotAChatServer("The server sent a binary frame; this is not a chat server's socket.")
    try:
        parsed = json.loads(frame)
    except (ValueError, RecursionError):
        raise NotAChatServer(
            "The server sent something that is not JSON; this is not a chat server's socket."
        ) from None
    batch = parsed if isinstance(parsed, list) else [parsed]
    for event in batch:
        if not isinstance(event, dict) or not isinstance(event.get("type"), str):
            raise NotAChatServer("The server sent JSON that is not an event; this is not a chat server's socket.")
    return batch


class Fields:
    """The fields of a JSON object, read with the type that each must have; otherwise NotAChatServer is raised."""

    def __init__(self, data: Any, what: str) -> None:
        if not isinstance(data, dict):
            raise NotAChatServer(f"The server sent a {what} that is not an object.")
        self.data: JSONObject = data
        self._what = what

    def _wrong(self, name: str, wanted: str) -> NotAChatServer:
        got = type(self.data[name]).__name__ if name in self.data else "nothing"
        return NotAChatServer(f"The server sent a {self._what} whose {name!r} is not {wanted} (but {got}).")

    def text(self, name: str, default: str | None = None) -> str:
        """A text."""
        value = self.data.get(name, default)
        if not isinstance(value, str):
            raise self._wrong(name, "text")
        return value

    def optional_text(self, name: str) -> str | None:
        """A text, or None."""
        return None if self.data.get(name) is None else self.text(name)

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number, not negative."""
        value = self.data.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._wrong(name, "a whole number")
        return value

    def optional_number(self, name: str) -> int | None:
        """A whole number, or None."""
        return None if self.data.get(name) is None else self.number(name)

    def seconds(self, name: str) -> float | None:
        """A duration in seconds, or None."""
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < float("inf"):
            raise self._wrong(name, "a number of seconds")
        return float(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean."""
        value = self.data.get(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def moment(self, name: str) -> datetime:
        """A time."""
        try:
            return datetime.fromisoformat(self.text(name))
        except ValueError:
            raise self._wrong(name, "a time") from None

    def optional_moment(self, name: str) -> datetime | None:
        """A time, or None."""
        return None if self.data.get(name) is None else self.moment(name)

    def items(self, name: str) -> list[Any]:
        """A list; empty when it is missing."""
        value = self.data.get(name, [])
        if not isinstance(value, list):
            raise self._wrong(name, "a list")
        return value

    def numbers(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        values = self.items(name)
        if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            raise self._wrong(name, "a list of whole numbers")
        return tuple(values)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self.items(name)
        if not all(isinstance(value, str) for value in values):
            raise self._wrong(name, "a list of texts")
        return tuple(values)

    def mapping(self, name: str) -> JSONObject:
        """An object; empty when it is missing."""
        value = self.data.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._wrong(name, "an object")
        return value
