"""All exceptions of the client.

* `ChatError`
    * `InvalidAddress`: the address given cannot be that of a chat server
    * `ConnectionFailed`: no connection could be established; trying again may help
        * `ServerUnreachable`: no server answers there
        * `HandshakeRefused`: the answer is an HTTP status instead of a socket (`status`)
        * `NotAChatServer`: a socket opens, but does not follow the protocol
        * `ConnectionLost`: the connection broke, and could not be restored in the time allowed
    * `ConnectionEnded`: the server ended it permanently; reconnecting unchanged would not help (`code`, `reason`)
        * `NotSignedIn` (4001), `RemovedFromRoom` (4003), `NoSuchRoom` (4004), `TooManySockets` (4009),
          `SignedOut` (4010)
    * `SignInFailed`: name and password were not accepted
    * `ClientClosed`: the client was used before it was opened or after it was closed
    * `AnswerLost`: the connection broke between a command and its answer; it may have been executed
    * `PositionFileError`: the position file cannot be used
    * `OutboxError`
        * `OutboxFull`: the outbox holds its maximum number of messages
        * `OutboxFileError`: the outbox file cannot be used
    * `CommandRefused`: the server refused (`code`, `fields`, `retry_after`)
        * `Invalid`, `TooLarge`, `Unsupported`, `QuotaFull`, `NotFound`, `Forbidden`, `Muted`, `Banned`,
          `RateLimited`, `Conflict`, `Unavailable`, `ServerFailed`
"""

from collections.abc import Mapping


class ChatError(Exception):
    """Base of all exceptions of this package. Its text is one line that a person can act on."""


class InvalidAddress(ChatError, ValueError):
    """Raised when the address or the room given cannot be that of a chat server."""


class ConnectionFailed(ChatError):
    """Raised when no connection can be established. Trying again later may help."""


class ServerUnreachable(ConnectionFailed):
    """Raised when no server answers at the address: no such host, port closed, no answer in time."""


class HandshakeRefused(ConnectionFailed):
    """Raised when the server answers with an HTTP status instead of opening a socket."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotAChatServer(ConnectionFailed):
    """Raised when the frames do not follow the protocol. Check the address."""


class ConnectionLost(ConnectionFailed):
    """Raised when a connection broke at once, or could not be restored within `give_up_after` seconds."""

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class ConnectionEnded(ChatError):
    """Raised when the server ended the connection permanently. Reconnecting unchanged would not help."""

    def __init__(self, message: str, *, code: int, reason: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class NotSignedIn(ConnectionEnded):
    """Raised when the server does not accept the credentials (4001). Get a new token, or pass username and password."""


class RemovedFromRoom(ConnectionEnded):
    """Raised when the person was banned or removed from the only room of the connection (4003)."""


class NoSuchRoom(ConnectionEnded):
    """Raised when the room does not exist, or is hidden from this person (4004)."""


class TooManySockets(ConnectionEnded):
    """Raised when the person has too many connections (4009). Close others first."""


class SignedOut(ConnectionEnded):
    """Raised when the token ended or the person was signed out (4010). Sign in again."""


class SignInFailed(ChatError):
    """Raised when the server does not accept username and password, or cannot check them."""


class ClientClosed(ChatError):
    """Raised when a client is used outside its `async with`, and by calls still waiting when it is closed."""


class AnswerLost(ChatError):
    """Raised when the connection broke before a command was answered.

    It may have been executed. Messages never raise this: they are sent again until they are acknowledged.
    """


class OutboxError(ChatError):
    """Base of the errors of the outbox."""


class OutboxFull(OutboxError):
    """Raised when `outbox_size` messages are waiting. Wait, or use `send()`, which waits for space."""


class OutboxFileError(OutboxError):
    """Raised when the outbox file cannot be read, written or locked. The message was not accepted."""


class PositionFileError(ChatError):
    """Raised when the position file cannot be read or written. Repair the file; its previous content is unchanged."""


class CommandRefused(ChatError):
    """Raised when the server refuses a command. `code` is the error code of the protocol."""

    code = ""

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        fields: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.fields = dict(fields or {})
        self.retry_after = retry_after


class Invalid(CommandRefused):
    """Raised when a field of the command is wrong. `fields` has the problem of each."""

    code = "invalid"


class TooLarge(CommandRefused):
    """Raised when the message or the frame is too large."""

    code = "too_large"


class Unsupported(CommandRefused):
    """Raised when a file cannot be accepted: a picture or recording that the server cannot open."""

    code = "unsupported"


class QuotaFull(CommandRefused):
    """Raised when there is no space for a file: in the person's quota, or on the server."""

    code = "quota"


class NotFound(CommandRefused):
    """Raised when the target does not exist, or the person may not see it."""

    code = "not_found"


class Forbidden(CommandRefused):
    """Raised when the person may see the target, but not do this."""

    code = "forbidden"


class Muted(CommandRefused):
    """Raised when the person may not write in the room at the moment."""

    code = "muted"


class Banned(CommandRefused):
    """Raised when the person may not be in the room."""

    code = "banned"


class RateLimited(CommandRefused):
    """Raised when signing in too often. Sends and commands wait automatically and never raise it."""

    code = "rate_limited"


class Conflict(CommandRefused):
    """Raised when a `client_id` was already used for another message."""

    code = "conflict"


class Unavailable(CommandRefused):
    """Raised when the server cannot reach its database. Sends and commands are retried automatically."""

    code = "unavailable"


class ServerFailed(CommandRefused):
    """Raised when the server failed repeatedly to execute the command."""

    code = "server_error"


_BY_CODE: dict[str, type[CommandRefused]] = {
    kind.code: kind
    for kind in (
        Invalid,
        TooLarge,
        Unsupported,
        QuotaFull,
        NotFound,
        Forbidden,
        Muted,
        Banned,
        RateLimited,
        Conflict,
        Unavailable,
        ServerFailed,
    )
}


def refusal(
    code: str, message: str, *, fields: Mapping[str, str] | None = None, retry_after: float | None = None
) -> CommandRefused:
    """The exception for an error code. A code that this version does not know gives a plain `CommandRefused`."""
    kind = _BY_CODE.get(code, CommandRefused)
    text = message or code
    if fields:
        text += " (" + "; ".join(f"{name}: {what}" for name, what in sorted(fields.items())) + ")"
    return kind(text, code=code, fields=fields, retry_after=retry_after)


_BY_CLOSE_CODE: dict[int, tuple[type[ConnectionEnded], str]] = {
    4001: (NotSignedIn, "The server does not know who is asking: give a valid token, or name and password."),
    4003: (RemovedFromRoom, "You were banned or removed from this room."),
    4004: (NoSuchRoom, "There is no such room, or you may not see it."),
    4009: (TooManySockets, "You have too many connections open: close others first."),
    4010: (SignedOut, "You were signed out, or the token has ended: sign in again."),
}


def ending(code: int, reason: str = "") -> ConnectionEnded | None:
    """The exception for a close code that ends a connection permanently, or None when the client should reconnect."""
    if code in (1000, 1001):
        return ConnectionEnded("The server closed the connection.", code=code, reason=reason)
    if code not in _BY_CLOSE_CODE:
        return None
    kind, text = _BY_CLOSE_CODE[code]
    return kind(text, code=code, reason=reason)


def closed_early(host: str, code: int | None, reason: str = "") -> ChatError:
    """The exception for a socket that was closed before the room was joined."""
    if code is not None and code >= 4000 and (end := ending(code, reason)) is not None:
        return end
    what = {
        1012: "is restarting: try again in a moment",
        4029: "has had too many connections from here: wait a minute",
    }.get(code or 0, f"closed the socket at once (code {code})")
    return ConnectionLost(f"{host} {what}.", code=code)
