"""The contents of files, in the storage that `STORAGES["files"]` names: a folder or an S3.

The server derives names from a file's id: two files with the same name do not collide, and no name chosen by a user
becomes a path.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import IO, Any

from django.core.files import File as Opened
from django.core.files.storage import FileSystemStorage, Storage, storages

# Bytes read at a time: the memory of one download.
CHUNK_BYTES = 256 * 1024
MAIN = "main"


def files() -> Storage:
    """Return the storage of files."""
    return storages["files"]


def is_folder() -> bool:
    """Return whether files are kept in a folder of this machine."""
    return isinstance(files(), FileSystemStorage)


def place(key: str, part: str = MAIN) -> str:
    """Return the name in the storage of a part of a file: `main`, `480` or `1600`."""
    return f"{key[:2]}/{key}/{part}"


class _OnDisk(Opened):  # type: ignore[type-arg]
    """A file that a folder storage may take over: Django moves a file that has such a path, and copies others."""

    def __init__(self, file: IO[bytes], name: str, path: Path) -> None:
        super().__init__(file, name=name)
        self._path = path

    def temporary_file_path(self) -> str:
        return str(self._path)


def store(path: Path, name: str, media_type: str, *, moved: bool = False) -> None:
    """Write the file at `path` under this name, so that it survives a power cut.

    `moved`: a folder on the same file system takes the file itself: it must not be open or written elsewhere.

    Raises:
        OSError: the disk is full, or the storage cannot be written.
    """
    storage = files()
    # After a crash between storing and recording, a retry finds the name taken, and would get another one.
    with suppress(FileNotFoundError):
        storage.delete(name)
    with path.open("rb") as source:
        content: Opened[bytes] = _OnDisk(source, name, path) if moved else Opened(source, name=name)
        # An S3 sends this type to clients, and would otherwise guess it from the name.
        content.content_type = media_type  # type: ignore[attr-defined]
        storage.save(name, content)
    if isinstance(storage, FileSystemStorage):
        _sync(Path(storage.path(name)))


def store_pieces(pieces: Iterator[bytes], name: str, media_type: str) -> int:
    """Write what `pieces` yields under this name, without a copy elsewhere; returns the number of bytes.

    After a crash the name may hold an incomplete file, which the next call replaces.

    Raises:
        OSError: the disk is full, or the folder cannot be written. An S3 raises its own errors, and `pieces` may raise
        any. Nothing stays stored.
    """
    storage = files()
    with suppress(FileNotFoundError):
        storage.delete(name)
    source = _Pieces(pieces)
    content = Opened(BufferedReader(source, CHUNK_BYTES), name=name)
    content.content_type = media_type  # type: ignore[attr-defined]
    try:
        storage.save(name, content)
        if isinstance(storage, FileSystemStorage):
            _sync(Path(storage.path(name)))
    except BaseException:
        with suppress(Exception):
            storage.delete(name)
        raise
    return source.given


class _Pieces(RawIOBase):
    """A stream of pieces as a file that can be read once."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        self.given += len(taken)
        return len(taken)


def delete(key: str, parts: Iterator[str] | list[str]) -> None:
    """Delete these parts of a file; missing parts count as deleted."""
    storage = files()
    for part in parts:
        storage.delete(place(key, part))
    if isinstance(storage, FileSystemStorage):
        with suppress(OSError):
            Path(storage.path(place(key))).parent.rmdir()


def size_of(name: str) -> int:
    """Return the size in bytes of the stored file of this name.

    Raises:
        OSError: the file is missing, or the storage does not answer.
    """
    with _failing_as_folders_do():
        return int(files().size(name))


def pieces(name: str, start: int, end: int) -> Iterator[bytes]:
    """Yield the bytes from `start` to `end`, without `end`, in pieces.

    Raises:
        OSError: the file is missing, or the storage does not answer.
    """
    storage = files()
    is_bucket = getattr(storage, "bucket", None) is not None
    with _failing_as_folders_do():
        source = _of_bucket(storage, name, start, end) if is_bucket else _of_folder(storage, name, start)
    left = end - start
    with closing(source):
        while left > 0:
            with _failing_as_folders_do():
                piece = source.read(min(CHUNK_BYTES, left))
            if not piece:
                return
            left -= len(piece)
            yield piece


@contextmanager
def _failing_as_folders_do() -> Iterator[None]:
    """Raises an S3 client's own errors as errors of a file."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        code = getattr(error, "response", {}).get("Error", {}).get("Code", "")
        kind = FileNotFoundError if code in {"404", "NoSuchKey"} else OSError
        raise kind(f"{type(error).__name__} {code}".strip()) from error


def _of_folder(storage: Storage, name: str, start: int) -> Any:
    opened = storage.open(name, "rb")
    opened.seek(start)
    return opened


def _of_bucket(storage: Any, name: str, start: int, end: int) -> Any:
    # `open` of django-storages reads the whole file into memory.
    key = storage._normalize_name(name)
    return storage.bucket.Object(key).get(Range=f"bytes={start}-{end - 1}")["Body"]


def _sync(path: Path) -> None:
    for place in (path, path.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
