"""Waiting for a room to change over HTTP, at the cost of one future: no thread, no connection, no query of its own."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from asgiref.sync import SyncToAsync
from django.conf import settings

from chat.protocol.errors import ChatError, Code

_waiting: Counter[int] = Counter()


@contextmanager
def waiting(user_id: int) -> Generator[None]:
    """Count a waiting request.

    Raises:
        ChatError: `rate_limited` when the user has as many waiting requests as they may have sockets.
    """
    most = settings.CHAT_SOCKETS_PER_USER
    if most and _waiting[user_id] >= most:
        raise ChatError(Code.RATE_LIMITED, "You are waiting in too many places at once.", retry_after=1)
    _waiting[user_id] += 1
    try:
        yield
    finally:
        _waiting[user_id] -= 1
        if not _waiting[user_id]:
            del _waiting[user_id]


def release_thread() -> None:
    """Release the thread that Django keeps for the synchronous middleware of this request.

    It would be idle until the response: a thousand waiting bots would hold a thousand threads. asgiref starts
    another one when the middleware runs again.
    """
    context = SyncToAsync.thread_sensitive_context.get(None)
    executor = SyncToAsync.context_to_thread_executor.pop(context, None) if context else None
    if executor:
        executor.shutdown(wait=False)
