"""Finds the place of a time in a room: `seq` grows with time, so halving the range works for rooms of any length."""

from datetime import datetime

from chat.models import Message, Room

# Places read in one query: a million messages take four queries.
PROBES = 31


def seq_at(room: Room, moment: datetime) -> int:
    """Return the `seq` of the first visible message at or after `moment`; of the last one when all are older."""
    first, last = max(room.cleared_before_seq, 1), max(room.last_seq, 1)
    # The place is in [first, last].
    while first < last:
        stride = max((last - first) // (PROBES + 1), 1)
        places = list(range(first, last, stride))[: PROBES + 1]
        times = dict(Message.objects.filter(room=room, seq__in=places).values_list("seq", "created_at"))
        older = [seq for seq in places if seq in times and times[seq] < moment]
        newer = [seq for seq in places if seq in times and times[seq] >= moment]
        before = first, last
        if older:
            first = older[-1] + 1
        if newer:
            last = max(newer[0], first)
        if (first, last) == before:
            # No message has these numbers.
            return first
    return first
