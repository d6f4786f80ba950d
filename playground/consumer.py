"""What the servers have in common: text comes in, text goes out, and a refused frame never closes the socket."""

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
    """One client. A server greets it in `connect` and answers it in `hear`."""

    port: ClassVar[int]  # where the guides' clients look for this server
    path: ClassVar[str] = r""  # what of an address is for this server, without what it is mounted under

    async def hear(self, text: str) -> None:
        """Called with each text frame that is not refused."""

    async def refuse(self, why: str) -> None:
        await self.send(why)

    async def tell_all(self, text: str) -> None:
        await self.publish(self.groups[0], text)

    async def tell_others(self, text: str) -> None:
        await self.publish(self.groups[0], text, besides=self.channel_name)

    async def send(self, text: str) -> None:
        # ASGI 2.4: a server raises an OSError when the client has gone; the event that says so is on its way.
        with suppress(OSError):
            await super().send(text)

    async def websocket_receive(self, frame: dict[str, Any]) -> None:
        text = frame.get("text")
        if text is None:
            await self.refuse("Text messages only")
        elif len(text.encode()) > MESSAGE_MAX_BYTES:
            await self.refuse("Message too large")
        else:
            try:
                await self.hear(text)
            except RedisError as error:
                logger.warning("Redis does not answer: %s", error)
                await self.refuse("The server has a problem, try again")

    async def tell(self, event: dict[str, str]) -> None:
        """Called by the channel layer with what any client's `tell_all` or `tell_others` says."""
        if event["besides"] != self.channel_name:
            await self.send(event["text"])

    async def publish(self, group: str, text: str, *, besides: str = "") -> None:
        """Send a text to every client of a group, `besides` the one with this channel name."""
        await self.channel_layer.group_send(group, {"type": "tell", "text": text, "besides": besides})


class JsonTutorialConsumer(TutorialConsumer):
    """One client of a server that speaks JSON, and so refuses in JSON."""

    async def refuse(self, why: str) -> None:
        await self.answer(type="error", message=why)

    async def answer(self, **fields: object) -> None:
        await self.send(to_json(**fields))


def to_json(**fields: object) -> str:
    return json.dumps(fields)


def from_json(text: str) -> object:
    """Returns NOT_JSON when `text` is none, or is nested too deep or has too long a number for this reader."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return NOT_JSON


def timestamp() -> str:
    return datetime.now(UTC).isoformat()


def _no_constant(name: str) -> NoReturn:
    # Python's reader takes NaN and Infinity, which JSON does not have.
    raise ValueError(f"{name} is not JSON")
