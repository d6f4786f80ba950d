"""A row of the matrix, and its outcome."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

WORKS, FAILS, NOT_RUN = "works", "fails", "not run"


@dataclass(frozen=True)
class Outcome:
    version: str
    note: str
    result: str = WORKS


class NotRun(Exception):
    """Raised by a row that this machine cannot run; the message is the reason."""


class Failed(Exception):
    """Raised by a row whose promise was broken; the message is the first broken one."""

    def __init__(self, reason: str, *, version: str = "") -> None:
        super().__init__(reason)
        self.version = version


@dataclass(frozen=True)
class Row:
    """`name` is the value for `--only`, `title` the text in the table."""

    name: str
    title: str
    run: Callable[[], Coroutine[Any, Any, Outcome]]
