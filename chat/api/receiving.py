"""Bodies of uploads as they arrive: Django's request without its body, and the body in pieces."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict

from chat.protocol.errors import ChatError, Code

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

# Seconds without a byte: the client is gone, or its network has changed.
IDLE_SECONDS = 30.0
# The rest of a refused body is read and dropped, so that the client reads the response instead of a reset.
DROPPED_BYTES = 64 * 1024 * 1024
DROP_SECONDS = 15.0


class Stalled(ChatError):
    """Raised when nothing arrives any more; answered with 408, after which clients try again."""

    def __init__(self) -> None:
        super().__init__(Code.INVALID, "Nothing arrived for a while. Send it again.")


class Disconnected(Exception):
    """Raised when the client is gone before its body has arrived."""


class Body:
    """The body of one request."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.ended = False

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body in pieces, as they arrive.

        Raises:
            Disconnected: the client is gone.
            Stalled: nothing arrived for IDLE_SECONDS.
        """
        while not self.ended:
            try:
                async with asyncio.timeout(IDLE_SECONDS):
                    message = await self._receive()
            except TimeoutError:
                self.ended = True
                raise Stalled from None
            if message["type"] != "http.request":
                self.ended = True
                raise Disconnected
            self.ended = not message.get("more_body", False)
            if piece := message.get("body", b""):
                yield piece

    async def drop(self) -> None:
        """Read and drop the rest, within limits."""
        dropped = 0
        try:
            async with asyncio.timeout(DROP_SECONDS):
                async for piece in self.pieces():
                    dropped += len(piece)
                    if dropped > DROPPED_BYTES:
                        return
        except (Disconnected, ChatError, TimeoutError):
            return


def request_of(scope: Scope) -> ASGIRequest:
    """Django's request for this scope; only `Body` reads its body."""
    request = ASGIRequest(scope, io.BytesIO())
    # The CSRF check looks in the form first.
    request._post, request._files = QueryDict(), MultiValueDict()  # type: ignore[attr-defined]
    if settings.CSRF_USE_SESSIONS:
        # The CSRF check needs the session; the project's middleware has not seen this request.
        engine = import_module(settings.SESSION_ENGINE)
        request.session = engine.SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    return request


async def answer(response: HttpResponse, send: Send, *, head: bool = False) -> None:
    """Send Django's response."""
    content = b"" if head else response.content
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.items()]
    if response.status_code != 204:
        headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": content})
