"""Encodes one HTTP/1.1 request and decodes its response (RFC 9112), with h11. No I/O.

It keeps the status and the headers of a response; it counts the body and drops it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import h11

HEAD_MAX_BYTES = 16 * 1024
_FIRST_BYTES = b"HTTP/1."


class BadReply(Exception):
    """Raised for an invalid or incomplete response. The text is a label for a metric: `protocol`, `too_large`, or
    `network` if the connection ended before the first byte."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response; `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str]


class Exchange:
    """A POST request and its response."""

    def __init__(self, max_bytes: int) -> None:
        """`max_bytes`: the limit of the response body."""
        # Once the response is complete: whether its connection may carry another request.
        self.keeps = False
        self._max_bytes = max_bytes
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_MAX_BYTES)
        self._begin = b""
        self._received = self._body = 0
        self._reply: Reply | None = None

    def request(self, target: str, headers: Mapping[str, str], content: bytes) -> bytes:
        """Return the bytes to send; `headers` must contain the host.

        Raises:
            ValueError: a header has more than one line, or the target is invalid.
        """
        try:
            checked = _checked((*headers.items(), ("Content-Length", str(len(content)))))
            head = h11.Request(method="POST", target=target, headers=checked.headers)
        except h11.LocalProtocolError:
            # Not h11's text: it contains the value, which may be a key.
            raise ValueError("a header has more than one line, or the target is none") from None
        sent = [self._http.send(event) for event in (head, h11.Data(data=content), h11.EndOfMessage())]
        return b"".join(piece for piece in sent if piece)

    def feed(self, data: bytes) -> Reply | None:
        """Read these bytes, and return the response if they complete it.

        Raises:
            BadReply: the connection cannot be used any more.
        """
        if len(self._begin) < len(_FIRST_BYTES):
            # Detect another protocol by its first bytes: its server may wait for more bytes from us.
            self._begin += data[: len(_FIRST_BYTES) - len(self._begin)]
            if not _FIRST_BYTES.startswith(self._begin):
                raise BadReply("protocol")
        self._http.receive_data(data)
        reply = self._read()
        # Also limits empty chunks and informational responses, which no other limit counts.
        self._received += len(data)
        if not reply and self._received > 2 * HEAD_MAX_BYTES + self._max_bytes:
            raise BadReply("too_large")
        return reply

    def end(self) -> Reply:
        """Return the response when the connection ends, which may be what completes it.

        Raises:
            BadReply: it is incomplete.
        """
        if not self._begin:
            raise BadReply("network")
        self._http.receive_data(b"")
        if reply := self._read():
            return reply
        raise BadReply("protocol")

    def _read(self) -> Reply | None:
        try:
            while True:
                match self._http.next_event():
                    case h11.Response() as head:
                        self._reply = self._head(head)
                    case h11.Data() as piece:
                        self._body += len(piece.data)
                        if self._body > self._max_bytes:
                            raise BadReply("too_large")
                    case h11.EndOfMessage():
                        # Do not reuse the connection if more bytes follow: they belong to no known request.
                        ended = self._http.their_state is h11.DONE and self._http.trailing_data == (b"", False)
                        self.keeps = self.keeps and ended
                        return self._reply
                    case h11.InformationalResponse():
                        pass
                    case _:
                        return None
        except h11.RemoteProtocolError:
            raise BadReply("protocol") from None

    def _head(self, head: h11.Response) -> Reply:
        headers: dict[str, str] = {}
        for raw_name, raw_value in head.headers:
            name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
            # Headers of the same name are joined by commas (RFC 9110, 5.3).
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        # With both headers, intermediaries may see a different end of the body (RFC 9112, 6.3).
        self.keeps = not {"content-length", "transfer-encoding"} <= headers.keys()
        if head.status_code not in (204, 304) and int(headers.get("content-length", 0)) > self._max_bytes:
            raise BadReply("too_large")
        return Reply(head.status_code, headers)


@lru_cache(64)
def _checked(headers: tuple[tuple[str, str], ...]) -> h11.Request:
    """Return a request with these headers, cached: h11 takes 28 us to check them, and pushes of one message to the
    devices of one push service have the same headers."""
    return h11.Request(method="POST", target="/", headers=list(headers))
