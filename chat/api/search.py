"""Endpoint of the search."""

from django.http import HttpResponse
from ninja import Query, Router

from chat.api.authentication import AuthedRequest, signed_in
from chat.api.errors import json_response, refusals
from chat.api.schemas.search import SearchQuery
from chat.live import searching
from chat.live.hub import current_hub
from chat.protocol import events
from chat.protocol.errors import Code

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
