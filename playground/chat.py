from playground.consumer import JsonTutorialConsumer, from_json, timestamp, to_json
from playground.presence import Lease


class Chat(JsonTutorialConsumer):
    """One room for everybody, who also hear who comes and goes."""

    port = 8765
    groups = ["playground.chat"]

    async def connect(self) -> None:
        await self.accept()
        self.lease = Lease("chat", self.channel_name, vanished=self.vanished)
        total = await self.lease.take()
        await self.send(system("Connected to server", client_count=total))
        await self.tell_others(system(f"New client joined. Total: {total}"))

    async def disconnect(self, _code: int) -> None:
        await self.left(await self.lease.give_up())

    async def vanished(self, _facts: tuple[str, ...], total: int) -> None:
        await self.left(total)

    async def left(self, total: int) -> None:
        await self.tell_all(system(f"Client left. Total: {total}"))

    async def hear(self, text: str) -> None:
        match from_json(text):
            case {**fields}:
                content, sender = fields.get("content", ""), fields.get("sender", "anonymous")
                if isinstance(content, str) and isinstance(sender, str):
                    await self.tell_all(message(content, sender))
                else:
                    await self.refuse("Invalid message format")
            case _:
                await self.refuse("Invalid message format")


def system(text: str, **more: object) -> str:
    return to_json(type="system", message=text, timestamp=timestamp(), **more)


def message(content: str, sender: str) -> str:
    return to_json(type="message", content=content, sender=sender, timestamp=timestamp())
