"""Files: the facts that a message holds about them, and the space they take."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from urllib.parse import quote

from django.db.models import QuerySet, Sum

from chat.models import File, Message
from chat.protocol import events

# The sizes that clients ask for; for a small picture one file serves both.
THUMBS = ("480", "1600")


def facts_of(file: File) -> events.FileFacts:
    """Return what a message holds about a file."""
    address = f"/files/{file.key}"
    return events.FileFacts(
        id=file.key,
        name=file.name,
        size=file.size,
        type=file.media_type,
        url=f"{address}/{quote(file.name, safe='')}",
        width=file.width,
        height=file.height,
        duration=file.duration,
        thumbs={side: f"{address}/thumb/{side}" for side in THUMBS} if file.thumbs and file.width else {},
        placeholder=file.placeholder,
        description=file.description,
    )


def files_of(message_ids: Sequence[int]) -> dict[int, list[events.FileFacts]]:
    """Return the files of these messages in their order, by message id. One query, none for no messages."""
    found: dict[int, list[events.FileFacts]] = defaultdict(list)
    if message_ids:
        for file in File.objects.stored().filter(message__in=message_ids).order_by("message_id", "position"):
            assert file.message_id
            found[file.message_id].append(facts_of(file))
    return found


def file_names_of(messages: Iterable[Message]) -> dict[int, str]:
    """Return the file names of the messages without text, by message id. One query, none if each message has text."""
    wordless = [message.pk for message in messages if message.file_count and not message.text]
    return {pk: ", ".join(file.name for file in files) for pk, files in files_of(wordless).items()}


def untaken_of(user_id: int, keys: Sequence[str]) -> list[File]:
    """Return the files among `keys` that this person uploaded and no message took, in this order. One query, none for
    no keys."""
    if not keys:
        return []
    mine = File.objects.stored().filter(key__in=keys, uploader=user_id, message=None, archive=False)
    found = {file.key: file for file in mine}
    return [found[key] for key in keys if key in found]


def bytes_by(user_ids: Collection[int]) -> dict[int, int]:
    """Return the bytes of the files of these people, by user id, with the announced sizes of unfinished uploads. People
    without files are left out. Archives to import count for the server, not for a person."""
    theirs = _counted(File.objects.present().filter(uploader_id__in=user_ids, archive=False))
    return dict(theirs.order_by().values_list("uploader_id").annotate(sum=Sum("size")))


def bytes_of_all() -> int:
    """Return the bytes of all files."""
    return _counted(File.objects.all()).aggregate(sum=Sum("size"))["sum"] or 0


def _counted(files: QuerySet[File]) -> QuerySet[File]:
    return files.filter(counted=True).exclude(state=File.State.GONE)
