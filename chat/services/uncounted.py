"""Counts of messages that do not count as unread, per block of a room: the unread count of a person who has read none
of a million messages then reads a few hundred rows, not half a million index entries."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from chat.models import BLOCK, Message, Room, UncountedBlock
from chat.queries.counts import NOT_COUNTED

# A process with an older version deletes messages without updating blocks, so each block is counted again this often.
AGAIN_AFTER = timedelta(days=1)
# Blocks counted again per sweep.
AGAIN_MOST = 200


def uncounted_add(room: Room, seqs: Iterable[int]) -> None:
    """Record that these messages of a locked room no longer count as unread. No query for messages in no block yet, the
    newest few thousand."""
    fewer = Counter((seq - 1) // BLOCK for seq in seqs)
    for number, several in fewer.items():
        if number < room.counted_blocks:
            UncountedBlock.objects.filter(room=room, number=number).update(uncounted=F("uncounted") + several)


def blocks_sweep() -> None:
    """Count the blocks that rooms have filled since, each in its own transaction, and count those again that were
    counted long ago."""
    full = Room.objects.filter(last_seq__gte=(F("counted_blocks") + 1) * BLOCK).order_by("pk")
    for pk in full.values_list("pk", flat=True):
        while _count_next(pk):
            pass
    old = UncountedBlock.objects.filter(counted_at__lt=timezone.now() - AGAIN_AFTER).order_by("counted_at")
    for room_id, number in old.values_list("room", "number")[:AGAIN_MOST]:
        block_counted(room_id, number)


@transaction.atomic
def _count_next(pk: int) -> bool:
    """Count the next block of a room; False if it is not full yet."""
    room = Room.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if room is None or room.last_seq < (room.counted_blocks + 1) * BLOCK:
        return False
    number = room.counted_blocks
    UncountedBlock.objects.create(room=room, number=number, uncounted=_uncounted(pk, number))
    room.counted_blocks = number + 1
    room.save(update_fields=["counted_blocks"])
    return True


@transaction.atomic
def block_counted(room_id: int, number: int, *, repair: bool = True) -> tuple[int, int] | None:
    """The stored and the true count of a block; with `repair` the true one is stored. None if the room or the block no
    longer exists."""
    room = Room.objects.select_for_update(no_key=True).filter(pk=room_id).first()
    block = UncountedBlock.objects.filter(room=room, number=number).first() if room else None
    if block is None:
        return None
    kept, found = block.uncounted, _uncounted(room_id, number)
    if repair:
        block.uncounted, block.counted_at = found, timezone.now()
        block.save(update_fields=["uncounted", "counted_at"])
    return kept, found


def _uncounted(room_id: int, number: int) -> int:
    there = Message.objects.filter(room=room_id, seq__gt=number * BLOCK, seq__lte=(number + 1) * BLOCK)
    return there.filter(NOT_COUNTED).count()
