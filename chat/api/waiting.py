"""Waiting for a room to change, at the cost of one small object: no thread, no connection."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from asgiref.sync import SyncToAsync
from django.conf import settings

from chat.protocol.errors import ChatError, Code
from chat.services.changes import Change, rooms_changed

_waiting: defaultdict[int, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = defaultdict(set)
_by_person: Counter[int] = Counter()


@contextmanager
def waiting_for(room_id: int, user_id: int) -> Generator[asyncio.Event]:
    """An event that is set whenever this process has changed the room.

    Raises:
        ChatError: `rate_limited` when the person waits here as often as they may have sockets.
    """
    most = settings.CHAT_SOCKETS_PER_USER
    if most and _by_person[user_id] >= most:
        raise ChatError(Code.RATE_LIMITED, "You are waiting in too many places at once.", retry_after=1)
    waiter = (asyncio.get_running_loop(), asyncio.Event())
    _by_person[user_id] += 1
    _waiting[room_id].add(waiter)
    try:
        yield waiter[1]
    finally:
        _waiting[room_id].discard(waiter)
        if not _waiting[room_id]:
            del _waiting[room_id]
        _by_person[user_id] -= 1
        if not _by_person[user_id]:
            del _by_person[user_id]


def _wake(changes: list[Change], **_: Any) -> None:
    """Called after a commit, in the thread that committed."""
    for room_id in {change.room_id for change in changes}:
        for loop, changed in list(_waiting.get(room_id, ())):
            if not loop.is_closed():
                loop.call_soon_threadsafe(changed.set)


rooms_changed.connect(_wake)


def release_thread() -> None:
    """Let go of the thread that Django keeps for the synchronous middleware of this request.

    It would be idle until the answer; a thousand waiting bots would be a thousand threads. asgiref starts
    another when the middleware has something to do again.
    """
    context = SyncToAsync.thread_sensitive_context.get(None)
    executor = SyncToAsync.context_to_thread_executor.pop(context, None) if context else None
    if executor:
        executor.shutdown(wait=False)
