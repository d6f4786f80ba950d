"""Endpoints of a room answer for each of its addresses as for its slug."""

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
    """Let each endpoint with `{room}` be asked again with the slug of the room, when there is no room with this slug.

    An address is never a slug, so nothing was done the first time. No redirect: many clients do not repeat the body.
    Whether the caller may see the room is checked by the endpoint, and a hidden one is answered as a missing one.
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
