"""What stands beside the conversation, as pages of their own for browsers without scripts.

The page of a room has one pane with one occupant at a time, at an address of its own (`/rooms/garden/?files`); the same
address with `plain=1` is answered here. `chat/static/chat/js/panes.js` has the list of the page with scripts.
"""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from chat.access import Access

Occupant = Callable[[HttpRequest, Access], HttpResponse]
# By the name in the address.
OCCUPANTS: dict[str, Occupant] = {}


def occupant(request: HttpRequest) -> Occupant | None:
    """The page of the occupant that the address names, if it names one."""
    return next((OCCUPANTS[name] for name in request.GET if name in OCCUPANTS), None)


def plain_query(request: HttpRequest) -> str:
    """The query that shows the same without scripts."""
    named = [(name, request.GET[name]) for name in request.GET if name in OCCUPANTS]
    return urlencode([("plain", "1"), *named])
