"""daphne's WebSocket protocol until a socket is open: the handshake. Little of its data is kept afterwards."""

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, NamedTuple

from autobahn.twisted import websocket as autobahn_twisted
from autobahn.websocket import protocol as autobahn
from autobahn.websocket.types import ConnectionDeny
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.defer import maybeDeferred

from chat.server.handshakes import Handshake
from chat.server.incoming import VERSION

# Attributes used only during the handshake, or only by autobahn's own parser and queue.
_OF_HANDSHAKE = frozenset(
    {
        *("clean_headers", "http_headers", "http_request_data", "http_request_host", "http_request_params"),
        *("http_request_path", "http_request_uri", "http_response_data", "http_status_line", "websocket_extensions"),
        *("websocket_origin", "websocket_protocols", "websocket_version", "_wskey", "_raw_query_string"),
        *("request", "protocol_to_accept", "application_deferred", "server_addr", "root_path", "socket_opened"),
        *("last_ping", "websocket_protocol_in_use", "websocket_extensions_in_use", "utf8validator"),
        *("send_queue", "trafficStats"),
    }
)


def _unformatted(*_: object) -> str:
    return ""


# For each handshake, autobahn colours and formats the values of ten log lines that are never written: 0.04 ms.
for _module in (autobahn, autobahn_twisted):
    for _name in {"hltype", "hlval", "pformat"} & vars(_module).keys():
        setattr(_module, _name, _unformatted)


class _Request(NamedTuple):
    """The part of a request that daphne reads; after the handshake, only for a log that this server does not have."""

    path: str = ""
    headers: Mapping[str, str] = MappingProxyType({})


class _Unobserved:
    """Replaces autobahn's Deferreds for the opening and the end of a socket."""

    def callback(self, result: object) -> None:
        """Ignored: nothing waits for it."""


class HandshakeProtocol(WebSocketProtocol):
    """daphne's protocol with a shortcut for usual handshakes."""

    # The library's buffer, used for the handshake.
    data = b""
    # The libraries' per-socket attributes, here once for all sockets that have not changed them: saves 3 KB per socket.
    is_open = is_closed = _Unobserved()
    request: Any = _Request()
    send_queue: deque[object] = deque(maxlen=0)  # Nothing is queued in it, see `sendData`,
    trafficStats: Any = autobahn.TrafficStats()  # type: ignore[no-untyped-call]  # and nothing reads the counts.
    closedByMe = failedByMe = droppedByMe = wasClean = triggered = inside_message = False
    wasMaxFramePayloadSizeExceeded = wasMaxMessagePayloadSizeExceeded = wasServerConnectionDropTimeout = False
    wasOpenHandshakeTimeout = wasCloseHandshakeTimeout = wasServingFlashSocketPolicyFile = False
    wasNotCleanReason = localCloseCode = localCloseReason = remoteCloseReason = None
    remoteCloseCode: int | None = None
    openHandshakeTimeoutCall: Any = None
    closeHandshakeTimeoutCall = autoPingTimeoutCall = autoPingPendingCall = utf8validator = None
    autoPingPending = autoPingPendingSent = trackedTimings = current_frame = _perMessageCompress = None
    autoPingPendingSeq = send_state = 0

    def __init__(self) -> None:
        """Do not create autobahn's objects for observers: there are none."""

    def connectionMade(self) -> None:
        """Twisted's hook, without autobahn's description of the transport, which nothing reads."""
        with suppress(AttributeError, OSError):  # A unix socket has no such delay.
            self.transport.setTcpNoDelay(True)
        self._connectionMade()

    def _connectionMade(self) -> None:
        """autobahn's hook, without the class' attributes: saves 40 attributes, a validator and a queue per socket."""
        self.state = self.STATE_CONNECTING
        self.factory.countConnections += 1
        self.openHandshakeTimeoutCall = self.factory._batched_timer.call_later(
            self.openHandshakeTimeout, self.onOpenHandshakeTimeout
        )

    def _onOpen(self) -> None:
        self.onOpen()

    def begin(self, handshake: Handshake) -> None:
        """Accept a usual handshake; other ones go through autobahn's `processHandshake`, whose steps this follows."""
        self.websocket_version = int(VERSION)
        self.websocket_extensions: list[Any] = []
        self.websocket_protocols, self._wskey = handshake.protocols, handshake.key
        self._raw_query_string = handshake.query
        decision = maybeDeferred(self.onConnect, _Request(handshake.path, handshake.headers))
        decision.addCallbacks(self.succeedHandshake, self._refuse_handshake)

    def _refuse_handshake(self, failure: Any) -> None:
        if isinstance(failure.value, ConnectionDeny):
            self.failHandshake(failure.value.reason or "", failure.value.code)
        else:
            # daphne has logged it.
            self.failHandshake(f"Internal server error: {failure.value}", ConnectionDeny.INTERNAL_SERVER_ERROR)

    def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:
        """autobahn's hook: correct the status of two refusals."""
        if reason.startswith("HTTP Origin header invalid"):
            # A malformed Origin is refused like a foreign one.
            code = 403
        elif "WebSocket-Version" in reason or "WebSocket version" in reason:
            # RFC 6455, section 4.4.
            code, responseHeaders = 426, [("Sec-WebSocket-Version", VERSION)]
        super().failHandshake(reason, code, responseHeaders)

    def forget_handshake(self) -> None:
        """Drop the handshake's data, and attributes equal to the class': 8 KB that would live as long as the socket."""
        kind = type(self)
        # A new dictionary: the old one would keep its size.
        self.__dict__ = {
            name: value
            for name, value in self.__dict__.items()
            if name not in _OF_HANDSHAKE and getattr(kind, name, self) is not value
        }
