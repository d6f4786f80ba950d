"""The registry of command handlers, and the context they receive."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from chat.live.hub import Hub
from chat.live.socket import Socket
from chat.protocol import commands, events
from chat.protocol.errors import ChatError, Code


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler needs besides the command: the hub, the socket it came on, the room of the socket's address."""

    hub: Hub
    socket: Socket
    default_room: str | None

    def slug(self, command: commands.RoomCommand) -> str:
        """Return the slug of the command's room.

        Raises:
            ChatError: `invalid` when it names none and the socket's address names none.
        """
        slug = command.room or self.default_room
        if slug is None:
            raise ChatError(Code.INVALID, "room: is required on this address.", fields={"room": "is required"})
        return slug


Command = TypeVar("Command", bound=commands.Command)
# Returns the reply to the command's sender, or None without a reply or when the handler sends it itself.
Handler = Callable[[Context, Command], Awaitable[events.Event | None]]

_HANDLERS: dict[type[commands.Command], Handler[Any]] = {}


def handles(command: type[Command]) -> Callable[[Handler[Command]], Handler[Command]]:
    """Make the decorated function the handler of `command`.

    Raises:
        TypeError: when the command has one already.
    """

    def register(handler: Handler[Command]) -> Handler[Command]:
        if command in _HANDLERS:
            raise TypeError(f"The command {command.__name__} has two handlers.")
        _HANDLERS[command] = handler
        return handler

    return register


def check_complete() -> None:
    """Check, at import, that every command has a handler.

    Raises:
        TypeError: when one has none.
    """
    if missing := [command.__name__ for command in commands.COMMANDS if command not in _HANDLERS]:
        raise TypeError(f"These commands have no handler: {', '.join(missing)}.")


def start(context: Context, command: commands.Command) -> Awaitable[events.Event | None]:
    """Call the handler of one command; returns the awaitable of its reply.

    Raises:
        ChatError: the reason of a refusal; the awaitable may raise others.
    """
    if not command.reads and "write" not in context.socket.identity.scopes:
        raise ChatError(Code.FORBIDDEN, "This token may only read. Use one with the scope write.")
    return _HANDLERS[type(command)](context, command)


async def handle(context: Context, command: commands.Command) -> None:
    """Call the handler of one command and send its reply.

    Raises:
        ChatError: the reason of a refusal.
    """
    reply = await start(context, command)
    if reply is not None:
        context.socket.answer(reply)
