"""Resumable uploads: tus 1.0.0 (https://tus.io/protocols/resumable-upload) with creation, creation-with-upload,
termination, expiration and checksum."""

import base64
import binascii
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from email.utils import format_datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from chat import metrics
from chat.access import access_upload
from chat.api.authentication import signed_in
from chat.api.errors import HttpCode, HttpRefusal, refusal, wrong_method
from chat.api.parts import CHECKSUMS, BadChecksum, Checksum, Locked, Part
from chat.api.receiving import Body, Stalled
from chat.live import db
from chat.live.opening import open_for
from chat.models import File, Participant
from chat.protocol.errors import ChatError, Code, not_found
from chat.protocol.fields import FILE_ID
from chat.services.files import UNTAKEN_FOR, file_begin, file_complete, file_discard, part_path
from chat.services.imports.uploads import archive_begin, archive_complete

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration,checksum"
BODY_TYPE = "application/offset+octet-stream"
# A status of the checksum extension; the others are HTTP's.
CHECKSUM_MISMATCH = 460
METADATA_BYTES = 8 * 1024
ALLOWED = "OPTIONS, HEAD, POST, PATCH, DELETE"


def method_of(request: HttpRequest) -> str:
    """The method; clients whose network allows only POST name it in a header.

    With other methods the header is ignored: otherwise the weaker checks of a GET would suffice for a write.
    """
    method = request.method or ""
    if method == "POST":
        method = request.headers.get("X-HTTP-Method-Override", method)
    return method if method in {"OPTIONS", "HEAD", "POST", "PATCH", "DELETE", "GET"} else "other"


async def handle(request: HttpRequest, body: Body) -> HttpResponse:
    """The response to a request under `/api/v1/uploads/`.

    Raises:
        ChatError, HttpRefusal: it was refused.
    """
    try:
        response = await _handle(request, body)
    except Stalled:
        raise
    except ChatError as error:
        response = refusal(error)
        if error.code == Code.RATE_LIMITED:
            # Clients give up on 429 (tus-js-client 4.3.1), and try again after 503.
            response.status_code = 503
    except Locked:
        response = refusal(ChatError(Code.CONFLICT, "Another request writes this upload. Try again in a moment."))
        response.status_code = 423
    except BadChecksum:
        response = refusal(ChatError(Code.INVALID, "The bytes were changed on their way. Send them again."))
        response.status_code = CHECKSUM_MISMATCH
    response["Tus-Resumable"] = VERSION
    return response


async def _handle(request: HttpRequest, body: Body) -> HttpResponse:
    method, key = method_of(request), request.path.rstrip("/").rpartition("/uploads")[2].lstrip("/")
    if method == "OPTIONS":
        return _options()
    user = (await signed_in(request)).user
    if request.headers.get("Tus-Resumable") != VERSION:
        response = refusal(ChatError(Code.INVALID, f"Send Tus-Resumable: {VERSION}."))
        response.status_code, response["Tus-Version"] = 412, VERSION
        return response
    if not key:
        return await _create(request, user, body) if method == "POST" else wrong_method("OPTIONS, POST")
    if method not in {"HEAD", "PATCH", "DELETE"}:
        return wrong_method("OPTIONS, HEAD, PATCH, DELETE")
    if not re.fullmatch(FILE_ID, key):
        raise not_found("upload")
    file = await db.run(access_upload, user=user, key=key)
    if method == "HEAD":
        return await _head(file)
    return await _append(request, file, body) if method == "PATCH" else await _terminate(file)


def _options() -> HttpResponse:
    response = HttpResponse(status=204)
    response["Tus-Version"] = VERSION
    response["Tus-Extension"] = EXTENSIONS
    response["Tus-Checksum-Algorithm"] = ",".join(CHECKSUMS)
    if settings.CHAT_FILE_MAX:
        response["Tus-Max-Size"] = str(settings.CHAT_FILE_MAX)
    return response


async def _create(request: HttpRequest, user: Participant, body: Body) -> HttpResponse:
    length = _number(request, "Upload-Length")
    metadata = _metadata(request.headers.get("Upload-Metadata", ""))
    name = metadata.get("filename") or metadata.get("name", "")
    if metadata.get("purpose") == "import":
        file = await db.on_files(archive_begin, user=user, name=name, size=length)
    else:
        description = metadata.get("description", "")
        file = await db.on_files(file_begin, user=user, name=name, size=length, description=description)
    response = HttpResponse(status=201)
    response["Location"] = f"{request.path.rstrip('/')}/{file.key}"
    response["Upload-Expires"] = _expires(file.created_at)
    offset = 0
    if request.content_type == BODY_TYPE:
        try:
            offset = await _write(request, file, body)
        except BaseException:
            # The client has no URL to continue with.
            await db.on_files(file_discard, file=file)
            raise
    response["Upload-Offset"] = str(offset)
    return response


async def _head(file: File) -> HttpResponse:
    offset = file.length
    if file.state != File.State.READY:
        async with _writing(file) as (file, part):
            offset = file.length if file.state == File.State.READY else part.size
            if file.state != File.State.READY and offset == file.length:
                # The server was killed between the last byte and its answer.
                await _complete(file)
    response = HttpResponse(status=200)
    response["Upload-Offset"] = str(offset)
    response["Upload-Length"] = str(file.length)
    response["Upload-Expires"] = _expires(file.created_at)
    response["Upload-Metadata"] = "filename " + base64.b64encode(file.name.encode()).decode()
    return response


async def _append(request: HttpRequest, file: File, body: Body) -> HttpResponse:
    if request.content_type != BODY_TYPE:
        raise HttpRefusal(HttpCode.UNSUPPORTED_TYPE, f"Send Content-Type: {BODY_TYPE}.")
    response = HttpResponse(status=204)
    response["Upload-Offset"] = str(await _write(request, file, body))
    response["Upload-Expires"] = _expires(file.created_at)
    return response


async def _write(request: HttpRequest, file: File, body: Body) -> int:
    """Append the body; completes the file with its last byte. Returns the new offset."""
    checksum = _checksum(request.headers.get("Upload-Checksum", ""))
    # A POST begins at 0, and sends no offset.
    expected = 0 if method_of(request) == "POST" else _number(request, "Upload-Offset")
    async with _writing(file) as (file, part):
        before = file.length if file.state == File.State.READY else part.size
        if expected != before:
            raise _wrong_offset(before)
        if before + int(request.headers.get("Content-Length") or 0) > file.length:
            raise ChatError(Code.TOO_LARGE, "More bytes are sent than were announced.")
        try:
            offset = await part.append(body.pieces(), most=file.length, checksum=checksum)
        finally:
            metrics.FILE_BYTES.labels("received").inc(max(part.size - before, 0))
        if offset == file.length:
            await _complete(file)
    return offset


async def _complete(file: File) -> None:
    if file.archive:
        await db.on_files(archive_complete, file=file)
    else:
        await open_for(file.uploader_id, file_complete, file=file)


@asynccontextmanager
async def _writing(file: File) -> AsyncIterator[tuple[File, Part]]:
    """The upload, locked and read again: the previous request may have finished or deleted it."""
    async with Part(file.key, part_path(file.key)) as part:
        now = await db.run(_again, file.pk)
        try:
            yield now, part
        finally:
            if now.state == File.State.READY:
                # Opening the part has created the file again.
                await db.on_files(part_path(file.key).unlink, missing_ok=True)


def _again(pk: int) -> File:
    file = File.objects.present().filter(pk=pk).first()
    if file is None:
        raise not_found("upload")
    return file


async def _terminate(file: File) -> HttpResponse:
    async with Part(file.key, part_path(file.key)):
        await db.on_files(file_discard, file=file)
    await db.on_files(part_path(file.key).unlink, missing_ok=True)
    return HttpResponse(status=204)


def _wrong_offset(offset: int) -> ChatError:
    return ChatError(Code.CONFLICT, f"This upload goes on at byte {offset}. Ask by HEAD and continue there.")


def _number(request: HttpRequest, name: str) -> int:
    value = request.headers.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= 15):
        raise ChatError(Code.INVALID, f"Send a whole number in the header {name}.", fields={"files": f"needs {name}"})
    return int(value)


def _metadata(header: str) -> dict[str, str]:
    """Keys and values: base64 of UTF-8, with a space between; a key without a value counts as empty."""
    found = {}
    for pair in header.split(",") if len(header) <= METADATA_BYTES else ():
        key, _, encoded = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(encoded.strip(), validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise ChatError(
                Code.INVALID, "Upload-Metadata is not base64.", fields={"files": "needs metadata"}
            ) from None
    return found


def _checksum(header: str) -> Checksum | None:
    if not header:
        return None
    algorithm, _, encoded = header.partition(" ")
    try:
        expected = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        expected = b""
    if algorithm not in CHECKSUMS or not expected:
        sentence = f"Upload-Checksum must be one of {', '.join(CHECKSUMS)}, and base64."
        response = ChatError(Code.INVALID, sentence, fields={"files": "has a checksum of another kind"})
        raise response
    return Checksum(algorithm, expected)


def _expires(created_at: datetime) -> str:
    return format_datetime(created_at + UNTAKEN_FOR, usegmt=True)
