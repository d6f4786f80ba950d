"""The archive: a zip of JSON lines, streamed while it is read, so that neither memory nor disk holds it twice."""

import hashlib
import json
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED

from django.db import connection, transaction
from django.utils import timezone
from zipstream import ZipStream

from chat import storage
from chat.importing.backchannel import FORMAT, VERSION
from chat.models import AuditEntry, File, Participant
from chat.protocol.events import stamp
from chat.services.audit import audit
from chat.services.exports.rows import Object, Scope, file_path, files_of, message_objects, people_rows, room_rows

LINES = 200
Progress = Callable[[int], None]


def archive_stream(scope: Scope, *, files: bool = True, progress: Progress = lambda _: None) -> Generator[bytes]:
    """The bytes of an archive, as of one moment. Reads the database while the caller consumes them."""
    sums: dict[str, str] = {}
    counts = {"people": 0, "rooms": 0, "messages": 0, "files": 0}
    with snapshot():
        zipped = ZipStream(compress_type=ZIP_DEFLATED)
        for name, rows in (
            ("people", people_rows(scope)),
            ("rooms", room_rows(scope)),
            ("messages", message_objects(scope)),
        ):
            seen = progress if name == "messages" else lambda _: None
            zipped.add(_lines(name, rows, sums, counts, seen), f"{name}.jsonl")
        yield from zipped.all_files()
        for file in files_of(scope) if files else ():
            name = file_path(file.key, file.name)
            zipped.add(file_bytes(file, name, sums, counts), name, compress_type=ZIP_STORED)
            yield from zipped.all_files()
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "exported_at": stamp(timezone.now()),
            "scope": str(scope),
            "counts": counts,
            "sha256": sums,
        }
        # Last, because it contains the checksums of the other files.
        zipped.add(json.dumps(manifest, ensure_ascii=False, indent=1).encode() + b"\n", "manifest.json")
        yield from zipped.finalize()


def archive_write(pieces: Iterable[bytes], path: Path) -> None:
    """Write an archive's bytes to a file, which appears only when it is complete.

    Raises:
        OSError: it cannot be written; no partial file stays behind.
    """
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        # Private (0600): it holds people's messages, and the folder may be readable by other accounts.
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
            for data in pieces:
                out.write(data)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def export_note(*, actor: Participant | str, scope: Scope, **detail: Any) -> None:
    """Write an audit entry for this export."""
    audit(
        actor=actor,
        action=AuditEntry.Action.EXPORT,
        room=scope.room.slug if scope.room else "",
        target=scope.person.username if scope.person else "",
        scope=str(scope),
        since=stamp(scope.since) if scope.since else None,
        **detail,
    )


def _lines(
    name: str, rows: Iterable[Object], sums: dict[str, str], counts: dict[str, int], progress: Progress
) -> Iterator[bytes]:
    digest = hashlib.sha256()
    held: list[bytes] = []
    for row in rows:
        held.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        if len(held) >= LINES:
            data = b"".join(held)
            counts[name] += len(held)
            held.clear()
            digest.update(data)
            yield data
            progress(counts[name])
    data = b"".join(held)
    counts[name] += len(held)
    digest.update(data)
    sums[f"{name}.jsonl"] = digest.hexdigest()
    yield data


def file_bytes(file: File, name: str, sums: dict[str, str], counts: dict[str, int]) -> Iterator[bytes]:
    """The bytes of a file for an archive; records its checksum and counts it."""
    digest = hashlib.sha256()
    # A file that was deleted meanwhile is empty in the archive, and the manifest has the checksum of those bytes.
    with suppress(FileNotFoundError):
        for data in storage.pieces(storage.place(file.bytes_key), 0, file.size):
            digest.update(data)
            yield data
    sums[name] = digest.hexdigest()
    counts["files"] += 1


@contextmanager
def snapshot() -> Iterator[None]:
    """Make all reads inside see the database as it was at the first one, without blocking writers."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # `atomic` would take SQLite's only write lock.
        connection.ensure_connection()
        cursor = connection.cursor()
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
