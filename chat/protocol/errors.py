"""Everything that can be refused, by code; and the codes a socket is closed with."""

import math
from collections.abc import Mapping
from enum import IntEnum, StrEnum


class Code(StrEnum):
    """What went wrong, for programs. Only `rate_limited` and `unavailable` are worth trying again as it was."""

    BAD_JSON = "bad_json"
    UNKNOWN_TYPE = "unknown_type"
    INVALID = "invalid"
    TOO_LARGE = "too_large"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    MUTED = "muted"
    BANNED = "banned"
    RATE_LIMITED = "rate_limited"
    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"
    SERVER_ERROR = "server_error"


class Close(IntEnum):
    """Why the server ended a socket; the client reads from it whether, and when, to come back."""

    GOING_AWAY = 1001
    RESTART = 1012
    NOT_SIGNED_IN = 4001
    REMOVED = 4003
    NO_SUCH_ROOM = 4004
    TOO_SLOW = 4008
    TOO_MANY_SOCKETS = 4009
    SIGNED_OUT = 4010
    FLOODING = 4029


class ChatError(Exception):
    """Raised when a person's wish cannot be fulfilled; the catcher tells them and goes on.

    `message` is a sentence the person can act on, `fields` says what is wrong with which field,
    `retry_after` is in seconds, rounded up to the millisecond: whoever waits as long has waited enough.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        fields: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = dict(fields) if fields else None
        self.retry_after = None if retry_after is None else math.ceil(retry_after * 1000) / 1000


def not_found(what: str) -> ChatError:
    """Absent and hidden look the same."""
    return ChatError(Code.NOT_FOUND, f"There is no such {what}, or you may not see it.")


def left_meanwhile() -> ChatError:
    """Another socket of the person left, or somebody removed them, between two statements."""
    return ChatError(Code.FORBIDDEN, "You have just left this room, or were removed from it.")


# After an outage everyone is served again within seconds, and until then a server answers each once in this time.
RETRY_SECONDS = 1.0


def too_many_files() -> ChatError:
    sentence = "The server has too many connections open. Nothing was written; send it again in a moment."
    return ChatError(Code.UNAVAILABLE, sentence, retry_after=RETRY_SECONDS)


def unavailable() -> ChatError:
    return ChatError(
        Code.UNAVAILABLE,
        "The server cannot reach its database. Nothing was written; send it again in a moment.",
        retry_after=RETRY_SECONDS,
    )


def not_storable() -> ChatError:
    """The same again would fail again."""
    return ChatError(
        Code.INVALID, "The server's database cannot store this. Nothing was written; write it another way."
    )
