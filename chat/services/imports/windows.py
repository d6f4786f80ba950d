"""Splits an export's messages into windows: the next ones are prepared while one is written."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from chat.importing.stream import Message

# Memory holds the messages of three windows, and the uploads folder their files. A window ends with the message that
# reaches one of these limits.
MESSAGES, CHARS = 2000, 2_000_000
FILES, FILE_BYTES = 32, 64 * 1024 * 1024
Item = TypeVar("Item")


def windows(messages: Iterable[Message], size_of: Callable[[str], int]) -> Iterator[list[Message]]:
    """The messages, split into windows. `size_of`: size in bytes of a file, by its path."""
    window: list[Message] = []
    files = size = chars = 0
    for one in messages:
        window.append(one)
        chars += len(one.text)
        for file in one.files:
            if file.path:
                files += 1
                size += size_of(file.path)
        if len(window) >= MESSAGES or chars >= CHARS or files >= FILES or size >= FILE_BYTES:
            yield window
            window = []
            files = size = chars = 0
    if window:
        yield window


def one_behind(items: Iterable[Item]) -> Iterator[Item]:
    """The items, each one step late: yielded when the next one has arrived."""
    before: list[Item] = []
    for item in items:
        yield from before
        before = [item]
    yield from before
