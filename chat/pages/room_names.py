"""Serves the pages of a room at each of its addresses: the current one, the slug, and former ones."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse

from chat.live import db
from chat.models import Room
from chat.queries.addresses import slug_at


def named(view: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a view that takes a room's slug: on a 404 for another address of a room, it is called again with the slug.

    The view itself checks whether the reader may see the room, and a hidden room gives the same 404 as a missing one.
    """
    if iscoroutinefunction(view):

        @wraps(view)
        async def waiting(request: HttpRequest, slug: str, **values: Any) -> HttpResponse:
            try:
                found: HttpResponse = await view(request, slug=slug, **values)
            except Http404:
                if not (real := await db.run(slug_at, slug)):
                    raise
                found = await view(request, slug=real, **values)
            return found

        return waiting

    @wraps(view)
    def asked(request: HttpRequest, slug: str, **values: Any) -> HttpResponse:
        try:
            found: HttpResponse = view(request, slug=slug, **values)
        except Http404:
            if not (real := slug_at(slug)):
                raise
            found = view(request, slug=real, **values)
        return found

    return asked


def moved(request: HttpRequest, room: Room) -> HttpResponse | None:
    """Return the redirect from another address of the room to the current one, for a reader who may see the room.
    Browsers keep the fragment. The view must not be cached: the room may take a former address again."""
    match = request.resolver_match
    now = room.address or room.slug
    if match is None or match.kwargs["slug"] == now:
        return None
    # The raw query: the panes of the page are parameters without a value.
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(reverse(f"chat:{match.url_name}", args=[now]) + (f"?{query}" if query else ""))
