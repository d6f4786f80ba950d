"""The file of a backup: a zip of the database's copy, the files, and a manifest with counts and checksums."""

import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, InvalidStorageError, storages
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from chat.lib import replaced_migrations
from chat.management.backup.engines import FLEETING, BackupError, Counts, counts_here, engine
from chat.management.progress import Progress
from chat.services.history_epoch import epoch_renew

FORMAT, VERSION = "backchannel-backup", 1
MANIFEST = "manifest.json"
_PIECE = 1024 * 1024
# Errors that zipfile raises for an archive whose bytes were changed.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
# When the last backup was verified, for the doctor.
VERIFIED = "last_verified_backup.json"


def _quiet(_step: str, _done: int) -> None:
    pass


def backup_make(folder: Path, progress: Progress = _quiet) -> Path:
    """Write a backup into this folder; returns the file. Servers may run.

    Raises:
        BackupError, OSError: it could not be made; nothing stays behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    path = folder / f"backchannel-{now:%Y%m%d-%H%M%S}.zip"
    database = engine()
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as scratch:
        copy = Path(scratch) / database.file
        progress("copying the database", 0)
        counts = database.dump(copy)
        packed = _Counted(progress, "packing")
        part = Path(scratch) / "part"
        sums: dict[str, str] = {}
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1, allowZip64=True) as out:
            sums[database.file] = _add(out, copy, database.file, packed)
            for file, name in _files():
                # A file that disappears meanwhile belonged to a deleted message.
                with suppress(FileNotFoundError):
                    sums[f"files/{name}"] = _add(out, file, f"files/{name}", packed)
            manifest = {
                "format": FORMAT,
                "version": VERSION,
                "made_at": now.isoformat(),
                "engine": database.name,
                "migrations": sorted(_applied()),
                "counts": counts,
                "sha256": sums,
            }
            out.writestr(MANIFEST, json.dumps(manifest, indent=1))
        # The backup holds every message and every password hash.
        part.chmod(0o600)
        part.replace(path)
    return path


def backup_verify(path: Path, progress: Progress = _quiet) -> Counts:
    """Compare the checksums, restore the database into a scratch one, compare the counts; returns them.

    Raises:
        BackupError: the backup is damaged, or of another kind of database.
    """
    with _unpacked(path, progress) as (manifest, copy):
        progress("counting in a scratch database", 0)
        found = engine().counts_of(copy)
        for table, count in manifest["counts"].items():
            if found.get(table) != count:
                raise BackupError(f"{path}: {table} has {found.get(table)} rows, and had {count} when it was made")
    note = {"path": str(path), "made_at": manifest["made_at"], "verified_at": datetime.now(UTC).isoformat()}
    (Path(settings.CHAT_DATA_DIR) / VERIFIED).write_text(json.dumps(note) + "\n", encoding="utf-8")
    return {name: count for name, count in found.items() if name not in FLEETING}


def last_verified() -> tuple[str, timedelta] | None:
    """The backup that was verified last, and how old it is."""
    try:
        note = json.loads((Path(settings.CHAT_DATA_DIR) / VERIFIED).read_text(encoding="utf-8"))
        return str(note["path"]), datetime.now(UTC) - datetime.fromisoformat(note["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `added`: the migrations that a backup of an older version got, in order."""

    before: Counts
    after: Counts
    added: list[str]
    epoch: str


def backup_restore(path: Path, progress: Progress = _quiet) -> Restored:
    """Put a backup in the place of what is here.

    Raises:
        BackupError: it is damaged, or of a newer version of this program, or of one too old. Nothing was changed.
    """
    with _unpacked(path, progress) as (manifest, copy):
        unknown = set(manifest["migrations"]) - replaced_migrations.known()
        if unknown:
            raise BackupError(f"{path}: is of a newer version of this program ({min(unknown)}); install that first")
        if missing := replaced_migrations.missing(manifest["migrations"]):
            raise BackupError(
                f"{path}: is of a version that is too old: it lacks {missing[-1]}, which this one replaced."
                " Restore it with the last version that has that migration, and back up again"
            )
        before = counts_here() if connection.introspection.table_names() else {}
        progress("putting back the database", 0)
        engine().restore(copy)
        # Bring a backup of an older version to the tables of this version.
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        _restore_files(path, _Counted(progress, "putting back files"))
        added = replaced_migrations.added(manifest["migrations"], _applied())
        return Restored(before, counts_here(), added, epoch_renew())


def _applied() -> set[str]:
    return {f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations}


@contextmanager
def _unpacked(path: Path, progress: Progress) -> Iterator[tuple[dict[str, Any], Path]]:
    """Check every checksum, and yield the manifest and the copy of the database."""
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise BackupError(f"{path}: there is no such file") from None
    except (zipfile.BadZipFile, OSError) as error:
        raise BackupError(f"{path}: is cut off or no backup ({error})") from None
    with archive, tempfile.TemporaryDirectory(prefix="backup-") as scratch:
        try:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest["format"] != FORMAT or manifest["version"] != VERSION:
                raise BackupError(f"{path}: is no backup of this version of the format")
            if manifest["engine"] != engine().name:
                raise BackupError(f"{path}: is of {manifest['engine']}, and this database is {engine().name}")
            copy = Path(scratch) / engine().file
            read = _Counted(progress, "comparing checksums")
            for name, wanted in manifest["sha256"].items():
                with archive.open(name) as source, (copy if name == copy.name else Path(os.devnull)).open("wb") as out:
                    if _copied(source, out, read) != wanted:
                        raise BackupError(f"{path}: {name} differs from its checksum")
            if engine().file not in manifest["sha256"]:
                raise BackupError(f"{path}: holds no copy of the database")
        except (KeyError, ValueError, TypeError, AttributeError, *_DAMAGE) as error:
            raise BackupError(f"{path}: is damaged ({error})") from None
        yield manifest, copy


def _restore_files(path: Path, written: "_Counted") -> None:
    folder = files_folder()
    if folder is None:
        return
    root = folder.resolve()
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            target = (root / name.removeprefix("files/")).resolve()
            if not name.startswith("files/") or not target.is_relative_to(root) or target.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f"{target.name}.part")
            with archive.open(name) as source, part.open("wb") as out:
                _copied(source, out, written)
            part.replace(target)


def files_folder() -> Path | None:
    """Where the files of messages are, when they are in a folder; an object store is backed up by its own means."""
    try:
        storage = storages["files"]
    except InvalidStorageError:
        return None
    return Path(storage.location) if isinstance(storage, FileSystemStorage) else None


def _files() -> Iterator[tuple[Path, str]]:
    folder = files_folder()
    if folder is not None and folder.is_dir():
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.is_symlink() and file.suffix != ".part":
                yield file, file.relative_to(folder).as_posix()


def _add(out: zipfile.ZipFile, file: Path, name: str, packed: "_Counted") -> str:
    with file.open("rb") as source, out.open(name, "w", force_zip64=True) as target:
        return _copied(source, target, packed)


class _Counted:
    """Counts the bytes of one step."""

    def __init__(self, progress: Progress, step: str) -> None:
        self._progress, self._step, self._done = progress, step, 0

    def add(self, number: int) -> None:
        self._done += number
        self._progress(self._step, self._done)


def _copied(source: IO[bytes], target: IO[bytes], counted: _Counted) -> str:
    digest = hashlib.sha256()
    while data := source.read(_PIECE):
        digest.update(data)
        target.write(data)
        counted.add(len(data))
    return digest.hexdigest()
