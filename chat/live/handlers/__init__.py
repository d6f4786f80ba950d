"""The command handlers: one function for each command, from the typed command to its reply."""

from chat.live.handlers import (
    drafts,
    emoji,
    messages,
    moderation,
    people,
    reading,
    rooms,
    saving,
    scheduling,
    searching,
    threads,
)
from chat.live.handlers.registry import Context, check_complete, handle, start

__all__ = [
    "Context",
    "drafts",
    "emoji",
    "handle",
    "messages",
    "moderation",
    "people",
    "reading",
    "rooms",
    "saving",
    "scheduling",
    "searching",
    "start",
    "threads",
]

check_complete()
