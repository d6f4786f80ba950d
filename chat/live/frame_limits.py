"""How much one socket may send, whatever it sends, and how often it may be refused."""

from django.conf import settings

from chat.live.rate_limits import TokenBucket
from chat.protocol.errors import ChatError, Code

# Frames of any kind, before they are parsed; a person at a keyboard stays far below.
FRAMES_PER_SECOND = 50
FRAMES_AT_ONCE = 300
# A socket that is refused more often than this in a minute does not listen, and is closed.
REFUSALS_PER_MINUTE = 300


class FrameLimits:
    """Of one socket. Times are seconds of any one clock."""

    __slots__ = ("_frames", "_refusals")

    def __init__(self, now: float) -> None:
        frames = FRAMES_AT_ONCE if settings.CHAT_SEND_LIMIT.events else 0
        self._frames = TokenBucket(frames, FRAMES_AT_ONCE / FRAMES_PER_SECOND, now)
        self._refusals = TokenBucket(REFUSALS_PER_MINUTE, 60, now)

    def count_frame(self, now: float) -> float:
        """Returns 0.0, or the seconds after which a frame is taken again."""
        return self._frames.take(now)

    def count_refusal(self, now: float) -> bool:
        """Returns whether this is one too many, and the socket is to be closed."""
        return self._refusals.take(now) > 0


def text_of(text: str | None) -> str:
    """The text of a frame.

    Raises:
        ChatError: `bad_json` for a binary one, `too_large`.
    """
    most = settings.CHAT_FRAME_MAX_BYTES
    if text is None:
        raise ChatError(Code.BAD_JSON, "Send text frames; binary ones are not understood.")
    # A character is at most four bytes.
    if len(text) > most or (len(text) * 4 > most and len(text.encode()) > most):
        raise ChatError(Code.TOO_LARGE, f"A frame may have at most {most} bytes.")
    return text
