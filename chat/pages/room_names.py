"""Pages of a room at each of its addresses: the one that it has now, its slug, and those of before."""

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
    """The view of a page with a room's slug, asked again with it where it was given another of the room's addresses.

    Whether the reader may see the room is checked by the view, and a hidden one is answered as a missing one.
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
    """The redirect from another of the room's addresses to the one of now, for a reader who may see the room. Browsers
    keep what is behind `#`. The view must not be cached: the room may take an address of before again."""
    match = request.resolver_match
    now = room.address or room.slug
    if match is None or match.kwargs["slug"] == now:
        return None
    # As it was written: the panes of the page have names without a value.
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(reverse(f"chat:{match.url_name}", args=[now]) + (f"?{query}" if query else ""))
