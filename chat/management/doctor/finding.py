"""One line of the doctor's report."""

from typing import NamedTuple


class Finding(NamedTuple):
    """`well` is False when a server cannot work with it; `line` then names the cure."""

    well: bool
    line: str
