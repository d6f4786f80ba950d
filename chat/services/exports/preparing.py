"""Preparing an export: streams it into the file storage, and starts again from scratch after a stop."""

import errno
import logging
from collections.abc import Callable, Iterator
from contextlib import closing

from django.db import DatabaseError, InterfaceError
from django.db.models import F
from django.utils import timezone

from chat import storage
from chat.models import Export
from chat.protocol.errors import ChatError, Code
from chat.services.exports.archive import archive_stream
from chat.services.exports.html_pages import pages_stream
from chat.services.exports.requests import (
    KEPT_FOR,
    KEPT_MOST,
    check_may,
    export_place,
    exports_end,
    free_place,
    scope_of,
)
from chat.services.files import SPARE_BYTES, no_space

logger = logging.getLogger(__name__)

TRIES = 3
# Bytes between two checks of the free disk space.
LOOK_BYTES = 16 * 1024 * 1024
Progress = Callable[[int], None]


def export_prepare(export: Export, progress: Progress = lambda _: None) -> None:
    """Write the export and mark it as ready, or as failed with a message for the person.

    Raises:
        DatabaseError: the export is started again.
    """
    rows = Export.objects.filter(pk=export.pk)
    rows.update(tries=F("tries") + 1, done=0, rate=0)
    try:
        if export.tries >= TRIES:
            raise ChatError(Code.SERVER_ERROR, "It could not be prepared. The log of the server says why.")
        check_may(export.by, export)
        rows.update(total=scope_of(export).size())
        write = pages_stream if export.format == Export.Format.HTML else archive_stream
        # Closed before a failure is recorded: on SQLite the rollback of its read transaction would drop the record.
        with closing(write(scope_of(export), files=export.files, progress=progress)) as pieces:
            size = storage.store_pieces(_while_there_is_place(pieces), export_place(export), "application/zip")
    except ChatError as refused:
        _fail(export, refused.message)
    except (DatabaseError, InterfaceError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            _fail(export, no_space().message)
            return
        logger.exception("Export %s could not be prepared.", export.pk)
        _fail(export, "It could not be prepared. The log of the server says why.")
    else:
        now = timezone.now()
        ready = {"state": Export.State.READY, "size": size, "ready_at": now, "expires_at": now + KEPT_FOR}
        Export.objects.filter(pk=export.pk, state=Export.State.PREPARING).update(**ready)
        mine = Export.objects.filter(by=export.by, state=Export.State.READY)
        exports_end(mine.order_by("-pk")[KEPT_MOST:])


def _while_there_is_place(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, as long as the disk keeps SPARE_BYTES free for the database and the logs."""
    looked = LOOK_BYTES
    for piece in pieces:
        looked += len(piece)
        if looked >= LOOK_BYTES:
            looked, free = 0, free_place()
            if free is not None and free < SPARE_BYTES:
                raise OSError(errno.ENOSPC, "No space left on device")
        yield piece


def _fail(export: Export, sentence: str) -> None:
    Export.objects.filter(pk=export.pk).update(state=Export.State.FAILED, problem=sentence[:200])
