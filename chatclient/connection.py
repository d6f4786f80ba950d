"""One socket to the server: opened with clear errors, read and written frame by frame, closed with its close code."""

import logging
import os
import socket
import ssl as ssl_module
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
)
from websockets.typing import Subprotocol

from chatclient.address import Address
from chatclient.errors import HandshakeRefused, InvalidAddress, NotAChatServer, ServerUnreachable, SignInFailed
from chatclient.frames import encode
from chatclient.loopback import is_loopback
from chatclient.timing import Timing

# Silence the library's own log: it adds nothing to the exceptions, and at DEBUG it contains the token.
_log = logging.getLogger("chatclient.socket")
_log.setLevel(logging.WARNING)
_log.addHandler(logging.NullHandler())

# Large enough for a page of a hundred messages of ten thousand characters; limits a hostile server.
_FRAME_BYTES = 16 << 20


class Connection:
    """An open socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    @property
    def close_code(self) -> int | None:
        """The close code, or None while the connection is open."""
        return self._socket.close_code

    @property
    def close_reason(self) -> str:
        """The close reason, or ""."""
        return self._socket.close_reason or ""

    async def send(self, command: Mapping[str, Any]) -> None:
        """Send a command. On a closing connection this does nothing: `receive` will return None."""
        with suppress(ConnectionClosed):
            await self._socket.send(encode(command))

    async def receive(self) -> str | bytes | None:
        """The next frame, or None when the connection has ended; `close_code` has the code."""
        try:
            return await self._socket.recv()
        except ConnectionClosed:
            return None

    async def close(self) -> None:
        """Close the connection."""
        await self._socket.close()

    def abort(self) -> None:
        """Drop a connection that does not respond."""
        self._socket.transport.abort()


async def open_connection(
    address: Address,
    *,
    token: str | None,
    timing: Timing,
    ssl: ssl_module.SSLContext | None = None,
    batch: bool = True,
) -> Connection:
    """Open a socket.

    Raises:
        ServerUnreachable: If the server does not answer in time.
        HandshakeRefused: If the answer is an HTTP status.
        NotAChatServer: If the answer is not HTTP.
    """
    headers = {}
    if token is not None:
        if not token.isascii() or not token.isprintable() or " " in token or not token:
            raise SignInFailed("The token holds characters that no token has.")
        headers["Authorization"] = f"Bearer {token}"
    host = address.host
    try:
        opened = await connect(
            address.socket_url,
            additional_headers=headers,
            user_agent_header="backchannel-client",
            subprotocols=[Subprotocol("chat.v1.batch"), Subprotocol("chat.v1")] if batch else [Subprotocol("chat.v1")],
            open_timeout=timing.open,
            close_timeout=timing.close,
            ping_interval=None,  # the session sends the command `ping`, which checks the whole path
            max_size=_FRAME_BYTES,
            logger=_log,
            ssl=(ssl or True) if address.secure else None,
            # A proxy from the environment cannot reach servers on this machine.
            proxy=None if is_loopback(host) else True,
        )
    except InvalidStatus as exc:
        status = exc.response.status_code
        raise HandshakeRefused(_refused(host, status), status=status) from None
    except TimeoutError:
        raise ServerUnreachable(f"{host} did not answer within {timing.open:g} s.") from None
    except ssl_module.SSLError as exc:
        raise ServerUnreachable(insecure(host, exc.reason or str(exc))) from None
    except (InvalidURI, UnicodeError):
        raise InvalidAddress(f"{host} is not an address.") from None
    except InvalidMessage as exc:
        if isinstance(exc.__cause__, EOFError | ConnectionError):
            raise ServerUnreachable(f"{host} closed the connection without an answer.") from None
        raise NotAChatServer(f"{host} does not speak HTTP.") from None
    except (InvalidHandshake, InvalidProxy) as exc:
        raise NotAChatServer(f"{host} did not open a socket: {exc}.") from None
    except OSError as exc:
        raise ServerUnreachable(f"No server is listening at {host}: {_reason(exc)}.") from None
    except (ConnectionClosed, EOFError):
        raise ServerUnreachable(f"{host} closed the connection without an answer.") from None
    return Connection(opened)


def insecure(host: str, reason: str) -> str:
    """Why TLS failed. Plain HTTP answers with text, which OpenSSL reports as a wrong version."""
    if "WRONG_VERSION_NUMBER" in reason or "RECORD_LAYER_FAILURE" in reason:
        return f"{host} speaks plain HTTP at this port: use http:// or ws://."
    return f"No secure connection to {host}: {reason}."


def _reason(error: OSError) -> str:
    """The system's error text: asyncio's own repeats the host for each address that it tried."""
    if isinstance(error, socket.gaierror):
        return "there is no such host"
    return os.strerror(error.errno).lower() if error.errno else "connection refused"


def _refused(host: str, status: int) -> str:
    advice = {
        401: "it does not know who is asking: give a token",
        403: "it does not let you in, or has no chat at this address",
        404: "it has no chat at this address",
        429: "too many connections from here: wait a moment",
        502: "the server behind the proxy is away",
        503: "the server is not available now",
    }.get(status, "it did not open a socket")
    return f"{host} answered with HTTP {status}: {advice}."
