"""What a check found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `place`: the room's slug, with the number of the message, or the key of the file. `repaired`: it is
    gone. `repairable`: a repair removes it without a loss; otherwise `text` says what to do."""

    check: str
    place: str
    text: str
    repairable: bool = True
    repaired: bool = False
