"""The bytes of an upload while they arrive: a file in UPLOADS_DIR, whose size is the offset to continue from.

The size of the file counts, not a number in the database: after `kill -9` it is what was written.
"""

import asyncio
import fcntl
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from chat.live import db
from chat.live.opening import open_for
from chat.models import File, Participant
from chat.protocol.errors import ChatError, Code
from chat.services.files import SPARE_BYTES, file_keep, largest_file, no_space, part_path

# Pieces are collected to this size before a thread writes them.
WRITE_BYTES = 256 * 1024
CHECKSUMS = ("sha1", "sha256", "sha512", "md5")
# Seconds that a request waits for the previous one, whose client has reconnected.
TAKE_OVER_SECONDS = 5.0


class Locked(Exception):
    """Raised when another request is writing the same upload."""


# Key -> the part that a request of this process is writing.
_writing: dict[str, "Part"] = {}


class Part:
    """The file of one upload, open for writing by one request at a time across all processes.

    A client whose network has changed reconnects while the server still waits for its old connection: the new request
    stops the old one of the same process.
    """

    def __init__(self, key: str, path: Path) -> None:
        self._key = key
        self._path = path
        self._file = -1
        self._stopped = False
        # The task of the request, while it waits for a piece.
        self._waiting: asyncio.Task[Any] | None = None
        self._released = asyncio.Event()

    async def __aenter__(self) -> Self:
        if before := _writing.get(self._key):
            await before.stop()
        if self._key in _writing:
            raise Locked
        _writing[self._key] = self
        try:
            self._file = await db.on_files(_open, self._path)
        except BaseException:
            self._release()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)
        self._release()

    def _release(self) -> None:
        del _writing[self._key]
        self._released.set()

    async def stop(self) -> None:
        """Stop the request that is writing, and wait until it has ended; its client gets at most a refusal."""
        self._stopped = True
        if self._waiting:
            self._waiting.cancel()
        try:
            async with asyncio.timeout(TAKE_OVER_SECONDS):
                await self._released.wait()
        except TimeoutError:
            pass

    @property
    def size(self) -> int:
        """The offset to continue from."""
        return os.fstat(self._file).st_size

    async def append(self, pieces: AsyncIterator[bytes], *, most: int, checksum: "Checksum | None" = None) -> int:
        """Append the pieces; returns the size. Bytes that have arrived stay if the client disconnects.

        Raises:
            ChatError: `too_large` beyond `most` bytes in all, `quota` for a full disk.
            BadChecksum: none of the pieces is kept.
        """
        start = self.size
        try:
            await self._append(pieces, most, checksum)
            if checksum and not checksum.holds():
                raise BadChecksum
        except BaseException:
            if checksum:
                os.ftruncate(self._file, start)
            raise
        return self.size

    async def _append(self, pieces: AsyncIterator[bytes], most: int, checksum: "Checksum | None") -> None:
        waiting: list[bytes] = []
        held, at = 0, self.size
        try:
            async for piece in self._until_stopped(pieces):
                if at + held + len(piece) > most:
                    raise ChatError(Code.TOO_LARGE, "More bytes arrived than were announced.")
                waiting.append(piece)
                held += len(piece)
                if held >= WRITE_BYTES:
                    await self._write(waiting, at, checksum)
                    at, held, waiting = at + held, 0, []
        finally:
            if waiting:
                await self._write(waiting, at, checksum)

    async def _until_stopped(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The pieces; `stop` cancels the wait for one. A task for each piece would cost a third of an upload."""
        task = asyncio.current_task()
        assert task
        while not self._stopped:
            self._waiting = task
            try:
                piece = await anext(pieces, None)
            except asyncio.CancelledError:
                # The request may have been cancelled as well.
                if self._stopped and not task.uncancel():
                    break
                raise
            finally:
                self._waiting = None
            if piece is None:
                return
            yield piece
        raise Locked

    async def _write(self, pieces: list[bytes], at: int, checksum: "Checksum | None") -> None:
        await db.on_files(_write, self._file, pieces, at, checksum)


async def kept(user: Participant, pieces: AsyncIterator[bytes], facts: Callable[[], tuple[str, str]]) -> File:
    """Write the pieces of one request to the folder of uploads, and make a file of them. `facts`: returns the name and
    description, which a form may send after the bytes.

    Raises:
        ChatError: as `append` and `file_keep` do; nothing is kept.
    """
    key = f"{secrets.token_urlsafe(16)}.form"
    path = part_path(key)
    try:
        async with Part(key, path) as part:
            size = await part.append(pieces, most=largest_file())
        name, description = facts()
        return await open_for(user.pk, file_keep, user=user, path=path, size=size, name=name, description=description)
    finally:
        await db.on_files(path.unlink, missing_ok=True)


class BadChecksum(Exception):
    """Raised when the received bytes do not match their checksum."""


class Checksum:
    """The checksum that a part of an upload must have (tus 1.0.0, Checksum)."""

    def __init__(self, algorithm: str, expected: bytes) -> None:
        self._hash = hashlib.new(algorithm, usedforsecurity=False)
        self._expected = expected

    def update(self, data: bytes) -> None:
        """Add bytes."""
        self._hash.update(data)

    def holds(self) -> bool:
        """Whether the bytes match it."""
        return self._hash.digest() == self._expected


def _open(path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise Locked from None
    return file


def _write(file: int, pieces: list[bytes], at: int, checksum: Checksum | None) -> None:
    disk = os.fstatvfs(file)
    if disk.f_bavail * disk.f_frsize < SPARE_BYTES:
        # Uploads that arrive at the same time passed the first check without counting each other.
        raise no_space()
    try:
        for piece in pieces:
            view = memoryview(piece)
            while view:
                written = os.pwrite(file, view, at)
                view, at = view[written:], at + written
            if checksum:
                checksum.update(piece)
    except OSError as error:
        raise no_space() from error
