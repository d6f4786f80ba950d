from playground.consumer import TutorialConsumer


class Hello(TutorialConsumer):
    """Greets whoever connects; the socket then stays open."""

    port = 8005

    async def connect(self) -> None:
        await self.accept()
        await self.send("Hello World!")
