"""The picture of the workspace: set by administrators, and shown to everyone who opens the server."""

import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import User
from accounts.workspace import workspace, workspace_change
from chat.api.downloads import shown_to_all
from chat.models import File
from chat.protocol.errors import ChatError, Code, not_found
from chat.services.files import arrivals, file_discard, file_keep
from chat.services.pictures import picture_give_up, site_picture_keep

# A form is read as a whole, unlike the files of messages.
BYTES_MAX = 1024 * 1024


def picture_set(*, user: User, sent: "UploadedFile[bytes]") -> None:
    """Make a form's file the picture of the workspace: its middle, as a square. The caller must have checked that the
    user is an administrator.

    Raises:
        ChatError: `too_large`, `invalid`, `unsupported`, `quota`, `unavailable`.
    """
    if (sent.size or 0) > BYTES_MAX:
        raise ChatError(Code.TOO_LARGE, "The picture is larger than 1 MB. Make it smaller and send it again.")
    with tempfile.TemporaryDirectory(prefix="workspace.", dir=arrivals()) as folder:
        path = Path(folder, "picture")
        path.write_bytes(b"".join(sent.chunks()))
        file = file_keep(user=user.participant, path=path, size=path.stat().st_size, name=sent.name or "picture")
    try:
        key = site_picture_keep(user=user.participant, key=file.key)
    except ChatError:
        with suppress(ChatError):
            file_discard(file=file)
        raise
    _change(user, key)


def picture_remove(*, user: User) -> None:
    """Remove the picture of the workspace; without one, nothing changes."""
    _change(user, "")


@transaction.atomic
def _change(user: User, key: str) -> None:
    before = workspace().picture
    workspace_change(user=user, picture=key)
    picture_give_up(before)


async def picture(request: HttpRequest, key: str, side: str) -> HttpResponseBase:
    """The image, for everyone: the sign-in pages show it."""
    return await shown_to_all(request, partial(_current, key), side)


def _current(key: str) -> File:
    file = File.objects.stored().filter(key=key, kept=True).first() if workspace().picture == key else None
    if file is None:
        raise not_found("picture")
    return file
