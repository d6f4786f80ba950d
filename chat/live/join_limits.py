"""Charges joins, new rooms and sends to the user's budgets, for sockets and HTTP alike."""

import time

from chat.live.hub import Hub
from chat.models import Participant
from chat.protocol.errors import ChatError, Code


def pay_for_joining(hub: Hub, user: Participant) -> None:
    """Take one token for a new membership. Its budget is separate from that of sends: a newcomer may join many rooms
    and still post. Raises as `pay` does."""
    if wait := hub.signal_limit.take(user.pk, time.monotonic()):
        raise ChatError(Code.RATE_LIMITED, "You are joining rooms too fast.", retry_after=wait)


def pay_for_room(hub: Hub, user: Participant) -> None:
    """Take one token for a new room, or for renaming one; raises as `pay` does."""
    if wait := hub.room_limit.take(user.pk, time.monotonic()):
        raise ChatError(Code.RATE_LIMITED, "You have made many rooms or addresses. Try again later.", retry_after=wait)


def pay(hub: Hub, user: Participant) -> None:
    """Take one token for a send. Callable from a database thread: `time.monotonic` is the loop's clock as well.

    Raises:
        ChatError: `rate_limited` when there is none left.
    """
    if wait := hub.send_limit.take(user.pk, time.monotonic()):
        raise ChatError(Code.RATE_LIMITED, "You are sending too fast.", retry_after=wait)
