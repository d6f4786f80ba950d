"""Uploads: started within the quota, completed into a harmless copy, and swept if no message takes them."""

import errno
import logging
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chat import metrics, storage
from chat.access import access_upload
from chat.lib.byte_sizes import shown
from chat.lib.oneline import repaired
from chat.media.pictures import Prepared
from chat.media.process import workers
from chat.media.refused import Refused
from chat.models import File, ImportJob, Participant
from chat.protocol.errors import ChatError, Code, not_found, unavailable
from chat.protocol.fields import FILE_DESCRIPTION_MAX, FILE_NAME_MAX
from chat.queries.files import bytes_by, bytes_of_all
from chat.services.file_sharing import left_to_others
from chat.services.file_taking import invalid_files
from chat.services.scanning import check_harmless

logger = logging.getLogger(__name__)

# Unfinished uploads, and files that no message took, are deleted after this time.
UNTAKEN_FOR = timedelta(hours=24)
# Unfinished uploads per person: each may reserve its announced size of the quota, and has a file in the folder.
UNFINISHED_MAX = 100
# Free bytes that uploads leave on the disk for the database and the logs.
SPARE_BYTES = 256 * 1024 * 1024
SWEPT_AT_ONCE = 200
# Fields that opening a file sets; its name may change meanwhile.
_MADE = ("size", "media_type", "width", "height", "duration", "placeholder", "thumbs")
# A file without its dimensions is shown by name only. The thumbnails are deleted with the file.
_WITHOUT_PREVIEW = {"width": None, "height": None, "placeholder": ""}


def arrivals() -> Path:
    """The folder for arriving files; created if it is missing."""
    folder = Path(settings.CHAT_UPLOADS_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def import_prefix(job: int) -> str:
    """Prefix of the folder in which an import keeps its archive."""
    return f"import-{job}-"


def part_path(key: str) -> Path:
    """Path of an upload's bytes while they arrive."""
    return arrivals() / key


@dataclass(slots=True)
class Used:
    """Bytes that count against quotas: per person by id, and in total."""

    people: dict[int, int]
    all: int

    def add(self, user_id: int, size: int) -> None:
        """Count a file whose upload has started."""
        self.people[user_id] = self.people.get(user_id, 0) + size
        self.all += size


def file_begin(*, user: Participant, name: str, size: int, description: str = "") -> File:
    """Announce an upload of `size` bytes.

    Raises:
        ChatError: `too_large`, `invalid`, `quota`.
    """
    name = tidy_name(name)
    with transaction.atomic():
        # Locked, so that each of several concurrent uploads counts the ones before it.
        Participant.objects.select_for_update(no_key=True).get(pk=user.pk)
        check_room_for(user=user, size=size, name=name)
        check_unfinished(File.objects.filter(uploader=user, state=File.State.UPLOADING).count())
        return File.objects.create(
            uploader=user, name=name, length=size, size=size, description=tidy_description(description)
        )


def check_unfinished(number: int) -> None:
    """Check that a person with this number of unfinished uploads may begin another one.

    Raises:
        ChatError: `quota`.
    """
    if number >= UNFINISHED_MAX:
        raise ChatError(Code.QUOTA, f"You have {number} unfinished uploads. Finish or remove one first.")


def used_by(user_ids: Collection[int]) -> Used:
    """Bytes that these people's files take. For a batch of files at once, because each sum reads every file's row."""
    people = bytes_by(user_ids) if settings.CHAT_FILE_QUOTA else {}
    return Used(people, bytes_of_all() if settings.CHAT_FILE_QUOTA_TOTAL else 0)


def file_keep(*, user: Participant, path: Path, size: int, name: str, description: str = "") -> File:
    """Create a file from the complete bytes at `path`. Deletes it if it is refused.

    Raises:
        ChatError: as `file_begin` and `file_complete`.
    """
    file = file_begin(user=user, name=name, size=size, description=description)
    try:
        path.rename(part_path(file.key))
        return file_complete(file=file)
    except BaseException:
        # No client has the id to continue this upload.
        file_discard(file=file)
        raise


def largest_file() -> int:
    """The limit of one file in bytes."""
    return settings.CHAT_FILE_MAX or sys.maxsize


def check_room_for(*, user: Participant, size: int, name: str = "", used: Used | None = None) -> None:
    """Check that this person may upload a file of `size` bytes now. `used`: usage that the caller has read already.

    Raises:
        ChatError: `too_large`, `invalid`, `quota`.
    """
    if size == 0:
        raise invalid_files("is empty", f"{name or 'The file'} is empty.")
    check_size(size, name)
    used = used or used_by([user.pk])
    mine = settings.CHAT_FILE_QUOTA
    if mine and used.people.get(user.pk, 0) + size > mine:
        raise ChatError(Code.QUOTA, f"Your files would take more than {shown(mine)}. Delete messages with files first.")
    check_place_for(size, used)


def check_place_for(size: int, used: Used | None = None) -> None:
    """Check that the server has room for another `size` bytes.

    Raises:
        ChatError: `quota`.
    """
    all_ = settings.CHAT_FILE_QUOTA_TOTAL
    full = all_ and (used.all if used else bytes_of_all()) + size > all_
    if full or shutil.disk_usage(arrivals()).free < size + SPARE_BYTES:
        raise no_space()


def check_size(size: int, name: str = "", most: int | None = None) -> None:
    """Check the size against `most` bytes (0: no limit; None: the limit for one file).

    Raises:
        ChatError: `too_large`.
    """
    most = settings.CHAT_FILE_MAX if most is None else most
    if most and size > most:
        raise ChatError(Code.TOO_LARGE, f"{name or 'The file'} is {shown(size)}. The limit is {shown(most)}.")


def no_space() -> ChatError:
    """The error when the server has no room for files."""
    return ChatError(Code.QUOTA, "The server has no space left. Tell an administrator.")


def file_complete(*, file: File) -> File:
    """Make the harmless copy of a completely uploaded file, store it, and mark it as ready to be sent.

    Can be repeated after a crash. A refusal ends the upload.

    Raises:
        ChatError: `unsupported`, `quota` for a full disk, `unavailable` for a storage or scanner that does not
            answer, `not_found` for an upload that was deleted meanwhile.
    """
    if file.state == File.State.READY:
        return file
    try:
        file_open(file=file)
    except Refused as refused:
        raise file_refuse(file=file, refused=refused) from None
    return file_ready(file=file)


def file_open(*, file: File, ours: bool = False) -> None:
    """Make the harmless copy of a completely uploaded file, and store it. Does not use the database.

    `ours`: no request writes or repeats the upload, so a file that needs no copy is moved into the storage.

    Raises:
        Refused: the file cannot be accepted.
        ChatError: as `file_complete`.
    """
    source = part_path(file.key)
    with metrics.FILE_OPENING.time(), _folder(file.key) as folder:
        check_harmless(source)
        _store(file, workers.prepare(source, folder), source, folder, ours=ours)


def file_refuse(*, file: File, refused: Refused) -> ChatError:
    """End an upload that cannot be accepted; returns the error for its uploader."""
    metrics.FILES.labels("refused").inc()
    file_discard(file=file)
    return ChatError(Code.UNSUPPORTED, str(refused))


def file_ready(*, file: File) -> File:
    """Mark a stored file as ready to be sent.

    Raises:
        ChatError: `not_found`: the upload was deleted meanwhile.
    """
    file.state = File.State.READY
    made = {name: getattr(file, name) for name in (*_MADE, "state")}
    if not File.objects.filter(pk=file.pk, state=File.State.UPLOADING).update(**made):
        # It was deleted while it was being opened.
        _delete(file)
        raise not_found("upload")
    metrics.FILES.labels("stored").inc()
    metrics.FILE_BYTES.labels("stored").inc(file.size)
    part_path(file.key).unlink(missing_ok=True)
    return file


def file_describe(
    *, user: Participant, key: str, name: str | None = None, description: str | None = None, preview: bool = True
) -> File:
    """Change the name or description of a file that no message took. `preview`: False shows a picture or film like any
    other file from then on.

    Raises:
        ChatError: `not_found`; `invalid` for `preview=False` before the file has arrived.
    """
    file = access_upload(user=user, key=key)
    changes: dict[str, Any] = {}
    if not preview:
        if file.state != File.State.READY:
            raise invalid_files("has not arrived", "The file has not arrived completely.")
        changes = _WITHOUT_PREVIEW
    file.name = file.name if name is None else tidy_name(name)
    file.description = file.description if description is None else tidy_description(description)
    changes = changes | {"name": file.name, "description": file.description}
    for field, value in changes.items():
        setattr(file, field, value)
    # Not `save`: meanwhile a message may have taken the file, or the upload may be complete.
    File.objects.filter(pk=file.pk, message=None).update(**changes)
    return file


def file_remove(*, user: Participant, key: str) -> None:
    """Delete a file or upload of this person that no message took.

    Raises:
        ChatError: `not_found`.
    """
    file_discard(file=access_upload(user=user, key=key))


def file_discard(*, file: File) -> None:
    """End an upload, or delete a file that no message took."""
    taken = File.objects.filter(pk=file.pk, message=None, kept=False).update(state=File.State.GONE)
    if taken:
        _delete(file)


def sweep() -> None:
    """Delete files whose message is gone, and uploads and files that no message took in time.

    Deletes the bytes first: after a crash between the two, the row leads the next sweep to the remains.
    """
    old = timezone.now() - UNTAKEN_FOR
    untaken = File.objects.present().filter(message=None, kept=False, created_at__lt=old)
    untaken = untaken.filter(Q(waits_until=None) | Q(waits_until__lt=timezone.now()))
    # On SQLite an update takes the only write lock, even when it matches no rows.
    if untaken.exists():
        untaken.update(state=File.State.GONE)
    # `message=None` is true for all of these rows, but the index only contains such rows.
    for file in File.objects.filter(message=None, state=File.State.GONE)[:SWEPT_AT_ONCE]:
        _delete(file)
    _sweep_folder(old.timestamp())


def _delete(file: File) -> None:
    if left_to_others(file):
        return
    try:
        storage.delete(file.bytes_key, [storage.MAIN, *file.thumbs.split()])
    except Exception as error:
        # The next sweep tries again.
        logger.warning("A file could not be deleted from the storage (%s).", type(error).__name__)
        return
    part_path(file.key).unlink(missing_ok=True)
    if File.objects.filter(pk=file.pk, state=File.State.GONE).delete()[0]:
        metrics.FILES.labels("deleted").inc()


def _sweep_folder(before: float) -> None:
    """Delete what killed processes left in the uploads folder. Skips running imports, which read their archive there
    for as long as they take, possibly days."""
    busy = tuple(
        import_prefix(pk) for pk in ImportJob.objects.filter(state__in=ImportJob.WORK).values_list("pk", flat=True)
    )
    for path in arrivals().iterdir():
        with suppress(OSError):
            if path.stat().st_mtime < before and not path.name.startswith(busy):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _store(file: File, prepared: Prepared, source: Path, folder: Path, *, ours: bool) -> None:
    main = folder / prepared.main if prepared.main else source
    try:
        file.size = main.stat().st_size
        for side, name in prepared.thumbs.items():
            storage.store(folder / name, storage.place(file.key, side), "image/webp", moved=True)
        # Uploads are copied: after a crash the bytes are needed again, and another request may have them open.
        storage.store(main, storage.place(file.key), prepared.type, moved=ours or main != source)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise no_space() from error
        raise storage_away(error) from error
    except Exception as error:
        # Each S3 client raises its own exceptions.
        raise storage_away(error) from error
    file.media_type = prepared.type
    file.width, file.height = prepared.width, prepared.height
    file.duration = prepared.duration
    file.placeholder = prepared.placeholder
    file.thumbs = " ".join(prepared.thumbs)


def storage_away(error: Exception) -> ChatError:
    """The error when the file storage does not answer."""
    logger.warning("The storage of files does not answer (%s).", type(error).__name__)
    refusal = unavailable()
    refusal.message = "The server cannot reach its storage of files. Nothing was lost. Try again in a moment."
    return refusal


@contextmanager
def _folder(key: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=f"{key}.", dir=arrivals()) as folder:
        yield Path(folder)


def tidy_name(name: str) -> str:
    """The name under which a file is shown and downloaded: one line, no folder, at most FILE_NAME_MAX characters."""
    name = repaired(name.replace("\\", "/").rpartition("/")[2]).strip(". ") or "file"
    if len(name) <= FILE_NAME_MAX:
        return name
    stem, dot, ending = name.rpartition(".")
    ending = dot + ending if stem and len(ending) <= 20 else ""
    return name[: FILE_NAME_MAX - len(ending)] + ending


def tidy_description(text: str) -> str:
    return repaired(text)[:FILE_DESCRIPTION_MAX]
