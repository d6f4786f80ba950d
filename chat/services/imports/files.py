"""Files that lie in the export, kept as uploads are: copied, made harmless, and taken by their message."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings

from chat.importing.archives import Archive
from chat.importing.documents import DAMAGE
from chat.importing.stream import File, Message, Notes
from chat.importing.words import link
from chat.models import File as Kept
from chat.protocol.errors import ChatError
from chat.services.file_batches import Arrived, files_keep
from chat.services.files import arrivals
from chat.services.imports.people import People

# Files that lie in the folder of uploads at a time.
TOGETHER = 16
# Who wrote where the export names no one.
NOBODY = ""


def files_of_messages(
    messages: Iterable[Message], archive: Archive, people: People, notes: Notes
) -> dict[str, list[Kept]]:
    """Store the files of these messages whose bytes are there, by the ids of their messages, and take them off their
    lists.

    What is refused stays on the list, so that the message names it. What no message takes is swept after a day.
    """
    kept: dict[str, list[Kept]] = {}
    wanted = _with_bytes(messages)
    while group := list(islice(wanted, TOGETHER)):
        for message, file, found in _kept(group, archive, people, notes):
            kept.setdefault(message.id, []).append(found)
            message.files.remove(file)
    return kept


def file_line(file: File) -> str:
    """A file whose bytes are not kept, as a line: name, size and address."""
    size = f" ({file.size} bytes)" if file.size is not None else ""
    words = link(file.name, file.url) if file.url else file.name
    if file.state in {"deleted", "hidden", "denied", "omitted"}:
        words = f"{words} [file {file.state}]".strip()
    return f"{words}{size}"


def _with_bytes(messages: Iterable[Message]) -> Iterator[tuple[Message, File]]:
    for one in messages:
        yield from (
            (one, file) for file in [file for file in one.files if file.path][: settings.CHAT_FILES_PER_MESSAGE]
        )


def _kept(
    group: Iterable[tuple[Message, File]], archive: Archive, people: People, notes: Notes
) -> Iterator[tuple[Message, File, Kept]]:
    with ExitStack() as left:
        copied: list[tuple[Message, File, Arrived]] = []
        for message, file in group:
            with NamedTemporaryFile(dir=arrivals(), prefix="import-", delete=False) as out:
                path = Path(out.name)
                left.callback(path.unlink, missing_ok=True)
                try:
                    with archive.open(file.path) as source:
                        shutil.copyfileobj(source, out)
                except DAMAGE as error:
                    notes.lose("file", f"could not be kept: {str(error)[:80]}", file.path)
                    continue
                user = people.id_of(message.author or NOBODY)
                copied.append((message, file, Arrived(user, path, out.tell(), file.name)))
        for (message, file, _), found in zip(copied, files_keep([one for _, _, one in copied]), strict=True):
            if isinstance(found, ChatError):
                notes.lose("file", found.message, file.path)
            else:
                yield message, file, found
