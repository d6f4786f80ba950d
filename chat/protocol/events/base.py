"""The base of all events, and of those that answer a command."""

from datetime import UTC, datetime
from json.encoder import encode_basestring as _json
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


def stamp(moment: datetime) -> str:
    """A time as it is sent: ISO 8601, UTC, microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class Event(BaseModel):
    """Base of all events."""

    model_config = ConfigDict(frozen=True)

    # Whether fields that are None are left out of the frame instead of sent as null.
    sparse: ClassVar[bool] = False
    # Whether it may be dropped for a slow socket.
    ephemeral: ClassVar[bool] = False

    def encode(self) -> str:
        """The event as JSON text."""
        return self.model_dump_json(exclude_none=self.sparse)


class Reply(Event):
    """An event that answers a command, with its `request_id`."""

    request_id: str | None = None

    def encode(self) -> str:
        """The event as JSON text, without a `request_id` that is None."""
        if self.sparse or self.request_id is not None:
            return self.model_dump_json(exclude_none=self.sparse)
        return self.model_dump_json(exclude={"request_id"})

    @staticmethod
    def asked_with(text: str, request_id: str | None) -> str:
        """A reply that was encoded once for all who asked the same, with the `request_id` of one of them."""
        return text if request_id is None else f'{{"request_id":{_json(request_id)},{text[1:]}'
