"""Files of the form that works without scripts: small ones, because a page's form is read whole."""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from chat.live import db
from chat.models import Participant
from chat.services.file_taking import invalid_files
from chat.services.files import file_complete, file_receive, part_path


async def files_of_form(request: HttpRequest, user: Participant) -> tuple[str, ...]:
    """Store the files of the form, and return their ids.

    Raises:
        ChatError: as for uploads (`too_large`, `invalid`, `unsupported`, `quota`).
    """
    given = request.FILES.getlist("file")
    most = settings.CHAT_FILES_PER_MESSAGE
    if len(given) > most:
        raise invalid_files(f"has more than {most}", f"Send at most {most} files with a message.")
    return tuple([await _stored(user, one) for one in given])


async def _stored(user: Participant, given: "UploadedFile[Any]") -> str:
    path = part_path(f"{secrets.token_urlsafe(16)}.form")
    try:
        await db.on_files(_write, path, given)
        size = path.stat().st_size
        file = await db.on_files(file_receive, user=user, path=path, size=size, name=given.name or "")
    finally:
        await db.on_files(path.unlink, missing_ok=True)
    return (await db.on_media(file_complete, file=file)).key


def _write(path: Path, given: "UploadedFile[Any]") -> None:
    with path.open("xb") as part:
        for chunk in given.chunks():
            part.write(chunk)
