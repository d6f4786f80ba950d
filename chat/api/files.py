"""Endpoints of uploaded files: read what is known of one, change its name and description, delete it.

Uploading is in `chat.api.uploads`, the bytes are in `chat.api.downloads`.
"""

from typing import Annotated

from django.http import HttpResponse
from ninja import Path, Router

from chat.access import access_file
from chat.api.authentication import AuthedRequest, signed_in
from chat.api.errors import json_response
from chat.api.schemas.files import FileChange
from chat.live import db
from chat.models import File
from chat.protocol import events
from chat.protocol.fields import FILE_ID
from chat.queries.files import facts_of
from chat.services.files import file_describe, file_remove

router = Router(tags=["Files"], auth=signed_in)

FileId = Annotated[str, Path(pattern=f"^{FILE_ID}$")]


@router.get("/files/{file}", response=events.FileFacts)
async def read_file(request: AuthedRequest, file: FileId) -> HttpResponse:
    """What is known of a file that you uploaded, or that a message has that you may see."""
    return _facts(await db.run(access_file, user=request.auth.user, key=file))


@router.patch("/files/{file}", response=events.FileFacts)
async def change_file(request: AuthedRequest, file: FileId, body: FileChange) -> HttpResponse:
    """Give a file another name or description, before a message takes it. Fields that are left out stay. With
    `preview: false` a picture or film that has arrived goes as any other file, without thumbnails."""
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    return _facts(await db.run(file_describe, user=request.auth.user, key=file, **changes))


@router.delete("/files/{file}", response={204: None})
async def remove_file(request: AuthedRequest, file: FileId) -> HttpResponse:
    """Delete a file that you uploaded and that no message took. The files of a message are deleted with it."""
    await db.on_files(file_remove, user=request.auth.user, key=file)
    return HttpResponse(status=204)


def _facts(file: File) -> HttpResponse:
    return json_response(facts_of(file).model_dump_json())
