"""The messages that a bot answers: newly posted ones, each once, and none of its own."""

from collections.abc import AsyncIterator
from typing import Protocol

from chatclient.events import Authenticated, Event, Message


class Reader(Protocol):
    """What is read: the client or the stand-in of the tests."""

    @property
    def me(self) -> Authenticated | None: ...

    def __aiter__(self) -> AsyncIterator[Event]: ...


async def posts(reader: Reader, *, own: bool) -> AsyncIterator[Message]:
    """Texts that were posted since the reader came into their room. Edits, reactions and deletions are left out."""
    async for event in reader:
        if not isinstance(event, Message) or not event.posted or event.deleted or event.kind != "text":
            continue
        if own or reader.me is None or event.user_id != reader.me.user_id:
            yield event
