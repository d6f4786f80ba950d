"""ASGI middlewares for sockets: check the origin, and identify the caller."""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from contextvars import Context
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host
from django.utils.http import is_same_domain

from chat.identity import Identity
from chat.identity.credentials import Asked, identify, identify_all, is_anonymous, of_session, relies_on_cookie
from chat.lib import outage
from chat.lib.client_address import of_scope
from chat.lib.db_threads import DatabaseThreads
from chat.lib.foreign import allowed_hosts, cure
from chat.live.group_commit import GroupCommit
from chat.live.handshake import CALLED_AGAIN

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SECRET_PARAMETERS = {"token", "ticket"}
TRY_AGAIN_LATER = 1013
FORBIDDEN = 403
NO_USER = (
    "The chat's sockets have no user. In the ASGI application, wrap their patterns in Channels' middleware: "
    '"websocket": AuthMiddlewareStack(URLRouter(websocket_urlpatterns)), with AuthMiddlewareStack of channels.auth.'
)
# Separate threads: 2,000 people who connect at once do not delay those already connected.
_threads = DatabaseThreads(4, "who-is-asking")
# The scope's key for what one middleware has parsed, until another one takes it.
_PARSED = "backchannel.asked"


class OriginMiddleware:
    """Refuses, with HTTP 403, a socket that another site's page opens with this browser's cookie (RFC 6455, 10.2)."""

    def __init__(self, app: App, *, on_refusal: Callable[[], object] = lambda: None, embedded: bool = False) -> None:
        self.app = app
        self._embedded = embedded
        self._on_refusal = on_refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # This coroutine lives as long as the socket: the parsed headers, 1.2 KB, stay inside `_foreign`.
        if facts := _foreign(scope, embedded=self._embedded):
            self._on_refusal()
            # The log limits the number of lines for this event.
            logger.warning("socket refused", extra=facts)
            await receive()  # websocket.connect
            await send({"type": "websocket.close"})
            return
        await self.app(scope, receive, send)


class IdentityMiddleware:
    """Puts `identity` (None for an anonymous caller) in the scope, and removes secrets from its query string."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # This coroutine lives as long as the socket, with all that it references: keep no second scope or headers.
        try:
            await _introduce(scope)
        except (DatabaseError, InterfaceError) as error:
            outage.report(error)
            await _try_again_later(receive, send)
            return
        await self.app(scope, receive, send)


class Entrance:
    """The outermost layer of each pattern of `chat.routing`, so that a project needs no middleware of the chat.

    It passes the scope on if `IdentityMiddleware` has run. Otherwise the caller is the user of Channels'
    `AuthMiddlewareStack`, and the origin of the page is checked here.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self._checked = OriginMiddleware(self._introduced, embedded=True)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # Not a coroutine itself: that would live as long as the socket.
        if "identity" in scope:
            return self.app(scope, receive, send)
        if "user" not in scope or "session" not in scope:
            raise ImproperlyConfigured(NO_USER)
        # A copy: middlewares of the project share the scope, and may hold something for the socket until the
        # application returns. Without CALLED_AGAIN, the application returns only when the socket ends.
        extensions = {name: one for name, one in (scope.get("extensions") or {}).items() if name != CALLED_AGAIN}
        return self._checked({**scope, "extensions": extensions}, receive, send)

    async def _introduced(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await _introduce(scope, of_project=(scope["user"], scope["session"]))
        except (DatabaseError, InterfaceError) as error:
            outage.report(error)
            await _try_again_later(receive, send)
            return
        await self.app(scope, receive, send)


def origin_allowed(origin: str, *, host: str, embedded: bool = False) -> bool:
    """Whether a page of `origin` may use the cookie: the trusted origins, or, without TLS, this host's own origin.

    `embedded`: this host's own origin also with TLS, as for forms of a project whose settings mark requests as secure.
    """
    origin, host = origin.lower(), host.lower()
    parts = _split(origin)
    if parts is None:
        return False
    scheme, netloc = parts
    for trusted in map(str.lower, settings.CSRF_TRUSTED_ORIGINS):
        if origin == trusted:
            return True
        pattern_scheme, _, pattern = trusted.partition("://")
        if pattern.startswith("*.") and scheme == pattern_scheme and is_same_domain(netloc, pattern[1:]):
            return True
    domain, _ = split_domain_port(host)
    own = {f"https://{host}"} if embedded else set()
    own |= set() if settings.CHAT_HTTPS else {f"http://{host}"}
    return bool(domain) and origin in own and validate_host(domain, allowed_hosts())


def _split(origin: str) -> tuple[str, str] | None:
    """Scheme and host of an Origin (RFC 6454) as browsers write it: nothing before the host, nothing after the port."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    plain = parts.netloc and not {"@", "*"} & set(parts.netloc) and origin == f"{parts.scheme}://{parts.netloc}"
    return (parts.scheme, parts.netloc) if plain else None


class _Parsed(NamedTuple):
    asked: Asked
    query: list[tuple[str, str]]


def _parsed(scope: Scope) -> _Parsed:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    return _Parsed(Asked(headers, parse_cookie(headers.get("cookie", "")), dict(query)), query)


def _foreign(scope: Scope, *, embedded: bool) -> dict[str, object] | None:
    """Return what to log when another site's page uses this browser's cookie; None for all other requests."""
    parsed = scope[_PARSED] = _parsed(scope)
    headers = parsed.asked.headers
    origin, host = headers.get("origin", ""), headers.get("host", "")
    if not relies_on_cookie(**parsed.asked._asdict()) or origin_allowed(origin, host=host, embedded=embedded):
        return None
    return {"address": of_scope(scope), "code": FORBIDDEN, "origin": origin, "reason": cure(origin, host)}


async def _introduce(scope: Scope, *, of_project: tuple[Any, Any] | None = None) -> None:
    parsed, identity = scope.pop(_PARSED, None) or _parsed(scope), None
    credentials = parsed.asked._asdict()
    if of_project and relies_on_cookie(**credentials):
        user, session = of_project
        identity = (
            await _threads.run(of_session, getattr(user, "_wrapped", user), session) if user.is_authenticated else None
        )
    elif not is_anonymous(**credentials):
        identity = await _identified(parsed.asked)
    kept = [(name, value) for name, value in parsed.query if name not in SECRET_PARAMETERS]
    scope["identity"] = identity
    scope["query_string"] = urlencode(kept).encode("ascii")


async def _identified(caller: Asked) -> Identity | None:
    try:
        # In an empty context: the read serves several sockets, and must not log the ids of one.
        return await Context().run(_identifying(asyncio.get_running_loop()).submit, caller)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        # One caller of the batch cannot be identified: identify this one alone, so that it does not fail the others.
        return await _threads.run(identify, **caller._asdict())


async def _identify(callers: Sequence[Asked]) -> Sequence[Identity | None]:
    return await _threads.run(identify_all, callers)


@functools.lru_cache(maxsize=1)
def _identifying(_loop: asyncio.AbstractEventLoop) -> "GroupCommit[Asked, Identity | None]":
    """Identifies simultaneous callers together. One for each loop: a process has one loop, the tests have many."""
    return GroupCommit(_identify)


async def _try_again_later(receive: Receive, send: Send) -> None:
    await receive()  # websocket.connect
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
