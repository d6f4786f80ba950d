"""Parses rates and sizes in settings, as people write them."""

import re
from typing import NamedTuple


class Rate(NamedTuple):
    """A limit of `events` in `seconds`; `events` 0 means no limit."""

    events: int
    seconds: float


def rate_of(text: str) -> Rate:
    """Parse a rate such as `30/10s`: 30 events in 10 seconds; `0` means no limit.

    Raises:
        ValueError: the text describes the expected form.
    """
    if text == "0":
        return Rate(0, 0.0)
    match = re.fullmatch(r"(\d{1,7})/(\d{1,5})?([smh])", text, re.ASCII)
    if match is None or int(match[1]) == 0 or match[2] == "0":
        raise ValueError("a rate such as 30/10s, or 0 for no limit")
    return Rate(int(match[1]), int(match[2] or 1) * {"s": 1.0, "m": 60.0, "h": 3600.0}[match[3]])


def size_of(text: str) -> int:
    """Parse a number of bytes such as `25MB` (25 x 1024 x 1024), or with KB, GB, TB; `0` means no limit.

    Raises:
        ValueError: the text describes the expected form.
    """
    match = re.fullmatch(r"(\d{1,15}) ?([KMGT]?)i?B?", text, re.ASCII | re.IGNORECASE)
    if match is None or (0 < int(match[1]) < 1024 and not match[2]):
        raise ValueError("a size such as 25MB, or 0 for no limit")
    factor: int = 1024 ** " KMGT".index(match[2].upper() or " ")
    return int(match[1]) * factor
