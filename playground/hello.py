from playground.consumer import TutorialConsumer


class Hello(TutorialConsumer):
    """Sends a greeting to each client; the socket then stays open."""

    port = 8005

    async def connect(self) -> None:
        """Accept and greet."""
        await self.accept()
        await self.send("Hello World!")
