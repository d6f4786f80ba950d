"""daphne's HTTP connection with limits that Twisted lacks: on the size and time of a request, and unread responses."""

# Most of Twisted's HTTP has no types.
# mypy: disable-error-code="no-untyped-call"

import asyncio
from typing import Any

from daphne.http_protocol import WebRequest
from twisted.protocols.basic import LineReceiver
from twisted.web.http import RESPONSES, HTTPChannel, Request

from chat.server.arriving import ArrivingRequest
from chat.server.bodies import REQUEST_SECONDS, most_bytes, refusal
from chat.server.handshakes import Handshake, usual_handshake
from chat.server.incoming import LINGER_BYTES, LINGER_SECONDS

# Seconds before a peer that does not read its response is disconnected; 64 KiB and one chunk of a file are unread.
UNREAD_SECONDS = 120.0
# The first byte of a TLS connection (RFC 8446, section 5.1); no HTTP method begins with it.
TLS_HANDSHAKE = b"\x16"


class Channel(HTTPChannel):
    """Refuses a body that is too large by its headers, gives each request REQUEST_SECONDS, and starts the next response
    of a pipeline after the last one was sent: Twisted builds all of them, whether the client reads or not."""

    # A request is being received.
    _began = False
    _greeted = False
    _refused = False
    _dropped = 0
    # The request whose response has not been sent completely.
    _unread: Request | None = None
    _writable: asyncio.Event | None = None
    _abort_timer: Any = None

    transport: Any
    factory: Any
    _networkProducer: Any

    def connectionMade(self) -> None:
        """Twisted's hook: remember the idle timeout, which requests replace."""
        super().connectionMade()
        self._idle_seconds = self.timeOut
        if self.requestFactory is WebRequest:
            self.requestFactory = ArrivingRequest

    # --- Input -------------------------------------------------------------------------------------------

    def dataReceived(self, data: bytes) -> None:
        """Twisted's hook: start the time of a request, and refuse TLS."""
        if self._refused:
            self._dropped += len(data)
            if self._dropped > LINGER_BYTES:
                self.transport.abortConnection()
            return
        if not self._greeted:
            self._greeted = True
            if data[:1] == TLS_HANDSHAKE:
                # Twisted would wait for a line end, and the client would time out after ten seconds.
                self.refuse(400)
                return
            handshake = usual_handshake(data)
            if handshake and not (handshake.offers_deflate and self.factory.server.deflate):
                self._hand_over(handshake)
                return
        if not (self._began or self._handlingRequest):
            # Set once per request: Twisted restarts its timeout with each byte.
            self._began = True
            # Cleared first: Twisted searches all timers of the process for one that should end sooner.
            self.setTimeout(None)
            self.setTimeout(REQUEST_SECONDS)
        LineReceiver.dataReceived(self, data)

    def _hand_over(self, handshake: Handshake) -> None:
        """Hand the connection over to the WebSocket protocol, as daphne does with an upgrade request."""
        self.setTimeout(None)
        protocol = self.factory.server.ws_factory.buildProtocol(None)
        self.transport.protocol = protocol
        protocol.makeConnection(self.transport)
        protocol.begin(handshake)

    def allHeadersReceived(self) -> None:
        """Twisted's hook: refuse a body by its Content-Length."""
        request = self.requests[-1]
        is_upload = isinstance(request, ArrivingRequest) and request.is_upload
        # The application refuses an upload itself, and keeps reading for a while so that the client reads the reason.
        if self.length is not None and self.length > most_bytes() and not is_upload:
            self.refuse(413)
            return
        super().allHeadersReceived()
        if self.length != 0 and is_upload:
            # The application limits the time between two parts of the body.
            self.setTimeout(None)
            request.begin(self._command, self._path, self._version)

    @property
    def target(self) -> bytes:
        """The path and query of the current request."""
        return getattr(self, "_path", b"")

    @property
    def _target(self) -> str:
        return self.target.partition(b"?")[0].decode("latin-1")

    def pause_body(self) -> None:
        """Read no more of the body until `resume_body`."""
        self._networkProducer.pauseProducing()

    def resume_body(self) -> None:
        """Read the body again: the application has emptied the queue far enough."""
        if not self._waitingForTransport and self.transport.connected:
            self._networkProducer.resumeProducing()

    def rawDataReceived(self, data: bytes) -> None:
        """Twisted's hook: limit pipelined requests and chunked bodies."""
        if self._refused:
            return
        super().rawDataReceived(data)
        if self._handlingRequest:
            if sum(map(len, self._dataBuffer)) > self._optimisticEagerReadSize:
                # Twisted keeps reading while the transport is full.
                self._networkProducer.pauseProducing()
        elif self.requests and (content := self.requests[-1].content) and content.tell() > most_bytes():
            # A chunked body declares no length.
            self.refuse(413)

    def allContentReceived(self) -> None:
        """Twisted's hook: restore the idle timeout."""
        self._began = False
        # Twisted would apply the last timeout to the idle time before the next request.
        self.timeOut = self._idle_seconds
        super().allContentReceived()

    def timeoutConnection(self) -> None:
        """Twisted's hook: respond with 408 if the request is incomplete."""
        if self._began and not self._refused:
            self.refuse(408)
        else:
            super().timeoutConnection()

    def refuse(self, status: int) -> None:
        """Respond with `status` and close. Input is dropped for LINGER_SECONDS first: if the connection were closed at
        once, the reset would discard the response at the client."""
        self._refused = True
        self.setTimeout(None)
        headers, body = refusal(status, self._target)
        lines = [
            b"HTTP/1.1 %d %s" % (status, RESPONSES[status]),
            *(b": ".join(header) for header in headers),
            b"",
            body,
        ]
        self.transport.write(b"\r\n".join(lines))
        self._close_for_reading()

    def _close_for_reading(self) -> None:
        self._networkProducer.unregisterProducer()
        self._networkProducer.resumeProducing()
        self.transport.loseWriteConnection()
        self.callLater(LINGER_SECONDS, self.transport.abortConnection)

    # --- Output ------------------------------------------------------------------------------------------

    async def wait_until_writable(self) -> None:
        """Return when the transport is not full."""
        if self._waitingForTransport and self.transport.connected:
            self._writable = self._writable or asyncio.Event()
            await self._writable.wait()

    def pauseProducing(self) -> None:
        """Twisted's hook: disconnect a peer that does not read within UNREAD_SECONDS."""
        super().pauseProducing()
        if self._abort_timer is None:
            self._abort_timer = self.callLater(UNREAD_SECONDS, self.transport.abortConnection)

    def resumeProducing(self) -> None:
        """Twisted's hook: send the next response of a pipeline."""
        super().resumeProducing()
        self._drained()
        if self._unread is not None:
            request, self._unread = self._unread, None
            super().requestDone(request)

    def requestDone(self, request: Request) -> None:
        """Twisted's hook: hold the next response of a pipeline until this one was sent."""
        if isinstance(request, ArrivingRequest) and request.arriving and not request.complete:
            # Answered before its body was complete: the rest could be read as the next request.
            self._refused = True
            self._close_for_reading()
        elif self._waitingForTransport and self.persistent:
            self._unread = request
        else:
            super().requestDone(request)

    def connectionLost(self, reason: Any) -> None:  # type: ignore[override]
        """Twisted's hook: release the waiting tasks."""
        self._drained()
        super().connectionLost(reason)

    def _drained(self) -> None:
        if self._abort_timer is not None and self._abort_timer.active():
            self._abort_timer.cancel()
        self._abort_timer = None
        if self._writable is not None:
            self._writable.set()
            self._writable = None
