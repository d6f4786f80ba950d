"""Unpacks what a server sends compressed, in pieces of a known size: 19 KB of gzip may hold 20 MB."""

import zlib
from collections.abc import Iterator

# Bytes that one piece has at most.
PIECE_BYTES = 64 * 1024
# Both framings, gzip and zlib, are recognised by their first bytes.
_AUTOMATIC = 32 + zlib.MAX_WBITS


class UnknownEncoding(ValueError):
    """Raised for a Content-Encoding that is not unpacked here."""


class Unpacker:
    """The bytes of one answer, in the order in which they arrive."""

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
        """What `data` holds, at most PIECE_BYTES at a time: a caller that has enough stops asking.

        Raises:
            zlib.error: it is damaged.
        """
        if self._unpack is None:
            yield data
            return
        while not self._unpack.eof:
            piece = self._unpack.decompress(data, PIECE_BYTES)
            if piece:
                yield piece
            data = self._unpack.unconsumed_tail
            # A full piece may leave some in the decompressor, without any input left.
            if not data and len(piece) < PIECE_BYTES:
                return
