from playground.consumer import NOT_JSON, JsonTutorialConsumer, from_json, to_json


class Guide(JsonTutorialConsumer):
    """Sends a welcome, echoes each message, and sends it to all others if it has `broadcast`."""

    port = 8765
    groups = ["playground.guide"]

    async def connect(self) -> None:
        """Accept and send the welcome."""
        await self.accept()
        await self.send(to_json(type="welcome", message="Connected to WebSocket server"))

    async def on_text(self, text: str) -> None:
        """Echo a message, and broadcast it if asked to."""
        message = from_json(text)
        if message is NOT_JSON:
            await self.refuse("Invalid JSON")
            return
        # The original text: decoding and encoding could change a number.
        await self.send(f'{{"type": "echo", "data": {text}}}')
        if isinstance(message, dict) and message.get("broadcast"):
            await self.send_to_others(text)
