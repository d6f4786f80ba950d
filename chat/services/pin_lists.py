"""The list of a room's pins. Called in the transaction of a change, while the room is locked."""

from collections.abc import Collection

from chat.models import Message, Room
from chat.protocol import events
from chat.queries.history import facts_event
from chat.services.publishing import take_rev

Facts = list[tuple[Room, events.RoomFacts]]


def pins_set(room: Room, pins: list[int]) -> Facts:
    """Store the list as the room's new facts; returns what the caller must publish."""
    room.pins = pins
    room.facts_rev = take_rev(room)
    room.save(update_fields=["pins", "facts_rev", "last_rev"])
    return [(room, facts_event(room))]


def pins_end(room: Room, seqs: Collection[int]) -> Facts:
    """Remove deleted or hidden messages from the list; returns what the caller must publish: nothing if none of them is
    pinned."""
    ended = [seq for seq in room.pins if seq in seqs]
    if not ended:
        return []
    Message.objects.filter(room=room, seq__in=ended).update(pinned_at=None, pinned_by=None)
    return pins_set(room, [seq for seq in room.pins if seq not in seqs])
