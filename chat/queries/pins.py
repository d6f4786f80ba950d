"""The pinned messages of a room."""

from chat.models import Message, Room
from chat.protocol import events
from chat.queries.history import PAGE_BYTES
from chat.queries.message_states import message_states


def pinned_messages(room: Room) -> list[events.Message]:
    """Return the states of the pinned messages, in the order of the pins. At most four queries; none without pins.

    Only the first ones that fit into one frame: a hundred long messages do not.
    """
    if not room.pins:
        return []
    there = {state.seq: state for state in message_states(Message.objects.filter(room=room, seq__in=room.pins))}
    # A message may have been unpinned since the room was read.
    kept: list[events.Message] = []
    size = 0
    for state in (there[seq] for seq in room.pins if seq in there and there[seq].pinned):
        size += len(state.encode().encode())
        if kept and size > PAGE_BYTES:
            break
        kept.append(state)
    return kept
