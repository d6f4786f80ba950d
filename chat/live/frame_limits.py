"""Limits of one socket: frames of any kind, refusals, and the size of a frame."""

from django.conf import settings

from chat.live.rate_limits import TokenBucket
from chat.protocol.errors import ChatError, Code

# Frames of any kind, counted before they are parsed; typing and reading stay far below.
FRAMES_PER_SECOND = 50
FRAMES_AT_ONCE = 300
# After this many frames at once, and after a refusal, the socket's next frame waits for PACE_SECONDS. A frame takes 0.1
# to 0.5 ms: sixteen flooding sockets delay another frame by 6 ms a turn, and keep half a core busy.
FRAMES_BEFORE_PACE = 50
PACE_SECONDS = 0.018
# A client that is refused more often ignores the errors; its socket is closed.
REFUSALS_PER_MINUTE = 300


class FrameLimits:
    """Token buckets of one socket. Times are seconds of any monotonic clock, the same in all calls."""

    __slots__ = ("_frames", "_refusals", "_refused")

    def __init__(self, now: float) -> None:
        frames = FRAMES_AT_ONCE if settings.CHAT_SEND_LIMIT.events else 0
        self._frames = TokenBucket(frames, FRAMES_AT_ONCE / FRAMES_PER_SECOND, now)
        # Allocated with the first refusal.
        self._refusals: TokenBucket | None = None
        self._refused = False

    def count_frame(self, now: float) -> float:
        """Count a frame; returns 0.0, or the seconds until the next one is accepted."""
        return self._frames.take(now)

    def count_refusal(self, now: float) -> bool:
        """Count a refusal; returns whether the socket should be closed."""
        self._refused = True
        self._refusals = self._refusals or TokenBucket(REFUSALS_PER_MINUTE, 60, now)
        return self._refusals.take(now) > 0

    def pause(self, now: float) -> float:
        """Seconds to wait before the next frame is handled; 0.0 for a client that keeps within the limits."""
        refused, self._refused = self._refused, False
        return PACE_SECONDS if refused or self._frames.taken(now) > FRAMES_BEFORE_PACE else 0.0


def text_of(text: str | None) -> str:
    """Return the text of a frame; `text` is None for a binary one.

    Raises:
        ChatError: `bad_json` for a binary frame, `too_large` above CHAT_FRAME_MAX_BYTES.
    """
    most = settings.CHAT_FRAME_MAX_BYTES
    if text is None:
        raise ChatError(Code.BAD_JSON, "Send text frames; binary ones are not understood.")
    # A character takes at most 4 bytes in UTF-8: short texts need not be encoded.
    if len(text) > most or (len(text) * 4 > most and len(text.encode()) > most):
        raise ChatError(Code.TOO_LARGE, f"A frame may have at most {most} bytes.")
    return text
