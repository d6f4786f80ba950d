"""Commands that name a room by its address, or by one of before, instead of by its slug."""

from chat.live import db
from chat.live.rooms import LocalRooms
from chat.protocol import commands
from chat.queries.addresses import slug_at


def is_named(rooms: LocalRooms, command: commands.Command) -> bool:
    """Whether the room of the command, if it has one, is known to be named by its slug. No query: sockets of this
    process hold nearly every room that commands are about."""
    room: str | None = getattr(command, "room", None)
    return room is None or room in rooms.slugs


async def named(command: commands.Command) -> commands.Command:
    """The command with the slug of its room, where it has another name of a room. Whether its sender may see the room
    is checked by that slug, as ever.

    Raises:
        ChatError: `unavailable`.
    """
    slug = await db.run(slug_at, command.room)  # type: ignore[attr-defined]
    return command.model_copy(update={"room": slug}) if slug else command
