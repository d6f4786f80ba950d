"""The base classes of the tutorial servers: text frames in and out; a refused frame does not close the socket."""

import json
import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar, NoReturn

from channels.generic.websocket import AsyncWebsocketConsumer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

MESSAGE_MAX_BYTES = 65_536
NOT_JSON = object()


class TutorialConsumer(AsyncWebsocketConsumer):
    """One client. A server greets it in `connect` and answers its texts in `on_text`."""

    port: ClassVar[int]  # the port that the guides' clients connect to
    path: ClassVar[str] = r""  # pattern of the server's paths, relative to its mount point

    async def on_text(self, text: str) -> None:
        """Called with each accepted text frame."""

    async def refuse(self, why: str) -> None:
        """Answer a frame with the reason for its refusal."""
        await self.send(why)

    async def send_to_all(self, text: str) -> None:
        """Send a text to all clients of the server."""
        await self.publish(self.groups[0], text)

    async def send_to_others(self, text: str) -> None:
        """Send a text to all clients but this one."""
        await self.publish(self.groups[0], text, besides=self.channel_name)

    async def send(self, text: str) -> None:
        """Send a text; ignored when the client has disconnected."""
        # ASGI 2.4: `send` raises OSError when the client has disconnected; `websocket.disconnect` follows.
        with suppress(OSError):
            await super().send(text)

    async def websocket_receive(self, frame: dict[str, Any]) -> None:
        """Check a frame, and call `on_text`."""
        text = frame.get("text")
        if text is None:
            await self.refuse("Text messages only")
        elif len(text.encode()) > MESSAGE_MAX_BYTES:
            await self.refuse("Message too large")
        else:
            try:
                await self.on_text(text)
            except RedisError as error:
                logger.warning("Redis does not answer: %s", error)
                await self.refuse("The server has a problem, try again")

    async def tell(self, event: dict[str, str]) -> None:
        """Called by the channel layer for a message of `publish`: send its text, unless it is this client's own."""
        if event["besides"] != self.channel_name:
            await self.send(event["text"])

    async def publish(self, group: str, text: str, *, besides: str = "") -> None:
        """Send a text to every client of `group` except the one with the channel name `besides`."""
        await self.channel_layer.group_send(group, {"type": "tell", "text": text, "besides": besides})


class JsonTutorialConsumer(TutorialConsumer):
    """One client of a server that speaks JSON, and so refuses in JSON."""

    async def refuse(self, why: str) -> None:
        """Send an `error` with the reason."""
        await self.answer(type="error", message=why)

    async def answer(self, **fields: object) -> None:
        """Send one JSON object."""
        await self.send(to_json(**fields))


def to_json(**fields: object) -> str:
    """Encode an object of `fields`."""
    return json.dumps(fields)


def from_json(text: str) -> object:
    """Decode `text`; NOT_JSON when it is invalid, nested too deeply, or holds too long a number."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return NOT_JSON


def timestamp() -> str:
    """The time in UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat()


def _no_constant(name: str) -> NoReturn:
    # Python's decoder accepts NaN and Infinity, which RFC 8259 does not.
    raise ValueError(f"{name} is not JSON")
