"""What writes a line, or is sent to others, is paid for from its sender's budget, in whatever way it comes."""

import time

from accounts.models import User
from chat.live.hub import Hub
from chat.protocol.errors import ChatError, Code


def pay_for_joining(hub: Hub, user: User) -> None:
    """Count a membership that is about to begin, beside what is sent: a newcomer who looks into many rooms can speak
    in them. Raises as `pay` does."""
    if wait := hub.signal_limit.take(user.pk, time.monotonic()):
        raise ChatError(Code.RATE_LIMITED, "You are joining rooms too fast.", retry_after=wait)


def pay_for_room(hub: Hub, user: User) -> None:
    """Count a room that is about to be made; raises as `pay` does."""
    if wait := hub.room_limit.take(user.pk, time.monotonic()):
        raise ChatError(Code.RATE_LIMITED, "You have made many rooms. Give it time.", retry_after=wait)


def pay(hub: Hub, user: User) -> None:
    """Count one thing sent; callable from a database thread, whose clock is the loop's.

    Raises:
        ChatError: `rate_limited` for one too many.
    """
    if wait := hub.send_limit.take(user.pk, time.monotonic()):
        raise ChatError(Code.RATE_LIMITED, "You are sending too fast.", retry_after=wait)
