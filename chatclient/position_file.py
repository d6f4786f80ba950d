"""The position on disk, so that a restarted program continues where it stopped."""

import contextlib
import json
import os
from pathlib import Path

from chatclient.errors import PositionFileError
from chatclient.feed import Position

# After a kill, events since the last save are read again: answers with a `client_id` are safe to repeat.
SAVE_SECONDS = 1.0


class PositionFile:
    """The reader's position, written atomically at most once a second and when the client is closed."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._saved: Position | None = None
        self._saved_at = float("-inf")

    def load(self) -> Position | None:
        """The saved position; None when there is no file yet.

        Raises:
            PositionFileError: If it is anything else.
        """
        try:
            self._saved = Position.from_json(json.loads(self.path.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise PositionFileError(f"The position file {self.path} cannot be read: {exc.strerror or exc}.") from None
        except ValueError:
            raise PositionFileError(f"{self.path} is not a position file.") from None
        return self._saved

    def save(self, position: Position, now: float, *, last: bool = False) -> None:
        """Write the position, unless that was done within the last second.

        Raises:
            PositionFileError: If it cannot be written; the old file is unchanged.
        """
        if position == self._saved or (now < self._saved_at + SAVE_SECONDS and not last):
            return
        beside = Path(f"{self.path}.new")
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(position.to_json(), file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
        except OSError as exc:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise PositionFileError(
                f"The position file {self.path} cannot be written: {exc.strerror or exc}."
            ) from None
        self._saved, self._saved_at = position, now
