"""Several files that show the same bytes: each forwarded message has rows of its own for what is stored once.

Who may have the bytes is so decided by the message of each row, and the end of one does not touch the others.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from chat.models import File, Message, Participant

# What a row that shows the same bytes takes over.
_SAME = (
    *("name", "description", "length", "size", "media_type", "width", "height", "duration", "placeholder", "thumbs"),
)


def files_refer(message: Message, files: Sequence[File], uploader: Participant) -> list[File]:
    """Give the message files that show the bytes of these, which the caller has locked. They count against no quota
    while another one does."""
    made = [
        File(
            uploader=uploader,
            message=message,
            position=position,
            state=File.State.READY,
            stored_as=file.bytes_key,
            counted=False,
            **{name: getattr(file, name) for name in _SAME},
        )
        for position, file in enumerate(files)
    ]
    return File.objects.bulk_create(made)


def left_to_others(file: File) -> bool:
    """Delete the row of a file that is gone, if others show its bytes: the oldest of them counts from then on, against
    the quota of the person who forwarded it. Returns False when the bytes are to be deleted with it."""
    with transaction.atomic():
        same = Q(key=file.bytes_key) | Q(stored_as=file.bytes_key)
        # Each has locked its source, so that one that is forwarded at this moment is among them.
        rows = list(File.objects.select_for_update().filter(same).order_by("id"))
        others = [row for row in rows if row.pk != file.pk and row.state != File.State.GONE]
        if not others:
            return False
        if any(row.pk == file.pk and row.counted for row in rows):
            File.objects.filter(pk=others[0].pk).update(counted=True)
        File.objects.filter(pk=file.pk, state=File.State.GONE).delete()
        return True
