from playground.consumer import TutorialConsumer


class Echo(TutorialConsumer):
    """Answers every message with itself."""

    port = 7890

    async def hear(self, text: str) -> None:
        await self.send(f"Pong: {text}")
