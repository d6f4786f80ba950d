"""The older form of the outbox file: a JSON line for each accepted message, and one for each that is settled.

It is read once, by `OutboxFile.open`, which replaces it with a database.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatclient.errors import OutboxFileError
from chatclient.frames import JSONObject

if sys.platform != "win32":
    import fcntl

_STARTS = (b'{"send":', b'{"settled":')


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that an older client holds while it uses the file, and remove it at the end.

    Raises:
        BlockingIOError: If an older client holds it.
    """
    beside = Path(f"{path}.lock")
    if not beside.exists() or sys.platform == "win32":
        yield
        return
    descriptor = os.open(beside, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
        # From now on an older client refuses the file.
        beside.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def read(path: Path) -> list[JSONObject]:
    """The commands that are not settled, oldest first.

    Raises:
        OutboxFileError: If it is no outbox file.
    """
    pending: dict[str, JSONObject] = {}
    lines = path.read_bytes().split(b"\n")
    # A line without its end was cut off by a crash: its message was never accepted.
    torn = lines.pop()
    if not any(start.startswith(torn[: len(start)]) for start in _STARTS):
        raise OutboxFileError(f"{path} is not an outbox file.")
    for number, line in enumerate(lines, start=1):
        try:
            entry: Any = json.loads(line)
            if "send" in entry:
                pending[str(entry["send"]["client_id"])] = dict(entry["send"])
            else:
                pending.pop(entry["settled"], None)
        except (ValueError, TypeError, KeyError):
            raise OutboxFileError(f"{path} is not an outbox file (line {number}).") from None
    return list(pending.values())


def sync_directory(path: Path) -> None:
    """Sync the names of a folder's files to disk."""
    if sys.platform == "win32":
        return
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
