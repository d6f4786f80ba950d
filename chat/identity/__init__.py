"""The identity of a caller: a participant, and the credential that proved it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chat.models import Participant

# What a token may do: read rooms and messages; write, join and leave; moderate and administer rooms.
SCOPES = ("read", "write", "moderate")
ALL = frozenset(SCOPES)
Kind = Literal["session", "token", "jwt", "ticket"]


@dataclass(frozen=True, slots=True)
class Identity:
    """A participant and the credential of the caller.

    `key` finds the credential again; it must not be logged or sent.
    """

    user: Participant
    kind: Kind
    key: str = field(repr=False)
    expires_at: datetime | None = None
    # Of SCOPES: what the credential may do. Only tokens are limited.
    scopes: frozenset[str] = ALL
