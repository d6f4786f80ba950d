"""Drafts, synchronized to the person's other devices."""

from django.db import models
from django.db.models import Q

from chat.models.participants import Participant
from chat.models.rooms import Membership


class KeptDraft(models.Model):
    """The draft of a member in a room, or in one of its threads (`thread`, the `seq` of the root).

    A deleted draft stays as a row without text: a device that was offline must not restore an older text. The row is
    deleted with the membership.
    """

    user = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="drafts")
    thread = models.PositiveBigIntegerField(null=True, blank=True)
    text = models.TextField(blank=True)
    # When it was written, by the clock of the device.
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership"], condition=Q(thread=None), name="draft_once_in_room"),
            models.UniqueConstraint(fields=["membership", "thread"], name="draft_once_in_thread"),
        ]

    def __str__(self) -> str:
        return f"draft of {self.user_id} in {self.membership_id}"
