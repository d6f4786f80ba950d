"""Decompresses responses in pieces of limited size: 19 KB of gzip may hold 20 MB."""

import zlib
from collections.abc import Iterator

# Maximum bytes of one piece.
PIECE_BYTES = 64 * 1024
# Both framings, gzip and zlib, are recognised by their first bytes.
_AUTOMATIC = 32 + zlib.MAX_WBITS


class UnknownEncoding(ValueError):
    """Raised for an unsupported Content-Encoding."""


class Unpacker:
    """Decompresses one response, in the order in which its bytes arrive."""

    def __init__(self, encoding: str) -> None:
        """`encoding`: a Content-Encoding, or "".

        Raises:
            UnknownEncoding: it is not identity, gzip or deflate.
        """
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise UnknownEncoding
        self._unpack = None if name in ("", "identity") else zlib.decompressobj(_AUTOMATIC)

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Decompress `data`, at most PIECE_BYTES at a time: a caller that has enough stops iterating.

        Raises:
            zlib.error: the data is damaged.
        """
        if self._unpack is None:
            yield data
            return
        while not self._unpack.eof:
            piece = self._unpack.decompress(data, PIECE_BYTES)
            if piece:
                yield piece
            data = self._unpack.unconsumed_tail
            # After a full piece the decompressor may hold more output, even without any input left.
            if not data and len(piece) < PIECE_BYTES:
                return
