"""The identity of a caller: a participant, and the credential that proved it."""

from copy import copy
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
    # A subset of SCOPES: what the credential may do. Only tokens are limited.
    scopes: frozenset[str] = ALL

    @property
    def credential(self) -> tuple[str, str]:
        """`kind` and `key` of the credential; for a ticket, those of the identity that requested it."""
        if self.kind != "ticket":
            return self.kind, self.key
        kind, _, key = self.key.partition(":")
        return kind, key


def acting(user: Participant, scopes: frozenset[str]) -> Participant:
    """The participant with the rights of these scopes; rules read the participant, see `chat.access.actor_of`."""
    if "moderate" in scopes:
        return user
    limited = copy(user)
    limited.may_moderate = False
    return limited
