"""The bytes of files: `GET` and `HEAD /files/{id}/{name}`, and their thumbnails.

Each request checks that its sender may see the message. Nothing that is served here can run: the server re-encoded the
pictures, audio and video types are on a short list, and everything else is a download of a generic type.
"""

import logging
from collections.abc import Awaitable, Callable

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from chat import storage
from chat.access import access_file, access_picture
from chat.api.authentication import reading_files, stranger
from chat.api.errors import failure, wrong_method
from chat.identity import Identity, credentials
from chat.lib import client_address
from chat.lib.sealed import seal, unseal
from chat.live import db
from chat.media.pictures import THUMBS
from chat.models import File, Participant
from chat.models.credentials import digest
from chat.protocol.errors import not_found
from chat.server.sending import disposition, stored_bytes
from chat.services.files import storage_away
from chat.services.link_previews import preview_page

logger = logging.getLogger(__name__)

# Types that a browser may show inline. HEIC is shown through its thumbnails.
INLINE = frozenset(
    {
        "image/jpeg", "image/png", "image/gif", "image/webp", "image/avif",
        "video/mp4", "video/webm", "video/ogg",
        "audio/mp4", "audio/webm", "audio/ogg", "audio/mpeg", "audio/wav", "audio/flac",
    }
)  # fmt: skip
# Downloads that keep their type: a browser never runs an attachment, but a program that saves it may read the type.
NAMED = frozenset({"application/pdf", "application/zip", "image/heic"})
UNNAMED = "application/octet-stream"
# For a file as its own document: no scripts, no forms, no origin. The browser's built-in player needs its own style.
POLICY = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
)
TICKET_SECONDS = 60
PICTURE_SECONDS = 7 * 24 * 3600


@csrf_exempt
async def download(request: HttpRequest, key: str, **_: str) -> HttpResponseBase:
    """The file itself. `?download` makes the browser save what it could show."""
    return await _respond(request, key, storage.MAIN)


@csrf_exempt
async def thumbnail(request: HttpRequest, key: str, side: str) -> HttpResponseBase:
    """A picture whose longer side is at most this long."""
    return await _respond(request, key, side)


@csrf_exempt
async def picture(request: HttpRequest, key: str, side: str) -> HttpResponseBase:
    """The picture of a person or a room."""
    return await _respond(request, key, side, access_picture)


@csrf_exempt
async def preview(request: HttpRequest, key: str) -> HttpResponseBase:
    """The picture of a page that a message links to: a copy of ours."""
    return await _respond(request, key, str(THUMBS[0]), _page_picture)


def _page_picture(*, user: Participant, key: str) -> File:
    page = preview_page(user=user, key=key)
    return File(key=page.picture, name="preview.webp", thumbs=str(THUMBS[0]), media_type="image/webp")


async def shown_to_all(request: HttpRequest, find: Callable[[], File], side: str) -> HttpResponseBase:
    """Serve a picture without an account, for the project around the chat. `find` raises `not_found` without one."""

    async def found() -> File:
        return await db.run(find)

    return await _answer(request, found, side)


async def _respond(
    request: HttpRequest, key: str, part: str, access: Callable[..., File] = access_file
) -> HttpResponseBase:
    async def found() -> File:
        return await db.run(access, user=await _reader(request, key), key=key)

    return await _answer(request, found, part)


async def _answer(request: HttpRequest, find: Callable[[], Awaitable[File]], part: str) -> HttpResponseBase:
    if request.method not in {"GET", "HEAD"}:
        return wrong_method("GET, HEAD")
    try:
        file = await find()
        response = await _of(request, file, part)
    except Exception as error:
        response = failure(request, _of_storage(error))
        response["Cache-Control"] = "no-store"
        return response
    # The browser caches it and revalidates each time: a removed member gets 404.
    response["Cache-Control"] = "private, no-cache"
    if file.kept and file.room_id is None:
        # A person's picture, for everyone: another picture has another URL.
        response["Cache-Control"] = f"private, max-age={PICTURE_SECONDS}, immutable"
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Referrer-Policy"] = "no-referrer"
    # Not compressed: a range counts the stored bytes.
    response.holds_secret = True  # type: ignore[attr-defined]
    return response


def _of_storage(error: Exception) -> Exception:
    """The exception to answer with when the storage fails."""
    if isinstance(error, FileNotFoundError):
        # Deleted since its row was read, or lost.
        logger.warning("The storage has no bytes of a file.")
        return not_found("file")
    return storage_away(error) if isinstance(error, OSError) else error


async def _reader(request: HttpRequest, key: str) -> Participant:
    ticket = request.GET.get("ticket")
    if ticket is None:
        return (await reading_files(request)).user
    return (await db.run(_of_ticket, ticket, key, client_address.of_request(request))).user


def _of_ticket(ticket: str, key: str, address: str) -> Identity:
    """The first request for a file redeems the ticket, which then serves later requests for the same file: a player
    requests its parts one by one."""
    known, by_ticket = f"file-ticket:{digest(ticket)}", {"secret": ticket, "purpose": "file-ticket"}
    # Sealed with the ticket: it contains a session key, which must not leak to a reader of Redis.
    if kept := unseal(cache.get(known), **by_ticket):
        kind, proof, user_id, of = kept
        user = Participant.objects.filter(pk=user_id).first()
        identity = Identity(user, kind, proof) if user else None
        if identity and of == key and credentials.still_valid(identity):
            return identity
        raise stranger(address)
    identity = credentials.identify(headers={}, cookies={}, query={"ticket": ticket})
    if identity is None:
        raise stranger(address)
    cache.set(known, seal([identity.kind, identity.key, identity.user.pk, key], **by_ticket), TICKET_SECONDS)
    return identity


async def _of(request: HttpRequest, file: File, part: str) -> HttpResponseBase:
    thumbs = file.thumbs.split()
    if part != storage.MAIN and not thumbs:
        raise not_found("thumbnail")
    # A small picture has one thumbnail for both sizes.
    part = part if part == storage.MAIN or part in thumbs else thumbs[-1]
    etag = f'"{file.key}-{part}"'
    if _matches(request.headers.get("If-None-Match", ""), etag):
        response: HttpResponseBase = HttpResponse(status=304)
        response["ETag"] = etag
        return response
    name = storage.place(file.bytes_key, part)
    response = await stored_bytes(request, name, etag, file.size if part == storage.MAIN else None)
    _describe(response, request, file, part)
    response["ETag"] = etag
    return response


def _describe(response: HttpResponseBase, request: HttpRequest, file: File, part: str) -> None:
    kind = file.media_type if part == storage.MAIN else "image/webp"
    inline = kind in INLINE and "download" not in request.GET
    response["Content-Type"] = kind if kind in INLINE or kind in NAMED else UNNAMED
    response["Content-Disposition"] = disposition(file.name, inline=inline)


def _matches(header: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return etag in tags or header.strip() == "*"
