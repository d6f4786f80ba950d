"""Runs middleware hooks that do not block on the event loop, where the request is.

Under ASGI, Django runs each middleware hook in a thread, because it may use the database. Most hooks only read and
write headers, and their 17 round trips to a thread took half of the CPU time of a small request, see `bin/bench
requests`. MIDDLEWARE keeps Django's own names, which Django's checks look for. A hook that did use the database here
would fail: Django refuses that on an event loop.
"""

from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.deprecation import MiddlewareMixin

from your_project.compression import CompressionMiddleware

# Bytes. Compressing this many takes about as long as a round trip to a thread; more would delay the sockets.
COMPRESSED_AT_ONCE = 8192

_through_threads: Callable[[Any, HttpRequest], Any] = MiddlewareMixin.__acall__


def _never(_request: HttpRequest, _response: Any) -> bool:
    return False


def _saves_session(request: HttpRequest, _response: Any) -> bool:
    return bool(request.session.modified or settings.SESSION_SAVE_EVERY_REQUEST)


def _moves_messages(request: Any, _response: Any) -> bool:
    return bool(request._messages.used or request._messages.added_new)


def _is_long(_request: HttpRequest, response: Any) -> bool:
    return not response.streaming and len(response.content) > COMPRESSED_AT_ONCE


# Middleware whose `process_request` does not block -> whether `process_response` may. Without subclasses.
_WAITS: dict[type, Callable[[HttpRequest, Any], bool]] = {
    SecurityMiddleware: _never,
    CompressionMiddleware: _is_long,
    SessionMiddleware: _saves_session,
    LocaleMiddleware: _never,
    CommonMiddleware: _never,
    CsrfViewMiddleware: _never,
    AuthenticationMiddleware: _never,
    MessageMiddleware: _moves_messages,
    XFrameOptionsMiddleware: _never,
    CSPMiddleware: _never,
}


def stay() -> None:
    """Run these hooks on the event loop of this process from now on."""
    MiddlewareMixin.__acall__ = _call  # type: ignore[method-assign]


async def _call(self: Any, request: HttpRequest) -> Any:
    """As `MiddlewareMixin.__acall__`."""
    waits = _WAITS.get(type(self))
    # With that setting, the CSRF token is read from the database.
    if waits is None or (settings.CSRF_USE_SESSIONS and type(self) is CsrfViewMiddleware):
        return await _through_threads(self, request)
    response = self.process_request(request) if hasattr(self, "process_request") else None
    response = response or await self.get_response(request)
    if hasattr(self, "process_response"):
        if waits(request, response):
            return await sync_to_async(self.process_response, thread_sensitive=True)(request, response)
        response = self.process_response(request, response)
    return response
