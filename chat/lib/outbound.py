"""Reads pages at addresses that others supply: the links in messages.

Each connection goes to an address that was resolved and checked for it, so a name that resolves differently a moment
later gains nothing. Redirects are returned, not followed. The client ignores proxies from the environment, keeps no
cookies, and limits the time and size of a response; only `read` decompresses it, and counts the output.
"""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache

import aiohttp
import certifi
from yarl import URL

from chat.lib.address_guard import Guard, Refused
from chat.lib.outbound_names import JudgingResolver
from chat.lib.unpacking import UnknownEncoding, Unpacker

IDLE_SECONDS = 60.0
# Headers that are sent only if the caller passes them.
_NOT_BY_ITSELF = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class Failed(Exception):
    """Raised without a complete response: no connection, too slow, too large. The text is a label for a metric."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; `headers` has lower-case names. `whole`: the body was read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True


class Outbound:
    """A client that reuses its connections; create and use it on one event loop."""

    def __init__(self, guard: Guard, *, seconds: float, connections: int) -> None:
        """`seconds`: the limit of a whole request, from resolving to the last byte."""
        self._guard = guard
        self._seconds = seconds
        self._connections = connections
        self._resolver = JudgingResolver(guard)
        self._session: aiohttp.ClientSession | None = None

    async def read(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        max_bytes: int,
        wanted: Callable[[int, Mapping[str, str]], bool],
        enough: Callable[[bytearray, int], bool] = lambda _body, _new: False,
    ) -> Answer:
        """GET the page, and decompress at most `max_bytes` of its body.

        `wanted` decides by status and headers whether the body is read, `enough` when reading stops: it gets the body
        so far, and the number of bytes that are new.

        Raises:
            Refused: nothing was sent.
            Failed: there was no response.
        """
        async with self._asking(url, headers) as response:
            names, body = _names(response), bytearray()
            if not wanted(response.status, names):
                response.close()
                return Answer(response.status, names, b"", whole=False)
            unpacker = Unpacker(names.get("content-encoding", ""))
            received = 0
            async for data in response.content.iter_any():
                received += len(data)
                for piece in unpacker.pieces(data):
                    body += piece
                    if len(body) > max_bytes or received > max_bytes or enough(body, len(piece)):
                        response.close()
                        return Answer(response.status, names, bytes(body[:max_bytes]), whole=False)
            return Answer(response.status, names, bytes(body))

    @asynccontextmanager
    async def _asking(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[aiohttp.ClientResponse]:
        parts = self._guard.check(url)
        try:
            where = URL(url, encoded=True)
        except ValueError:
            raise Refused("is no address") from None
        # A host that is an IP address is not resolved: the client must read the same host that was checked.
        if where.raw_host is None or where.raw_host.lower() != parts.hostname:
            raise Refused("is no address")
        session = await self._opened()
        try:
            async with (
                asyncio.timeout(self._seconds),
                session.get(where, headers=headers, allow_redirects=False) as response,
            ):
                yield response
        except TimeoutError:
            raise Failed("timeout") from None
        except (UnknownEncoding, zlib.error):
            raise Failed("encoding") from None
        except (aiohttp.ClientResponseError, aiohttp.ClientPayloadError):
            raise Failed("protocol") from None
        except (aiohttp.ClientError, OSError):
            raise Failed("network") from None

    async def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            # In a thread: reading the certificate authorities takes 60 to 100 ms of CPU.
            context = await asyncio.to_thread(trust)
            # Another request may have opened the session meanwhile.
            self._session = self._session or self._new_session(context)
        return self._session

    def _new_session(self, context: ssl.SSLContext) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=self._resolver,
                use_dns_cache=False,
                ssl=context,
                limit=self._connections,
                keepalive_timeout=IDLE_SECONDS,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_NOT_BY_ITSELF,
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None),
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()
        # The transports close in the next turn of the loop.
        await asyncio.sleep(0)
        await self._resolver.close()


def _names(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


@cache
def trust() -> ssl.SSLContext:
    """Return a TLS context with the authorities of the system and of SSL_CERT_FILE, and Mozilla's for systems without
    any."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
