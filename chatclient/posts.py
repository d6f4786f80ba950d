"""The messages that a bot answers: newly posted ones, each once, not its own."""

from collections.abc import AsyncIterator
from typing import Protocol

from chatclient.events import Authenticated, Event, Message


class Reader(Protocol):
    """The source of events: the client, or its stand-in for tests."""

    @property
    def me(self) -> Authenticated | None: ...

    def __aiter__(self) -> AsyncIterator[Event]: ...


async def posts(reader: Reader, *, own: bool) -> AsyncIterator[Message]:
    """Text messages posted since the reader entered their room. Edits, reactions and deletions are left out."""
    async for event in reader:
        if not isinstance(event, Message) or not event.posted or event.deleted or event.kind != "text":
            continue
        if own or reader.me is None or event.user_id != reader.me.user_id:
            yield event
