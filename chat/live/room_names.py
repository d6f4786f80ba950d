"""Commands that name a room by its current or a former address instead of its slug."""

from chat.live import db
from chat.live.rooms import LocalRooms
from chat.protocol import commands
from chat.queries.addresses import slug_at


def is_named(rooms: LocalRooms, command: commands.Command) -> bool:
    """Return whether the command's room, if it has one, is known to be given by its slug. No query: sockets of this
    process hold nearly every room that commands name."""
    room: str | None = getattr(command, "room", None)
    return room is None or room in rooms.slugs


async def named(command: commands.Command) -> commands.Command:
    """Return the command with the slug of its room, if it names the room by an address. The rights of its sender are
    checked afterwards, by that slug, as for any command.

    Raises:
        ChatError: `unavailable`.
    """
    slug = await db.run(slug_at, command.room)  # type: ignore[attr-defined]
    return command.model_copy(update={"room": slug}) if slug else command
