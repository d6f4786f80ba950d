"""The form that works without scripts: its files are stored as they arrive, and Django reads the rest of the form.

Django would write each file twice before the view sees it, and `serve` would hold the whole form in memory.
"""

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from chat.api.form import Form
from chat.api.parts import kept
from chat.api.receiving import App, Body, Disconnected, Receive, Scope, Send, request_of
from chat.api.uploads import arriving
from chat.identity.credentials import identify
from chat.live import db
from chat.models import Participant
from chat.protocol.errors import ChatError
from chat.server.bodies import FORM_BYTES, is_page_form
from chat.server.form_files import FormFiles
from chat.services.files import file_remove

_REPLACED = {b"content-type", b"content-length", b"transfer-encoding"}


class PageForm:
    """ASGI middleware: passes a form without its files to `app`, and all other requests to `limited`, which bounds
    their bodies. The latter include forms of people who are not signed in."""

    def __init__(self, app: App, *, limited: App) -> None:
        self._app = app
        self._limited = limited

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        user = await _sender(scope)
        if user is None:
            await self._limited(scope, receive, send)
            return
        found, body = FormFiles(), Body(receive)
        try:
            with suppress(Disconnected):
                fields = await _taken(scope, user, body, found)
                await self._app(*_without_files(scope, receive, fields, found), send)
        finally:
            if not found.stay:
                # Files that a message took are not deleted.
                for key in found.ids:
                    await db.on_files(_remove, user, key)


async def _sender(scope: Scope) -> Participant | None:
    """The sender of a form that may have files; None for any other request."""
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    if scope["method"] != "POST" or not is_page_form(path):
        return None
    request = request_of(scope)
    return await db.run(_signed_in, request) if request.content_type == "multipart/form-data" else None


def _signed_in(request: HttpRequest) -> Participant | None:
    identity = identify(headers={}, cookies=request.COOKIES, query={})
    return identity.user if identity else None


async def _taken(scope: Scope, user: Participant, body: Body, found: FormFiles) -> dict[str, list[str]]:
    """Store the files of the form; returns its other fields."""
    fields: dict[str, list[str]] = {}
    try:
        content_type = request_of(scope).headers["Content-Type"]
        most = settings.CHAT_FILES_PER_MESSAGE
        form = Form(content_type, body.pieces(), most=max(most, 1), field_bytes=FORM_BYTES)
        fields = form.fields
        with arriving(user):
            async for name, pieces in form.files():
                if name:
                    file = await kept(user, pieces, lambda name=name: (name, ""))  # type: ignore[misc]
                    found.ids.append(file.key)
    except ChatError as problem:
        found.problem = problem
        # So that the browser reads the response instead of a reset.
        await body.drop()
    return fields


def _without_files(
    scope: Scope, receive: Receive, fields: dict[str, list[str]], found: FormFiles
) -> tuple[Scope, Receive]:
    data = urlencode(fields, doseq=True).encode()
    headers = [header for header in scope["headers"] if header[0].lower() not in _REPLACED]
    headers.append((b"content-type", b"application/x-www-form-urlencoded"))
    headers.append((b"content-length", str(len(data)).encode()))
    message: dict[str, Any] | None = {"type": "http.request", "body": data, "more_body": False}

    async def given() -> dict[str, Any]:
        nonlocal message
        first, message = message, None
        return first or await receive()

    return {**scope, "headers": headers, **found.scope()}, given


def _remove(user: Participant, key: str) -> None:
    with suppress(ChatError):
        file_remove(user=user, key=key)
