"""The client's credentials: a token, or a username and password that fetch one."""

import ssl as ssl_module

import httpx

from chatclient.address import Address
from chatclient.connection import insecure
from chatclient.errors import InvalidAddress, NotAChatServer, RateLimited, ServerUnreachable, SignInFailed
from chatclient.loopback import is_loopback
from chatclient.timing import Timing


class Credentials:
    """The credentials that the client sends."""

    def __init__(self, *, token: str | None, username: str | None, password: str | None) -> None:
        self._token = token
        self._username = username
        self._password = password
        self._renewable = username is not None

    async def token(self, address: Address, *, timing: Timing, ssl: ssl_module.SSLContext | None = None) -> str | None:
        """The token, fetched if there is none yet."""
        if self._token is None and self._username is not None:
            self._token = await fetch_token(address, self._username, self._password or "", timing=timing, ssl=ssl)
            self._renewable = False
        return self._token

    def accepted(self) -> None:
        """Record that the server accepted the token: when it expires, another one may be fetched."""
        self._renewable = self._username is not None

    def renew(self) -> bool:
        """Drop a token that the server refused. Returns whether to fetch another one: not if this one is new."""
        if not self._renewable:
            return False
        self._token = None
        return True


async def fetch_token(
    address: Address,
    username: str,
    password: str,
    *,
    timing: Timing,
    ssl: ssl_module.SSLContext | None = None,
) -> str:
    """Fetch a token for a username and a password.

    Raises:
        SignInFailed: If the server does not accept them.
        RateLimited: If there were too many attempts; `retry_after` in seconds.
        ServerUnreachable, NotAChatServer: If there is no answer, or it is not from a chat server.
    """
    try:
        async with httpx.AsyncClient(
            timeout=timing.open,
            verify=ssl if ssl is not None else True,
            trust_env=not is_loopback(address.host),  # no proxy for this machine
        ) as http:
            response = await http.post(
                f"{address.http_url}/api/v1/token", json={"username": username, "password": password}
            )
    except httpx.InvalidURL:
        raise InvalidAddress(f"{address.host} is not an address.") from None
    except httpx.TimeoutException:
        raise ServerUnreachable(f"{address.host} did not answer within {timing.open:g} s.") from None
    except httpx.ProtocolError:
        raise NotAChatServer(f"{address.host} does not speak HTTP.") from None
    except httpx.ConnectError as exc:
        text = insecure(address.host, str(exc)) if "SSL" in str(exc) else f"No connection to {address.host}."
        raise ServerUnreachable(text) from None
    except httpx.HTTPError:
        raise ServerUnreachable(f"{address.host} closed the connection without an answer.") from None
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise NotAChatServer(
            f"{address.host} answered the sign-in with HTTP {response.status_code}, and not as a chat server does."
        )
    if response.status_code == httpx.codes.OK and isinstance(body.get("access_token"), str):
        return str(body["access_token"])
    message = body.get("message")
    text = message if isinstance(message, str) else f"HTTP {response.status_code}"
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        wait = body.get("retry_after")
        raise RateLimited(
            f"Too many sign-ins: {text}", retry_after=float(wait) if isinstance(wait, int | float) else None
        )
    if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise ServerUnreachable(f"{address.host} cannot sign anybody in now: {text}")
    raise SignInFailed(f"Not signed in: {text}")
