"""daphne's HTTP connection, with what Twisted's lacks: bounds for what comes in, and for what nobody reads."""

# Most of Twisted's HTTP has no types.
# mypy: disable-error-code="no-untyped-call"

import asyncio
from typing import Any

from twisted.protocols.basic import LineReceiver
from twisted.web.http import RESPONSES, HTTPChannel, Request

from chat.server.bodies import REQUEST_SECONDS, most_bytes, refusal
from chat.server.incoming import LINGER_BYTES, LINGER_SECONDS

# A peer that has not read the rest of an answer by then is gone: there are 64 KiB of it, and a piece of the file.
UNREAD_SECONDS = 120.0
# The first byte of a TLS connection (RFC 8446, 5.1); no method of HTTP begins with it.
TLS_HANDSHAKE = b"\x16"


class Channel(HTTPChannel):
    """Refuses by the headers what would be too large, gives each request so much time, and begins the next answer
    when the last has gone out: Twisted makes all that are asked for, whether they are read or not."""

    # A request is on its way in.
    _began = False
    _greeted = False
    _refused = False
    _dropped = 0
    # Answered, but not all of it has gone out.
    _unread: Request | None = None
    _writable: asyncio.Event | None = None
    _giving_up: Any = None

    transport: Any
    _networkProducer: Any

    def connectionMade(self) -> None:
        super().connectionMade()
        self._idle_seconds = self.timeOut

    # --- What comes in -----------------------------------------------------------------------------------

    def dataReceived(self, data: bytes) -> None:
        if self._refused:
            self._dropped += len(data)
            if self._dropped > LINGER_BYTES:
                self.transport.abortConnection()
            return
        if not self._greeted:
            self._greeted = True
            if data[:1] == TLS_HANDSHAKE:
                # Twisted would wait for the end of a line, and the client for ten seconds.
                self.refuse(400)
                return
        if not (self._began or self._handlingRequest):
            # Twisted begins anew with each byte that comes.
            self._began = True
            self.setTimeout(REQUEST_SECONDS)
        LineReceiver.dataReceived(self, data)

    def allHeadersReceived(self) -> None:
        if self.length is not None and self.length > most_bytes():
            self.refuse(413)
            return
        super().allHeadersReceived()

    def rawDataReceived(self, data: bytes) -> None:
        if self._refused:
            return
        super().rawDataReceived(data)
        if self._handlingRequest:
            if sum(map(len, self._dataBuffer)) > self._optimisticEagerReadSize:
                # Also while the transport is full, when Twisted reads on.
                self._networkProducer.pauseProducing()
        elif self.requests and (content := self.requests[-1].content) and content.tell() > most_bytes():
            # In chunks, which say nothing of the whole.
            self.refuse(413)

    def allContentReceived(self) -> None:
        self._began = False
        # Twisted gives the next request as much time to begin as was set before.
        self.timeOut = self._idle_seconds
        super().allContentReceived()

    def timeoutConnection(self) -> None:
        if self._began and not self._refused:
            self.refuse(408)
        else:
            super().timeoutConnection()

    def refuse(self, status: int) -> None:
        """Answer, and read no further. What is still on its way is dropped for a moment: closed at once, the peer's
        system would throw the answer away with the connection."""
        self._refused = True
        self.setTimeout(None)
        path = getattr(self, "_path", b"").decode("latin-1")
        headers, body = refusal(status, path)
        lines = [
            b"HTTP/1.1 %d %s" % (status, RESPONSES[status]),
            *(b": ".join(header) for header in headers),
            b"",
            body,
        ]
        self.transport.write(b"\r\n".join(lines))
        self._networkProducer.unregisterProducer()
        self._networkProducer.resumeProducing()
        self.transport.loseWriteConnection()
        self.callLater(LINGER_SECONDS, self.transport.abortConnection)

    # --- What goes out -----------------------------------------------------------------------------------

    async def room(self) -> None:
        """Wait while the transport is full."""
        if self._waitingForTransport and self.transport.connected:
            self._writable = self._writable or asyncio.Event()
            await self._writable.wait()

    def pauseProducing(self) -> None:
        super().pauseProducing()
        if self._giving_up is None:
            self._giving_up = self.callLater(UNREAD_SECONDS, self.transport.abortConnection)

    def resumeProducing(self) -> None:
        super().resumeProducing()
        self._relieve()
        if self._unread is not None:
            request, self._unread = self._unread, None
            super().requestDone(request)

    def requestDone(self, request: Request) -> None:
        if self._waitingForTransport and self.persistent:
            self._unread = request
        else:
            super().requestDone(request)

    def connectionLost(self, reason: Any) -> None:  # type: ignore[override]
        self._relieve()
        super().connectionLost(reason)

    def _relieve(self) -> None:
        if self._giving_up is not None and self._giving_up.active():
            self._giving_up.cancel()
        self._giving_up = None
        if self._writable is not None:
            self._writable.set()
            self._writable = None
