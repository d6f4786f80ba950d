"""Collections of MongoDB as `mongodump` and `mongoexport` write them."""

import gzip
import struct
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any

import bson
from bson.codec_options import CodecOptions, DatetimeConversion

from chat.importing import clocks
from chat.importing.archives import Archive
from chat.importing.documents import DAMAGE, items, lines
from chat.importing.stream import Notes

# MongoDB's own limit is 16 MB per document.
DOCUMENT_MAX = 48 * 1024 * 1024
# A date outside Python's range must not lose its document.
_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True,
    tzinfo=UTC,
    unicode_decode_error_handler="replace",
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)


def documents(archive: Archive, name: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The documents of a collection, each with its place; times are datetimes in UTC. Empty when there is no file."""
    if name not in archive:
        return
    if name.endswith((".bson", ".bson.gz")):
        yield from _bson(archive, name)
        return
    with archive.open(name) as file:
        is_list = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["
    for row, place in items(archive, name) if is_list else lines(archive, name):
        yield _plain(row), place


def _bson(archive: Archive, name: str) -> Iterator[tuple[dict[str, Any], str]]:
    number = 0
    try:
        with archive.open(name) as raw:
            file: IO[bytes] = gzip.GzipFile(fileobj=raw) if name.endswith(".gz") else raw  # type: ignore[assignment]
            for number, (_, data) in enumerate(_framed(file, name, archive.notes), start=1):
                place = f"{name}: document {number}"
                try:
                    yield bson.decode(data, _OPTIONS), place
                except (bson.errors.BSONError, ValueError, OverflowError, RecursionError) as error:
                    archive.notes.lose("document", f"is damaged: {str(error)[:80]}", place)
    except DAMAGE as error:
        archive.notes.lose("file", f"is damaged in the archive: {error}", f"{name}: document {number}")


def _framed(file: IO[bytes], name: str, notes: Notes) -> Iterator[tuple[int, bytes]]:
    """BSON documents, each with its offset: they follow one another, and begin with their own length."""
    at = 0
    while head := file.read(4):
        size = struct.unpack("<i", head)[0] if len(head) == 4 else 0
        data = head + file.read(size - 4) if 5 <= size <= DOCUMENT_MAX else b""
        if len(data) != size or size < 5:
            notes.lose("file", "is cut off, or no BSON from here on", f"{name}: byte {at}")
            return
        yield at, data
        at += size


def _plain(value: Any, depth: int = 0) -> Any:
    """Extended JSON (`{"$date": …}`) as plain values."""
    if isinstance(value, list) and depth < 50:
        return [_plain(one, depth + 1) for one in value]
    if not isinstance(value, dict) or depth >= 50:
        return value
    if len(value) == 1:
        [(key, inner)] = value.items()
        if key == "$date":
            return _date(inner)
        if key == "$oid":
            return inner
        if key in {"$numberInt", "$numberLong"}:
            return int(inner) if str(inner).lstrip("-").isdigit() else None
        if key == "$numberDouble":
            return None if str(inner) in {"NaN", "Infinity", "-Infinity"} else float(inner)
    return {key: _plain(inner, depth + 1) for key, inner in value.items()}


def _date(value: Any) -> datetime | None:
    if isinstance(value, dict):
        number = str(value.get("$numberLong", ""))
        return clocks.of_millis(int(number)) if number.lstrip("-").isdigit() else None
    return clocks.of_iso(value) if isinstance(value, str) else clocks.of_millis(value)


class Chunks:
    """Files in GridFS: the documents of one collection hold their bytes, in any order.

    The collection is read once for the offsets of the chunks; a chunk is read again with its file.
    """

    def __init__(self, archive: Archive, name: str) -> None:
        self._archive, self._name = archive, name
        self._places: dict[str, list[tuple[int, int]]] | None = None

    def path(self, file_id: str) -> str:
        """A path that the archive opens, or "" when the bytes are not in the dump."""
        if self._places is None:
            self._places = self._found() if self._name.endswith(".bson") and self._name in self._archive else {}
        if not self._places.get(file_id):
            return ""
        path = f"{self._name}/{file_id}"
        self._archive.add(path, lambda: self._read(file_id))
        return path

    def _found(self) -> dict[str, list[tuple[int, int]]]:
        places: dict[str, list[tuple[int, int]]] = {}
        with self._archive.open(self._name) as file:
            for at, data in _framed(file, self._name, self._archive.notes):
                try:
                    row = bson.decode(data, _OPTIONS)
                except bson.errors.BSONError:
                    self._archive.notes.lose("file", "has a damaged part", f"{self._name}: byte {at}")
                    continue
                number = row.get("n")
                places.setdefault(str(row.get("files_id")), []).append((number if isinstance(number, int) else 0, at))
        return places

    def _read(self, file_id: str) -> IO[bytes]:
        whole = tempfile.TemporaryFile()  # noqa: SIM115 -- the reader closes it
        with self._archive.open(self._name) as file:
            for _, at in sorted((self._places or {}).get(file_id, [])):
                file.seek(at)
                for _, data in _framed(file, self._name, self._archive.notes):
                    part = bson.decode(data, _OPTIONS).get("data")
                    whole.write(part if isinstance(part, bytes) else b"")
                    break
        whole.seek(0)
        return whole
