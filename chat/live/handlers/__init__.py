"""The command handlers: one function for each command, from the typed command to its reply."""

from chat.live.handlers import messages, moderation, people, reading, rooms, searching
from chat.live.handlers.registry import Context, check_complete, handle

__all__ = ["Context", "handle", "messages", "moderation", "people", "reading", "rooms", "searching"]

check_complete()
