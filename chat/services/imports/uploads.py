"""Uploads of other chats' exports: stored unchanged, with a size limit of their own."""

import errno
import os
from pathlib import Path

from django.conf import settings
from django.db import transaction

from chat import storage
from chat.models import File, Participant
from chat.protocol.errors import ChatError, Code, not_found
from chat.services.file_taking import invalid_files
from chat.services.files import (
    check_place_for,
    check_size,
    check_unfinished,
    no_space,
    part_path,
    storage_away,
    tidy_name,
)
from chat.services.imports.jobs import check_may_import

# What the readers open: archives, and the files of chats that export a single file.
ENDINGS = (
    *(".zip", ".tar", ".tar.gz", ".tgz"),
    *(".json", ".jsonl", ".ndjson", ".bson", ".txt", ".log", ".weechatlog", ".sqlite", ".sqlite3", ".db"),
    *(".csv", ".tsv"),
)
MEDIA_TYPE = "application/octet-stream"


def archive_begin(*, user: Participant, name: str, size: int) -> File:
    """Announce the upload of an export of `size` bytes.

    Raises:
        ChatError: `forbidden`, `unsupported`, `invalid`, `too_large`, `quota`.
    """
    check_may_import(user)
    name = tidy_name(name)
    if not name.lower().endswith(ENDINGS):
        raise ChatError(Code.UNSUPPORTED, f"{name} is no export: it must be one of {', '.join(ENDINGS)}.")
    if size == 0:
        raise invalid_files("is empty", f"{name} is empty.")
    check_size(size, name, settings.CHAT_IMPORT_MAX)
    with transaction.atomic():
        # Locked, so that each of several concurrent uploads counts the ones before it.
        Participant.objects.select_for_update(no_key=True).get(pk=user.pk)
        check_place_for(size)
        check_unfinished(File.objects.filter(uploader=user, state=File.State.UPLOADING).count())
        return File.objects.create(uploader=user, name=name, length=size, size=size, archive=True)


def archive_complete(*, file: File) -> None:
    """Store a completely uploaded export. Can be repeated after a crash.

    Raises:
        ChatError: `quota` for a full disk, `unavailable` for a storage that does not answer, `not_found` for an upload
            that was deleted meanwhile.
    """
    if file.state == File.State.READY:
        return
    source = part_path(file.key)
    try:
        _store(source, storage.place(file.key))
    except OSError as error:
        raise no_space() if error.errno in (errno.ENOSPC, errno.EDQUOT) else storage_away(error) from error
    except Exception as error:
        # Each S3 client raises its own exceptions.
        raise storage_away(error) from error
    file.state, file.media_type = File.State.READY, MEDIA_TYPE
    uploading = File.objects.filter(pk=file.pk, state=File.State.UPLOADING)
    if not uploading.update(state=file.state, media_type=file.media_type):
        storage.delete(file.key, [storage.MAIN])
        raise not_found("upload")
    source.unlink(missing_ok=True)


def _store(source: Path, name: str) -> None:
    """Store by a hard link if both folders are on one disk: copying 20 GB takes minutes, and 20 GB more space."""
    if storage.is_folder():
        target = Path(storage.files().path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except FileExistsError:
            # The server was killed after linking the file, before it recorded that.
            return
        except OSError:
            pass
        else:
            return
    storage.store(source, name, MEDIA_TYPE)
