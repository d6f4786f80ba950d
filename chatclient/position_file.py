"""The position on disk, so that a program that is started again goes on where it stopped."""

import contextlib
import json
import os
from pathlib import Path

from chatclient.errors import PositionFileError
from chatclient.feed import Position

# A killed program reads again what it had read since: its answers are safe to repeat by their `client_id`.
SAVE_SECONDS = 1.0


class PositionFile:
    """Where the reader has come, replaced as a whole at most once a second and when the client is closed."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._saved: Position | None = None
        self._saved_at = float("-inf")

    def load(self) -> Position | None:
        """What was saved last; None when there is no file yet. Raises PositionFileError when it is something else."""
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
        """Write it down unless that was done a moment ago. Raises PositionFileError; the old file is then untouched."""
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
