"""How many messages do not count as unread, for each thousands of a room."""

from django.db import models
from django.db.models.functions import Now

# Messages of a block. Counting one takes 2 ms, under the lock of its room; a sum over a million messages has 244.
BLOCK = 4_096


class UncountedBlock(models.Model):
    """Of the messages number * BLOCK + 1 to (number + 1) * BLOCK of a room: those that do not count as unread there.

    Made and changed under the lock of the room's row, in order and without gaps; `Room.counted_blocks` is their number.
    """

    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    uncounted = models.PositiveIntegerField()
    counted_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="uncounted_block_once")]

    def __str__(self) -> str:
        return f"{self.room_id}: {self.number}"
