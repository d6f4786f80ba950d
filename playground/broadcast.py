from playground.consumer import TutorialConsumer


class Broadcast(TutorialConsumer):
    """Sends every message to all other clients."""

    port = 7890
    groups = ["playground.broadcast"]

    async def on_text(self, text: str) -> None:
        """Send the text to all other clients."""
        await self.send_to_others(f"Someone said: {text}")
