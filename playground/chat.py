from playground.consumer import JsonTutorialConsumer, from_json, timestamp, to_json
from playground.presence import Lease


class Chat(JsonTutorialConsumer):
    """One room for all clients, with a system message when one joins or leaves."""

    port = 8765
    groups = ["playground.chat"]

    async def connect(self) -> None:
        """Greet the client, and announce it to the others."""
        await self.accept()
        self.lease = Lease("chat", self.channel_name, vanished=self.vanished)
        total = await self.lease.acquire()
        await self.send(system("Connected to server", client_count=total))
        await self.send_to_others(system(f"New client joined. Total: {total}"))

    async def disconnect(self, _code: int) -> None:
        """Announce that the client left."""
        await self.left(await self.lease.release())

    async def vanished(self, _facts: tuple[str, ...], total: int) -> None:
        """Announce a client whose process was killed."""
        await self.left(total)

    async def left(self, total: int) -> None:
        """Send the number of the remaining clients."""
        await self.send_to_all(system(f"Client left. Total: {total}"))

    async def on_text(self, text: str) -> None:
        """Send a message to all clients."""
        match from_json(text):
            case {**fields}:
                content, sender = fields.get("content", ""), fields.get("sender", "anonymous")
                if isinstance(content, str) and isinstance(sender, str):
                    await self.send_to_all(message(content, sender))
                else:
                    await self.refuse("Invalid message format")
            case _:
                await self.refuse("Invalid message format")


def system(text: str, **more: object) -> str:
    """An encoded system message."""
    return to_json(type="system", message=text, timestamp=timestamp(), **more)


def message(content: str, sender: str) -> str:
    """An encoded chat message."""
    return to_json(type="message", content=content, sender=sender, timestamp=timestamp())
