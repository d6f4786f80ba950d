"""Error codes of refusals, and close codes of sockets."""

import math
from collections.abc import Mapping
from enum import IntEnum, StrEnum


class Code(StrEnum):
    """The error code, for programs. Only `rate_limited` and `unavailable` are worth a retry of the same command."""

    BAD_JSON = "bad_json"
    UNKNOWN_TYPE = "unknown_type"
    INVALID = "invalid"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    QUOTA = "quota"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    MUTED = "muted"
    BANNED = "banned"
    RATE_LIMITED = "rate_limited"
    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"
    SERVER_ERROR = "server_error"


class Close(IntEnum):
    """The close code of a socket: whether, and when, the client should reconnect."""

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
    """Raised to refuse a command or request; it is sent to the client.

    `message` is a sentence the person can act on, `fields` the problem of each field by name. `retry_after` is in
    seconds, rounded up to the millisecond, so that a client that waits exactly that long is not refused again.
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
    """The refusal for an object that does not exist and for one that is hidden: the same."""
    return ChatError(Code.NOT_FOUND, f"There is no such {what}, or you may not see it.")


def left_meanwhile() -> ChatError:
    """The refusal when the membership ended between two statements, by another socket or a moderator."""
    return ChatError(Code.FORBIDDEN, "You have just left this room, or were removed from it.")


# Seconds between retries: after an outage everyone is served again within this time, and until then a client sends one
# request each time.
RETRY_SECONDS = 1.0


def too_many_files() -> ChatError:
    """The refusal when the process has no free file descriptors."""
    sentence = "The server has too many connections open. Nothing was saved. Try again in a moment."
    return ChatError(Code.UNAVAILABLE, sentence, retry_after=RETRY_SECONDS)


def unavailable() -> ChatError:
    """The refusal when the database cannot be reached."""
    return ChatError(
        Code.UNAVAILABLE,
        "The server cannot reach its database. Nothing was saved. Try again in a moment.",
        retry_after=RETRY_SECONDS,
    )


def not_storable() -> ChatError:
    """The refusal of a value that the database rejects; sending it again would fail again."""
    return ChatError(
        Code.INVALID, "The server's database cannot store this. Nothing was written; write it another way."
    )
