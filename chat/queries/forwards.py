"""What forwarded messages say of the messages that they forward."""

from collections.abc import Sequence
from typing import Any

from chat.models import Forward
from chat.protocol import events

# Everyone who can sign in reads the first; of the second people may know who spoke, but not where.
OPEN, CLOSED = "public", "private"


def forwards_of(message_ids: Sequence[int]) -> dict[int, events.Forwarded]:
    """What these messages forward, by message id. One query, none for no messages.

    All who read a message are sent the same, so nothing is said that one of them may not know: the room only where
    everyone may read it, or where it is the same room; the author unless it was said in a conversation. A room that was
    deleted is not known any more, and neither is its kind.
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
