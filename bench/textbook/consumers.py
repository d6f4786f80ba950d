"""One group membership per socket, one row per message, one encoding per delivery: as in the tutorials."""

import json
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from bench.textbook.models import Message


class ChatConsumer(AsyncWebsocketConsumer):
    """The consumer of the tutorial."""

    async def connect(self) -> None:
        """Join the group of the room."""
        self.room = self.scope["url_route"]["kwargs"]["room"]
        self.group = f"chat_{self.room}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, _code: int) -> None:
        """Leave the group."""
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str) -> None:
        """Save the message and send it to the group."""
        message = json.loads(text_data)["message"]
        saved = await self.save("somebody", message)
        await self.channel_layer.group_send(
            self.group,
            {
                "type": "chat_message",
                "message": message,
                "username": saved.username,
                "timestamp": saved.timestamp.isoformat(),
            },
        )

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Send a message of the group to the socket."""
        message = {name: event[name] for name in ("message", "username", "timestamp")}
        await self.send(text_data=json.dumps({"type": "message", **message}))

    @database_sync_to_async  # type: ignore[untyped-decorator]
    def save(self, username: str, message: str) -> Message:
        """Insert the row."""
        return Message.objects.create(room=self.room, username=username, content=message)
