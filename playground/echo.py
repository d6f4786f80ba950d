from playground.consumer import TutorialConsumer


class Echo(TutorialConsumer):
    """Sends every message back to its sender."""

    port = 7890

    async def on_text(self, text: str) -> None:
        """Send the text back."""
        await self.send(f"Pong: {text}")
