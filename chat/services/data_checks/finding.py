"""The result of a check."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `place`: the room's slug with the message's number, or the file's key. `repaired`: the fault is fixed.
    `repairable`: a repair fixes it without data loss; otherwise `text` says what to do."""

    check: str
    place: str
    text: str
    repairable: bool = True
    repaired: bool = False
