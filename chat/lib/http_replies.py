"""Reads the answer to a request of HTTP/1.1 from the bytes of its connection (RFC 9112). No I/O.

Of an answer the status and the headers are kept; its body is counted, and left out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

HEAD_MAX_BYTES = 16 * 1024
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: .*)?", re.DOTALL)
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK = re.compile(rb"[0-9A-Fa-f]{1,15}")
# Answers that have no body, whatever their headers say.
_WITHOUT_BODY = frozenset({204, 304})


class BadReply(Exception):
    """Raised for what is no answer, or no whole one. The text is a word for a metric: `protocol`, `too_large`, or
    `network` when the connection ended before anything came."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `headers` with lower-case names."""

    status: int
    headers: Mapping[str, str]


class ReplyReader:
    """Reads the answer to one request, which is no HEAD and no CONNECT."""

    def __init__(self, max_bytes: int) -> None:
        """`max_bytes`: of the body, with what frames its chunks."""
        # Of the answer, when it is whole: whether its connection may carry another request.
        self.keeps = False
        self._max_bytes = max_bytes
        self._data = b""
        self._reply: Reply | None = None
        self._received = 0
        # Bytes of the body, or of a chunk, that are still to come; None: until the connection ends.
        self._left: int | None = 0
        self._chunked = self._in_trailers = False

    def feed(self, data: bytes) -> Reply | None:
        """The answer, if it ends with these bytes.

        Raises:
            BadReply: the connection cannot be used any more.
        """
        self._data = self._data + data if self._data else data
        if self._reply is None:
            self._read_head()
            data = self._data
        if self._reply is None:
            return None
        self._received += len(data)
        if self._received > self._max_bytes:
            raise BadReply("too_large")
        if not self._body_ended():
            return None
        # More than the answer: whose it is cannot be said.
        self.keeps = self.keeps and not self._data
        return self._reply

    def end(self) -> Reply:
        """The answer that lasts until the connection ends, which it does now.

        Raises:
            BadReply: it is not whole.
        """
        if self._reply and self._left is None:
            return self._reply
        raise BadReply("protocol" if self._reply or self._data else "network")

    def _read_head(self) -> None:
        while self._reply is None:
            # Another protocol is recognised by its first bytes: it may wait for more of ours.
            if self._data[:7] != b"HTTP/1."[: len(self._data)]:
                raise BadReply("protocol")
            head, end, rest = self._data.partition(b"\r\n\r\n")
            if len(head) > HEAD_MAX_BYTES:
                raise BadReply("protocol")
            if not end:
                return
            self._data = rest
            first, *lines = head.split(b"\r\n")
            found = _STATUS.fullmatch(first)
            if not found or found[2] == b"101":
                raise BadReply("protocol")
            # Those below 200 come before the answer (RFC 9110, 15.2).
            if found[2] >= b"200":
                self._reply = Reply(int(found[2]), _headers(lines))
                self._find_end(self._reply, keeps=found[1] == b"1")

    def _find_end(self, reply: Reply, *, keeps: bool) -> None:
        headers = reply.headers
        coding, length = headers.get("transfer-encoding"), headers.get("content-length")
        options = headers.get("connection", "").lower().split(",")
        self.keeps = keeps and "close" not in map(str.strip, options)
        if reply.status in _WITHOUT_BODY:
            return
        if coding is not None:
            if coding.lower() != "chunked":
                raise BadReply("protocol")
            self._chunked = True
            # With both, programs on the way may see another end (RFC 9112, 6.3).
            self.keeps = self.keeps and length is None
        elif length is None:
            self._left = None
            self.keeps = False
        elif not _LENGTH.fullmatch(length):
            raise BadReply("protocol")
        else:
            self._left = int(length)
            if self._left > self._max_bytes:
                raise BadReply("too_large")

    def _body_ended(self) -> bool:
        while self._left_out():
            if not self._chunked:
                return True
            line, end, rest = self._data.partition(b"\r\n")
            if not end:
                return False
            self._data = rest
            if self._in_trailers:
                if not line:
                    return True
                continue
            size = line.partition(b";")[0].strip()
            if not _CHUNK.fullmatch(size):
                raise BadReply("protocol")
            # With the end of the line after it. The last one is of size 0, and has none.
            self._left = int(size, 16) + 2
            if self._left == 2:
                self._left, self._in_trailers = 0, True
        return False

    def _left_out(self) -> bool:
        """Whether all that was still to come of the body, or of the chunk, has come."""
        if self._left is None:
            self._data = b""
            return False
        here = min(self._left, len(self._data))
        self._data = self._data[here:]
        self._left -= here
        return not self._left


def _headers(lines: list[bytes]) -> dict[str, str]:
    """Several of one name are joined by commas (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip():
            raise BadReply("protocol")
        key, text = name.lower().decode("latin-1"), value.strip().decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found
