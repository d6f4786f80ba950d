"""What writes a line, or is sent to others, is paid for from its sender's budget, in whatever way it comes."""

import time

from accounts.models import User
from chat.live.hub import Hub
from chat.protocol.errors import ChatError, Code


def pay(hub: Hub, user: User) -> None:
    """Count one thing sent; callable from a database thread, whose clock is the loop's.

    Raises:
        ChatError: `rate_limited` for one too many.
    """
    if wait := hub.sends.take(user.pk, time.monotonic()):
        raise ChatError(Code.RATE_LIMITED, "You are sending too fast.", retry_after=wait)
