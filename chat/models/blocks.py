"""The number of messages that do not count as unread, for each block of a room."""

from django.db import models
from django.db.models.functions import Now

# Messages per block. Counting a block takes 2 ms under the room's lock; a sum over a million messages reads 244 blocks.
BLOCK = 4_096


class UncountedBlock(models.Model):
    """The number of messages that do not count as unread, among number * BLOCK + 1 to (number + 1) * BLOCK of a room.

    Created and changed under the lock of the room's row, in order and without gaps; `Room.counted_blocks` counts them.
    """

    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    uncounted = models.PositiveIntegerField()
    counted_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="uncounted_block_once")]

    def __str__(self) -> str:
        return f"{self.room_id}: {self.number}"
