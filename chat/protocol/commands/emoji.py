"""The command that lists the emoji of the server's own."""

from typing import Literal

from chat.protocol.commands.base import PAGE, Command
from chat.protocol.fields import EmojiName


class OwnEmoji(Command):
    """List the emoji of the server's own, by name; `after`: `next` of the page before."""

    cost = PAGE
    ordered = False
    reads = True

    type: Literal["emoji"]
    after: EmojiName | None = None
