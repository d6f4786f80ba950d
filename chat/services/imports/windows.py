"""Messages of an export in parts, of which the next ones are made ready while one is written."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from chat.importing.stream import Message

# Of three windows the messages are in memory and the files in the folder of uploads: each ends with the message that
# reaches one of these.
MESSAGES, CHARS = 2000, 2_000_000
FILES, FILE_BYTES = 32, 64 * 1024 * 1024
Item = TypeVar("Item")


def windows(messages: Iterable[Message], size_of: Callable[[str], int]) -> Iterator[list[Message]]:
    """The messages in parts. `size_of`: bytes of a file by its path."""
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
    """The items, each when the next one is there."""
    before: list[Item] = []
    for item in items:
        yield from before
        before = [item]
    yield from before
