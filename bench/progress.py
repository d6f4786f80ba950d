"""Progress on standard error, with the time since the start."""

import sys
import time

_began = time.monotonic()


def say(line: str) -> None:
    """Print a line."""
    minutes, seconds = divmod(int(time.monotonic() - _began), 60)
    print(f"{minutes:3}:{seconds:02}  {line}", file=sys.stderr, flush=True)
