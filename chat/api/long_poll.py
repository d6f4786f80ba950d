"""Waiting for a room to change, at the cost of one small object: no thread, no connection, no query of one's own."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from asgiref.sync import SyncToAsync
from django.conf import settings

from chat.live import db
from chat.live.hub import Hub, current_hub
from chat.protocol.errors import ChatError, Code
from chat.queries.rooms import room_heads
from chat.services.publishing import Publication, rooms_changed

# What other processes committed is found by asking the database this often, once for all who wait here.
LOOK_SECONDS = 1.5


@dataclass(eq=False)
class Waiter:
    """Somebody who knows a room up to `rev`. `changed` is set when there may be more, or nothing to wait for."""

    rev: int
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)


_waiting: defaultdict[int, set[Waiter]] = defaultdict(set)
_by_person: Counter[int] = Counter()
_lookouts: WeakKeyDictionary[Hub, "asyncio.Task[Any]"] = WeakKeyDictionary()


@contextmanager
def waiting_for(room_id: int, *, rev: int, user_id: int) -> Generator[Waiter]:
    """Wait for what comes after `rev` of a room.

    Raises:
        ChatError: `rate_limited` when the person waits here as often as they may have sockets.
    """
    most = settings.CHAT_SOCKETS_PER_USER
    if most and _by_person[user_id] >= most:
        raise ChatError(Code.RATE_LIMITED, "You are waiting in too many places at once.", retry_after=1)
    waiter = Waiter(rev)
    _by_person[user_id] += 1
    _waiting[room_id].add(waiter)
    _post_lookout()
    try:
        yield waiter
    finally:
        _waiting[room_id].discard(waiter)
        if not _waiting[room_id]:
            del _waiting[room_id]
        _by_person[user_id] -= 1
        if not _by_person[user_id]:
            del _by_person[user_id]


def _wake(changes: list[Publication], **_: Any) -> None:
    """Called after a commit, in the thread that committed."""
    for room_id in {change.room_id for change in changes}:
        for waiter in list(_waiting.get(room_id, ())):
            if not waiter.loop.is_closed():
                waiter.loop.call_soon_threadsafe(waiter.changed.set)


rooms_changed.connect(_wake)


def _post_lookout() -> None:
    hub = current_hub()
    running = _lookouts.get(hub)
    if running is None or running.done():
        _lookouts[hub] = hub.spawn(_look_out(asyncio.get_running_loop()))


async def _look_out(loop: asyncio.AbstractEventLoop) -> None:
    """Compare the rooms that somebody waits for with the database, until nobody does."""
    try:
        while rooms := [room_id for room_id, waiters in _waiting.items() if any(one.loop is loop for one in waiters)]:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                heads = await db.run(room_heads, rooms)
            except ChatError:
                continue
            for room_id in rooms:
                for waiter in _waiting.get(room_id, ()):
                    if waiter.loop is loop and heads.get(room_id, waiter.rev + 1) > waiter.rev:
                        waiter.changed.set()
    finally:
        # The process stops: whoever still waits is answered.
        for waiters in _waiting.values():
            for waiter in waiters:
                if waiter.loop is loop:
                    waiter.changed.set()


def release_thread() -> None:
    """Let go of the thread that Django keeps for the synchronous middleware of this request.

    It would be idle until the answer; a thousand waiting bots would be a thousand threads. asgiref starts
    another when the middleware has something to do again.
    """
    context = SyncToAsync.thread_sensitive_context.get(None)
    executor = SyncToAsync.context_to_thread_executor.pop(context, None) if context else None
    if executor:
        executor.shutdown(wait=False)
