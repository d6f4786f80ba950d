"""The outbox on disk: a JSON line for each accepted message, and one for each that is settled.

A message is synced to disk (fsync) before it is accepted, so it survives a kill or a power cut. Settled lines are not
synced: losing one costs a repeated send, which its `client_id` makes harmless.
"""

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from chatclient.errors import OutboxFileError
from chatclient.frames import JSONObject

if sys.platform != "win32":
    import fcntl

# Bytes by which the file may grow before settled lines are removed.
_SWEEP_BYTES = 1 << 20


class Journal:
    """An outbox file, locked by one process at a time."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._file = -1
        self._lock = -1
        self._size = 0
        self._swept_size = 0
        self._pending: dict[str, JSONObject] = {}

    def open(self) -> list[JSONObject]:
        """Lock the file, and return its commands that are not settled, oldest first.

        Raises:
            OutboxFileError: If another process has locked it, or it cannot be used, or is no outbox file.
        """
        try:
            self._lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if sys.platform != "win32":
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._load()
            self._sweep()
        except BlockingIOError:
            self.close()
            raise OutboxFileError(f"The outbox file {self.path} is in use by another process.") from None
        except OSError as exc:
            self.close()
            raise OutboxFileError(f"The outbox file {self.path} cannot be used: {exc.strerror or exc}.") from None
        except OutboxFileError:
            self.close()
            raise
        return list(self._pending.values())

    def add(self, command: JSONObject) -> None:
        """Write a message; it is on disk when this returns.

        Raises:
            OutboxFileError: If it cannot be written. The file is unchanged.
        """
        try:
            self._append({"send": command}, sync=True)
        except OSError as exc:
            # Remove the part of the line that was written.
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise OutboxFileError(f"The outbox file {self.path} cannot be written: {exc.strerror or exc}.") from None
        self._pending[command["client_id"]] = command

    def settle(self, client_id: str) -> None:
        """Record that a message needs not be sent again."""
        if self._pending.pop(client_id, None) is None or self._file < 0:
            return
        # A full disk costs a repeated send later, not this message.
        with contextlib.suppress(OSError):
            if not self._pending:
                os.ftruncate(self._file, 0)
                self._size = self._swept_size = 0
                return
            self._append({"settled": client_id}, sync=False)
            if self._size > self._swept_size + _SWEEP_BYTES:
                self._sweep()

    def close(self) -> None:
        """Close and unlock the file."""
        for descriptor in (self._file, self._lock):
            if descriptor >= 0:
                os.close(descriptor)
        self._file = self._lock = -1

    def _append(self, entry: JSONObject, *, sync: bool) -> None:
        line = _line(entry)
        written = os.write(self._file, line)
        if written < len(line):
            raise OSError(0, "the disk is full")
        if sync:
            os.fsync(self._file)
        self._size += len(line)

    def _load(self) -> None:
        self._pending.clear()
        with contextlib.suppress(FileNotFoundError):
            lines = self.path.read_bytes().split(b"\n")
            # A line without its end was cut off by a crash: its message was never accepted.
            for number, line in enumerate(lines[:-1], start=1):
                self._read(line, number)

    def _read(self, line: bytes, number: int) -> None:
        try:
            entry: Any = json.loads(line)
            if "send" in entry:
                self._pending[str(entry["send"]["client_id"])] = dict(entry["send"])
            else:
                self._pending.pop(entry["settled"], None)
        except (ValueError, TypeError, KeyError):
            raise OutboxFileError(f"{self.path} is not an outbox file (line {number}).") from None

    def _sweep(self) -> None:
        """Write a new file with the unsettled lines only, and replace the old one by it."""
        beside = Path(f"{self.path}.new")
        fresh = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            data = b"".join(_line({"send": command}) for command in self._pending.values())
            if os.write(fresh, data) < len(data):
                raise OSError(0, "the disk is full")
            os.fsync(fresh)
            beside.replace(self.path)
            _sync_directory(self.path.parent)
        except OSError:
            os.close(fresh)
            raise
        if self._file >= 0:
            os.close(self._file)
        self._file = fresh
        self._size = self._swept_size = len(data)


def _line(entry: JSONObject) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _sync_directory(path: Path) -> None:
    if sys.platform == "win32":
        return
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
