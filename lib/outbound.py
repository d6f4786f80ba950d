"""Requests to addresses that others name: push services, later link previews and webhooks.

Each connection is made to an address that was resolved and judged for it, so that a name which points elsewhere a
moment later gains nothing. Redirects are answers like others. Proxies from the environment are not used, time and size
of an answer are limited, and nothing of it is decoded.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import certifi
import httpcore
from httpcore import AnyIOBackend, AsyncConnectionPool, AsyncNetworkBackend, AsyncNetworkStream, NetworkError

from lib.address_guard import Guard

IDLE_SECONDS = 60.0


class Failed(Exception):
    """Raised when there is no whole answer: no connection, too slow, too large. The text is a word for a metric."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `headers` with lower-case names, `body` cut at the limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Backend(AsyncNetworkBackend):
    """Resolves by itself, and connects to what it has judged."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._sockets = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to the first address that answers."""
        problem: Exception = httpcore.ConnectError("no address")
        for address in self._guard.judge(host, await _resolve(host, port)):
            try:
                return await self._sockets.connect_tcp(address, port, timeout, local_address, socket_options)
            except (NetworkError, httpcore.TimeoutException) as error:
                problem = error
        raise problem


async def _resolve(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError("no such host") from error
    return list(dict.fromkeys(str(address[4][0]) for address in found))


class Outbound:
    """A client with its pool of connections, for one event loop."""

    def __init__(self, guard: Guard, *, seconds: float, max_bytes: int, connections: int) -> None:
        """`seconds`: for a whole request, from resolving to the last byte. `max_bytes`: of an answer's body."""
        self._guard = guard
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._pool = AsyncConnectionPool(
            ssl_context=_trust(),
            max_connections=connections,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=_Backend(guard),
        )

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> Answer:
        """Send one request.

        Raises:
            Refused: nothing was sent.
            Failed: there was no whole answer; the request may have been received.
        """
        self._guard.check(url)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._request(method, url, headers or {}, content)
        except TimeoutError:
            raise Failed("timeout") from None
        except httpcore.TimeoutException:
            raise Failed("timeout") from None
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol):
            raise Failed("protocol") from None
        except (NetworkError, OSError):
            raise Failed("network") from None

    async def _request(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Answer:
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        sent.append((b"Host", urlsplit(url).netloc.encode()))
        if content or method in ("POST", "PUT", "PATCH"):
            sent.append((b"Content-Length", str(len(content)).encode()))
        async with self._pool.stream(method, url, headers=sent, content=content or None) as response:
            body, size = [], 0
            async for piece in response.aiter_stream():
                size += len(piece)
                if size > self._max_bytes:
                    # The connection is closed with the rest unread.
                    raise Failed("too_large")
                body.append(piece)
            names = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return Answer(response.status, names, b"".join(body))

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


@cache
def _trust() -> ssl.SSLContext:
    """The authorities of the system and of SSL_CERT_FILE, and Mozilla's for systems without any."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
