"""Limits the size of a request and the time it takes to arrive, and answers requests beyond the limits."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

from chat.mount import mount

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

# Seconds from the first byte of a request to its last: enough for 2 MiB at 70 KB/s.
REQUEST_SECONDS = 30.0


class Refused(Exception):
    """Raised when reading a body that is too large or too slow; `BodyLimit` answers it with `status`."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


# Forms with files of pages, below `mount()`: a message without scripts, a photo in the settings, an archive to import.
_PAGE_FORM = re.compile(r"rooms/[^/]+/messages/|settings/picture/|manage/transfers/")
# Size of a form without its files: names, a description, boundaries.
FORM_BYTES = 64 * 1024


def is_upload(path: str) -> bool:
    """Return whether the body of a request to this path is a file that the application receives as it arrives."""
    return path == f"{mount()}api/v1/files" or is_resumable(path)


def is_resumable(path: str) -> bool:
    """Return whether the path is that of an upload in parts (tus)."""
    return path.startswith(f"{mount()}api/v1/uploads/")


def is_page_form(path: str) -> bool:
    """Return whether this path accepts forms whose files the application receives as they arrive."""
    at = mount()
    return path.startswith(at) and _PAGE_FORM.fullmatch(path, len(at)) is not None


def most_bytes() -> int:
    """Return the largest accepted body of other requests, in bytes; deploy/nginx.conf has the same limit."""
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def refusal(status: int, path: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and body of a 400, 408 or 413: a JSON error for the API, a sentence elsewhere."""
    sentence = {
        400: "This port speaks plain HTTP: use http:// or ws://, or the port of the proxy that speaks TLS.",
        408: f"A request has to arrive within {REQUEST_SECONDS:.0f} seconds. Send it again.",
        413: f"A request may have at most {most_bytes()} bytes. Send less.",
    }[status]
    body, kind = f"{sentence}\n", b"text/plain; charset=utf-8"
    if path.startswith(f"{mount()}api/"):
        code = {408: "invalid", 413: "too_large"}[status]
        body, kind = json.dumps({"code": code, "message": sentence}), b"application/json"
    encoded = body.encode()
    return [
        (b"content-type", kind),
        (b"content-length", str(len(encoded)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ], encoded


class BodyLimit:
    """ASGI middleware, for any server: refuses a body by its Content-Length, or a chunked one once it is too large.

    `serve` refuses it earlier (`chat.server.requests`): daphne receives the whole body before it calls the application.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = _length(scope)
        if length == 0:
            await self.app(scope, receive, send)
            return
        body = _Body(receive, send)
        try:
            if length is not None and length > most_bytes():
                raise Refused(413)
            await self.app(scope, body.receive, body.send)
        except Refused as refused:
            if body.answered:
                raise
            headers, text = refusal(refused.status, scope["path"])
            await send({"type": "http.response.start", "status": refused.status, "headers": headers})
            await send({"type": "http.response.body", "body": text})


class _Body:
    """Counts the bytes and the time of one request's body."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._size = 0
        self._whole = False
        self._until = asyncio.get_running_loop().time() + REQUEST_SECONDS
        self.answered = False

    async def receive(self) -> dict[str, Any]:
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise Refused(408) from None
        self._size += len(message.get("body", b""))
        if self._size > most_bytes():
            raise Refused(413)
        self._whole = not message.get("more_body", False)
        return message

    async def send(self, message: dict[str, Any]) -> None:
        self.answered = True
        await self._send(message)


def _length(scope: Scope) -> int | None:
    """Return the length of the body in bytes: 0 when there is none, None when it is not declared."""
    length: int | None = 0
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            length = int(value) if value.isdigit() and len(value) < 20 else None
    return length
