"""Several file rows with the same bytes: each forwarded message has rows of its own for bytes stored once.

So each row's message decides who may read the bytes, and deleting one row does not affect the others.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from chat.models import File, Message, Participant

# Fields that a row copies from the row whose bytes it shares.
_SAME = (
    *("name", "description", "length", "size", "media_type", "width", "height", "duration", "placeholder", "thumbs"),
)


def files_refer(message: Message, files: Sequence[File], uploader: Participant) -> list[File]:
    """Give the message new file rows that share the bytes of `files`, which the caller has locked. They count against
    no quota while another row does."""
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
    """Delete the row of a deleted file if other rows share its bytes: the oldest of them then counts against the quota
    of the person who forwarded it. Returns False when the bytes must be deleted too."""
    with transaction.atomic():
        same = Q(key=file.bytes_key) | Q(stored_as=file.bytes_key)
        # A forward locks its source row, so that a concurrent forward's row is included here.
        rows = list(File.objects.select_for_update().filter(same).order_by("id"))
        others = [row for row in rows if row.pk != file.pk and row.state != File.State.GONE]
        if not others:
            return False
        if any(row.pk == file.pk and row.counted for row in rows):
            File.objects.filter(pk=others[0].pk).update(counted=True)
        File.objects.filter(pk=file.pk, state=File.State.GONE).delete()
        return True
