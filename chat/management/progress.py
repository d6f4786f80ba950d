"""One line on a terminal that says how far a command is."""

import time
from collections.abc import Callable
from typing import Any

from chat.lib.byte_sizes import shown

# Seconds between two writes.
_EVERY = 0.2
# Called with the step and the number of bytes or messages done.
Progress = Callable[[str, int], None]


class ProgressLine:
    """The line, on `out` where that is a terminal. `end` takes it away."""

    def __init__(self, out: Any, said: Callable[[int], str] = shown) -> None:
        self._out = out if out.isatty() else None
        self._said = said
        self._written = 0.0
        self._step = ""

    def __call__(self, step: str, done: int) -> None:
        if self._out is None:
            return
        now = time.monotonic()
        if step != self._step or now - self._written >= _EVERY:
            self._step, self._written = step, now
            self._out.write(f"\r{step}{f': {self._said(done)}' if done else ''}\x1b[K", _plain, ending="")

    def end(self) -> None:
        """Take the line away."""
        if self._out is not None and self._step:
            self._out.write("\r\x1b[K", _plain, ending="")


def _plain(text: str) -> str:
    """A style function that avoids the colour of errors."""
    return text
