from playground.consumer import NOT_JSON, JsonTutorialConsumer, from_json, to_json


class Guide(JsonTutorialConsumer):
    """Welcomes, sends each message back, and passes it on to all others when it says so."""

    port = 8765
    groups = ["playground.guide"]

    async def connect(self) -> None:
        await self.accept()
        await self.send(to_json(type="welcome", message="Connected to WebSocket server"))

    async def hear(self, text: str) -> None:
        message = from_json(text)
        if message is NOT_JSON:
            await self.refuse("Invalid JSON")
            return
        # As it came: decoding and encoding again could change a number.
        await self.send(f'{{"type": "echo", "data": {text}}}')
        if isinstance(message, dict) and message.get("broadcast"):
            await self.tell_others(text)
