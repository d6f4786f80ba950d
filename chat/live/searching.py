"""Runs the searches of sockets and of the API, and charges for them."""

import asyncio
import time
from weakref import WeakValueDictionary

from chat.live import db
from chat.live.hub import Hub
from chat.models import Participant
from chat.protocol import commands, events
from chat.protocol.errors import ChatError, Code
from chat.queries.search import RESULTS, Order, Results, search

# By user id: one search per user at a time. If all of one user's ran at once, no other user would get a thread.
_turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()


async def results(
    user: Participant,
    query: str,
    *,
    limit: int | None,
    after: str | None,
    zone: str,
    public: bool,
    request_id: str | None,
    order: Order = "newest",
) -> events.Search:
    """Search, in the search threads, after the user's other searches on this process.

    Raises:
        ChatError: `invalid`, `unavailable`.
    """
    turn = _turns.setdefault(user.pk, asyncio.Lock())
    async with turn:
        found = await db.search(
            search,
            user=user,
            query=query,
            limit=limit or RESULTS,
            after=after,
            zone=zone,
            public=public,
            order=order,
        )
    return _event(found, request_id)


def pay(hub: Hub, user: Participant) -> None:
    """Take the cost of a search from the user's budget; for a socket, the command itself takes it.

    Raises:
        ChatError: `rate_limited`.
    """
    wait = hub.read_limit.take(user.pk, time.monotonic(), commands.Search.cost.tokens)
    if wait:
        raise ChatError(Code.RATE_LIMITED, "You are searching too often.", retry_after=wait)


def _event(found: Results, request_id: str | None) -> events.Search:
    return events.Search(
        request_id=request_id,
        results=[
            events.SearchResult(message=hit.message, room=hit.message.room, title=hit.title, marks=hit.marks)
            for hit in found.hits
        ],
        next=found.next,
        indexed_until=events.stamp(found.indexed_until) if found.indexed_until else None,
        warnings=found.warnings,
    )
