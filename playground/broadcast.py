from playground.consumer import TutorialConsumer


class Broadcast(TutorialConsumer):
    """Passes every message on to all the other clients."""

    port = 7890
    groups = ["playground.broadcast"]

    async def hear(self, text: str) -> None:
        await self.tell_others(f"Someone said: {text}")
