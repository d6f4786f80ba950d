"""The panes beside the conversation, as separate pages for browsers without scripts.

The page of a room has one pane with one occupant at a time, at an address of its own (`/rooms/garden/?files`); this
module serves the same address with `plain=1`. `chat/static/chat/js/panes.js` has the list of the page with scripts.
"""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from chat.access import Access

Occupant = Callable[[HttpRequest, Access], HttpResponse]
# By the query parameter that names them.
OCCUPANTS: dict[str, Occupant] = {}


def occupant(request: HttpRequest) -> Occupant | None:
    """Return the page of the occupant that the URL names, if any."""
    return next((OCCUPANTS[name] for name in request.GET if name in OCCUPANTS), None)


def plain_query(request: HttpRequest) -> str:
    """Return the query that shows the same page without scripts."""
    named = [(name, request.GET[name]) for name in request.GET if name in OCCUPANTS]
    return urlencode([("plain", "1"), *named])
