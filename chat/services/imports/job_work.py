"""Performs the pending step of an import job: check, import or undo. Each step can be interrupted and resumed."""

import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.db.models import F, QuerySet
from django.utils import timezone

from chat import storage
from chat.importing.stream import NotAnExport, Options
from chat.models import ImportJob, ImportRun
from chat.protocol.errors import ChatError, Code
from chat.services.files import SPARE_BYTES, arrivals, import_prefix, no_space, storage_away
from chat.services.imports.jobs import KEPT_FOR, import_forget, inside
from chat.services.imports.loading import Wanted, history_import
from chat.services.imports.people import people_read
from chat.services.imports.undoing import import_undo

logger = logging.getLogger(__name__)

TRIES = 3
BROKEN = "It could not be done. The log of the server says why."
State = ImportJob.State
# Signature as in `history_import`.
Progress = Callable[[str, int, int], None]


class Paused(Exception):
    """Raised by the progress callback of a paused import: the messages written so far stay."""


def import_work(job: ImportJob, progress: Progress = lambda *_: None) -> None:
    """Perform the job's current step until it ends or is paused.

    Raises:
        DatabaseError: the step is started again.
    """
    ImportJob.objects.filter(pk=job.pk).update(tries=F("tries") + 1, done=0, total=0, rate=0)
    try:
        if job.tries >= TRIES:
            raise ChatError(Code.SERVER_ERROR, BROKEN)
        if job.state == State.UNDOING:
            _undo(job)
        else:
            _import(job, progress)
    except Paused:
        return
    except (NotAnExport, ChatError) as refused:
        _fail(job, getattr(refused, "message", str(refused)))
    except sqlite3.Error:
        # An error of the staging file, which grows with the export: the disk is full.
        logger.exception("Import %s could not sort its messages.", job.pk)
        _fail(job, no_space().message)
    except (DatabaseError, InterfaceError):
        raise
    except OSError as error:
        _fail(job, error.strerror or str(error))
    except Exception:
        logger.exception("Import %s failed.", job.pk)
        _fail(job, BROKEN)


def imports_to_forget(before: datetime | None = None) -> QuerySet[ImportJob]:
    """Jobs created `before` this time, whose archive can be deleted. Paused ones still need it to continue."""
    old = ImportJob.objects.exclude(state__in=[*ImportJob.WORK, State.PAUSED]).filter(file__isnull=False)
    return old.filter(created_at__lt=before or timezone.now() - KEPT_FOR)


def _import(job: ImportJob, progress: Progress) -> None:
    dry = job.state == State.CHECKING
    with _source(job) as path:
        try:
            report = history_import(
                Wanted(
                    format=job.format,
                    path=path,
                    options=Options(job.zone, job.day_first),
                    room=job.room,
                    dry_run=dry,
                    names=people_read(job.people, ""),
                    rooms=job.rooms,
                    job=job.pk,
                ),
                progress,
            )
        except NotAnExport as error:
            raise NotAnExport(str(error).replace(str(path), job.name)) from None
    report["path"] = job.name
    ended: dict[str, Any] = {} if dry else {"ended_at": timezone.now()}
    then = State.CHECKED if dry else State.DONE
    done = ImportJob.objects.filter(pk=job.pk, state=job.state).update(state=then, report=report, **ended)
    if done and not dry:
        import_forget(job)


def _undo(job: ImportJob) -> None:
    for run in ImportRun.objects.filter(job=job).exclude(state=ImportRun.State.UNDONE).order_by("-pk"):
        import_undo(run)
    ImportJob.objects.filter(pk=job.pk).update(state=State.UNDONE, ended_at=timezone.now())
    import_forget(job)


@contextmanager
def _source(job: ImportJob) -> Iterator[Path]:
    """The archive under its uploaded name: the suffix matters to readers, and the stem may become a title."""
    if job.path:
        yield inside(job.path)
        return
    if job.file is None:
        raise NotAnExport(f"{job.name}: the archive is not kept any more; hand it in again")
    prefix = import_prefix(job.pk)
    # Left by a killed process: this process holds the lease now, and a copy may take 20 GB.
    for left in arrivals().glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=arrivals()) as folder:
        path, place = Path(folder) / job.name, storage.place(job.file.key)
        if storage.is_folder():
            path.symlink_to(storage.files().path(place))
        else:
            _fetch(place, job.file.size, path)
        yield path


def _fetch(place: str, size: int, path: Path) -> None:
    """Copy an archive from S3 to disk, because readers seek in it."""
    if shutil.disk_usage(arrivals()).free < size + SPARE_BYTES:
        raise no_space()
    with path.open("wb") as out:
        pieces = storage.pieces(place, 0, size)
        while piece := _next(pieces):
            out.write(piece)


def _next(pieces: Iterator[bytes]) -> bytes:
    try:
        return next(pieces, b"")
    except OSError as error:
        raise storage_away(error) from error


def _fail(job: ImportJob, sentence: str) -> None:
    ImportJob.objects.filter(pk=job.pk, state=job.state).update(state=State.FAILED, problem=sentence[:500])
