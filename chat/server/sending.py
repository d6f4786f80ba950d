"""Sends stored files, whole or in ranges (RFC 9110, 14)."""

from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from chat import metrics, storage
from chat.live import db
from chat.models import Export
from chat.protocol.errors import not_found
from chat.services.exports.requests import export_name, export_place
from chat.services.files import storage_away

# The internal location of deploy/nginx.conf.
ACCEL = "/_files/"


class Span(NamedTuple):
    """The bytes from `start` to `end`, without `end`."""

    start: int
    end: int


def disposition(name: str, *, inline: bool = False) -> str:
    """Return the value of Content-Disposition for a file of this name (RFC 6266)."""
    fallback = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{fallback}\"; filename*=UTF-8''{quote(name, safe='')}"


async def stored_bytes(request: HttpRequest, name: str, etag: str, size: int | None) -> HttpResponseBase:
    """Return the response with the stored file of this name, or with its requested range. `size`: None asks the
    storage.

    Raises:
        OSError: the file is missing, or the storage does not answer.
    """
    if settings.CHAT_FILES_BY_NGINX and storage.is_folder():
        # nginx answers ranges, with its own ETag.
        response = HttpResponse()
        response["X-Accel-Redirect"] = ACCEL + quote(name)
        return response
    if size is None:
        size = await db.on_files(storage.size_of, name)
    span, status = _span(request, etag, size)
    if span is None:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    first, pieces = b"", storage.pieces(name, *span)
    if request.method == "GET":
        # Read before the response starts: an error of the storage can still be reported.
        first = await db.on_files(next, pieces, b"")
    streaming = StreamingHttpResponse(_sent(first, pieces), status=status)
    streaming["Content-Length"] = str(span.end - span.start)
    streaming["Accept-Ranges"] = "bytes"
    if status == 206:
        streaming["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{size}"
    return streaming


async def _sent(piece: bytes, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while piece:
        metrics.FILE_BYTES.labels("sent").inc(len(piece))
        yield piece
        piece = await db.on_files(next, pieces, b"")


def _span(request: HttpRequest, etag: str, size: int) -> tuple[Span | None, int]:
    """Return the bytes to send and the status; None for a range outside the file. For several ranges, the whole file is
    sent (RFC 9110, 14.2)."""
    whole = Span(0, size)
    header = request.headers.get("Range", "")
    unit, _, spec = header.partition("=")
    first, dash, last = spec.strip().partition("-")
    if unit.strip().lower() != "bytes" or not dash or "," in spec or not _digits(first) or not _digits(last):
        return whole, 200
    if request.headers.get("If-Range", etag) != etag or not (first or last):
        return whole, 200
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return whole, 200
    return (Span(start, end), 206) if start < end else (None, 416)


def _digits(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and len(text) < 20)


async def export_response(request: HttpRequest, export: Export) -> HttpResponseBase:
    """Return the response with an export, which the caller has checked.

    Raises:
        ChatError: `not_found` if the file is lost, `unavailable` if the storage does not answer.
    """
    try:
        response = await stored_bytes(request, export_place(export), f'"{export.key}"', export.size)
    except FileNotFoundError:
        raise not_found("export") from None
    except OSError as error:
        raise storage_away(error) from error
    response["Content-Type"] = "application/zip"
    response["Content-Disposition"] = disposition(export_name(export))
    response["ETag"] = f'"{export.key}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    # Not compressed: a range counts stored bytes.
    response.holds_secret = True  # type: ignore[attr-defined]
    return response
