"""The identity of a caller: an account, and the credential that proved it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from accounts.models import User

Kind = Literal["session", "token", "jwt", "ticket"]


@dataclass(frozen=True, slots=True)
class Identity:
    """An account and the credential of the caller. `key` finds the credential again; it must not be logged or sent."""

    user: User
    kind: Kind
    key: str = field(repr=False)
    expires_at: datetime | None = None
