"""How large a request may be and how long it may take to arrive, and what is answered beyond."""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

# From the first byte of a request to its last: 2 MiB at 70 KB a second.
REQUEST_SECONDS = 30.0


class Refused(Exception):
    """Raised where a body is read, and answered by the code that handles the request."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def most_bytes() -> int:
    """Longest body that is taken; nginx in front says the same."""
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def refusal(status: int, path: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and body of a 400, 413 or 408: as the API answers, or a sentence."""
    sentence = {
        400: "This port speaks plain HTTP: use http:// or ws://, or the port of the proxy that speaks TLS.",
        408: f"A request has to arrive within {REQUEST_SECONDS:.0f} seconds. Send it again.",
        413: f"A request may have at most {most_bytes()} bytes. Send less.",
    }[status]
    body, kind = f"{sentence}\n", b"text/plain; charset=utf-8"
    if path.startswith("/api/"):
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
    """ASGI: refuses a body by its Content-Length, and one that says none when it has become too large; on any server.

    `serve` does the same before anything comes here (`chat.server.requests`): daphne takes a body whole before it asks.
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
    """0 when the request has no body, None when it does not say how long it is."""
    length: int | None = 0
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            length = int(value) if value.isdigit() and len(value) < 20 else None
    return length
