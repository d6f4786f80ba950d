"""Threads: the replies under a message, and the people who follow them."""

from django.db import models
from django.db.models.functions import Now


def _no_one() -> list[int]:
    return []


class Thread(models.Model):
    """A summary of the replies under one message. The replies themselves are messages of the room, with its numbers.

    Written under the lock of the room's row. The root's `reply_count` is the number of its replies.
    """

    root = models.OneToOneField("chat.Message", on_delete=models.CASCADE, primary_key=True, related_name="+")
    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="+", db_index=False)
    # The `seq` of the root.
    seq = models.PositiveBigIntegerField()
    # `seq` and time of the newest reply that is not deleted; 0 and None: there is none.
    last_seq = models.PositiveBigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    # The ids of the people who replied last, the latest first, at most PEOPLE_MAX.
    people = models.JSONField(default=_no_one)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "seq"], name="thread_once")]
        indexes = [models.Index(fields=["room", "-last_at"], name="thread_by_activity")]

    def __str__(self) -> str:
        return f"{self.room_id}:{self.seq}"


class ThreadFollow(models.Model):
    """A person in a thread: whether they follow it, and how far they have read it.

    A person who starts a thread, replies or is mentioned in it follows it. `following` False: they unfollowed it.
    """

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="follows", db_index=False)
    user = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="+", db_index=False)
    following = models.BooleanField(default=True)
    read_seq = models.PositiveBigIntegerField(default=0)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="thread_follow_once")]
        indexes = [models.Index(fields=["user", "thread"], name="thread_follow_by_person")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.thread_id}"
