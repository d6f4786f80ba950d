"""Endpoints that list messages of all rooms: the search, and the caller's inbox."""

import time

from django.http import HttpResponse
from ninja import Query, Router

from chat.api.authentication import AuthedRequest, signed_in
from chat.api.errors import json_response, refusals
from chat.api.schemas.search import InboxQuery, SearchQuery
from chat.live import db, searching
from chat.live.hub import current_hub
from chat.protocol import commands, events
from chat.protocol.errors import ChatError, Code
from chat.queries.inbox import inbox

router = Router(tags=["Messages"], auth=signed_in)


@router.get("/search", response={200: events.Search} | refusals(Code.RATE_LIMITED))
async def search_messages(request: AuthedRequest, query: Query[SearchQuery]) -> HttpResponse:
    """Messages in your rooms by words, phrases and filters, the newest first. `marks` are offsets in code points."""
    user = request.auth.user
    searching.pay(current_hub(), user)
    found = await searching.results(
        user,
        query.q,
        limit=query.limit,
        after=query.after,
        zone=query.tz,
        public=query.public,
        order=query.order,
        request_id=None,
    )
    return json_response(found.encode())


@router.get("/inbox", response={200: events.Inbox} | refusals(Code.RATE_LIMITED))
async def list_inbox(request: AuthedRequest, query: Query[InboxQuery]) -> HttpResponse:
    """Messages that name you, or with `kind=reactions` the reactions to your messages, the newest first."""
    user = request.auth.user
    if wait := current_hub().read_limit.take(user.pk, time.monotonic(), commands.Inbox.cost.tokens):
        raise ChatError(Code.RATE_LIMITED, "You are reading too often.", retry_after=wait)
    found = await db.run(inbox, user, kind=query.kind, before=query.before, limit=query.limit)
    return json_response(found.encode())
