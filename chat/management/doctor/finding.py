"""One line of the doctor."""

from typing import NamedTuple


class Finding(NamedTuple):
    """`well` False: a server cannot work with it, and `line` names the cure."""

    well: bool
    line: str
