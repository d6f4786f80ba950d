"""Events that go to many sockets at once: whatever they need of them is made once for all."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from chat.metrics import size

# An ASGI extension of ours: the scope of a socket names it when its server sends many texts, each in a frame of its
# own, with one call of `send` and one write: `{"type": GATHERED, "texts": (…)}`.
GATHERED = "backchannel.gathered"
# Characters of one batch. A frame that holds it all is, at 4 bytes a character, half of daphne's 1 MiB.
BATCH_CHARS = 128 * 1024

Message = dict[str, Any]


class FrameBatch:
    """Encoded events in their order, and the messages that bring them to a socket."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self.texts = texts

    @cached_property
    def bytes(self) -> int:
        return sum(map(size, self.texts))

    @cached_property
    def gathered(self) -> Message:
        """For a server that knows `GATHERED`: a frame for each event."""
        return {"type": GATHERED, "texts": self.texts}

    @cached_property
    def together(self) -> "FrameBatch":
        """For a client that asked for batches: all of them in one frame."""
        return FrameBatch((f"[{','.join(self.texts)}]",))


def frame_batches(texts: Iterable[str]) -> Iterator[FrameBatch]:
    """All `texts` in their order, in as few frame_batches as they fit into."""
    together: list[str] = []
    chars = 0
    for text in texts:
        if together and chars + len(text) > BATCH_CHARS:
            yield FrameBatch(tuple(together))
            together, chars = [], 0
        together.append(text)
        chars += len(text)
    if together:
        yield FrameBatch(tuple(together))
