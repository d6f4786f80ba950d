import re
from decimal import Context, Decimal, Inexact

from playground.consumer import TutorialConsumer
from playground.shared import update

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
# Precision for every digit of the longest message, before and after the point, so that sums are not rounded.
EXACT = Context(prec=200_000, traps=[Inexact])


class Total(TutorialConsumer):
    """Adds up the numbers sent by all clients."""

    port = 8765

    async def on_text(self, text: str) -> None:
        """Add a number, and answer with the sum."""
        if not NUMBER.fullmatch(text.strip()):
            await self.refuse("Invalid number")
            return
        number = Decimal(text.strip())
        # As text: the cache keeps JSON, whose numbers are rounded.
        _, total = await update("total", "0", lambda total: f"{EXACT.normalize(EXACT.add(Decimal(total), number)):f}")
        await self.send(f"Server records total={total}")
