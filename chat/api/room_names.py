"""Lets the endpoints of a room accept each of its addresses in place of its slug."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat.live import db
from chat.protocol.errors import ChatError, Code
from chat.queries.addresses import slug_at

View = Callable[..., Awaitable[HttpResponse]]


def follow_addresses(router: Router) -> None:
    """Run each endpoint with `{room}` again with the slug of the room, when no room has the requested slug.

    An address is never a slug, so nothing was done the first time. No redirect: many clients do not repeat the body.
    The endpoint checks whether the caller may see the room, and answers for a hidden one as for a missing one.
    """
    for path, view in router.path_operations.items():
        for operation in view.operations if "{room}" in path else ():
            operation.view_func = _following(operation.view_func)


def _following(view: View) -> View:
    @wraps(view)
    async def followed(request: HttpRequest, room: str, **values: Any) -> HttpResponse:
        try:
            return await view(request, room=room, **values)
        except ChatError as error:
            slug = await db.run(slug_at, room) if error.code == Code.NOT_FOUND else None
            if not slug:
                raise
        return await view(request, room=slug, **values)

    return followed
