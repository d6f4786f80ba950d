"""What a forwarding message shows of the original message."""

from collections.abc import Sequence
from typing import Any

from chat.models import Forward
from chat.protocol import events

# Everyone who can sign in may read public rooms; of a private room, others may see the author, but not the room.
OPEN, CLOSED = "public", "private"


def forwards_of(message_ids: Sequence[int]) -> dict[int, events.Forwarded]:
    """Return what these messages forward, by message id. One query, none for no messages.

    All readers of a message are sent the same facts, so these hold nothing that one reader may not know: the room only
    if everyone may read it or it is the same room; the author unless the original is from a conversation. For a deleted
    room neither the room nor its kind is known.
    """
    if not message_ids:
        return {}
    columns = ("message_id", "start", "seq", "written_at", "author__username", "author__display_name")
    places = ("room__slug", "room__kind", "room_id", "message__room_id")
    found = {}
    for row in Forward.objects.filter(message__in=message_ids).values_list(*columns, *places):
        message_id, start, seq, at, username, name, slug, kind, room_id, own_room = row
        here = room_id is not None and room_id == own_room
        facts: dict[str, Any] = {"start": start, "timestamp": events.stamp(at)}
        if username and (here or kind in (OPEN, CLOSED)):
            facts |= {"username": username, "display_name": name or username}
        if here or kind == OPEN:
            facts |= {"room": slug, "seq": seq}
        found[message_id] = events.Forwarded(**facts)
    return found
