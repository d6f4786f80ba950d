"""Files that lie in the export, kept as uploads are: copied, made harmless, and taken by their message."""

import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings

from chat.importing.archives import Archive
from chat.importing.documents import DAMAGE
from chat.importing.stream import File, Message, Notes
from chat.importing.words import link
from chat.models import File as Kept
from chat.models import Participant
from chat.protocol.errors import ChatError
from chat.services.files import arrivals, file_keep


def files_keep(message: Message, archive: Archive, author: Participant, notes: Notes) -> list[Kept]:
    """Store the files of a message whose bytes are there, and take them off its list.

    What is refused stays on the list, so that the message names it. What no message takes is swept after a day.
    """
    kept: list[Kept] = []
    others: list[File] = []
    for file in message.files:
        room = len(kept) < settings.CHAT_FILES_PER_MESSAGE
        if file.path and room and (found := _keep(file, archive, author, notes)):
            kept.append(found)
        else:
            others.append(file)
    message.files = others
    return kept


def file_line(file: File) -> str:
    """A file whose bytes are not kept, as a line: name, size and address."""
    size = f" ({file.size} bytes)" if file.size is not None else ""
    words = link(file.name, file.url) if file.url else file.name
    if file.state in {"deleted", "hidden", "denied", "omitted"}:
        words = f"{words} [file {file.state}]".strip()
    return f"{words}{size}"


def _keep(file: File, archive: Archive, author: Participant, notes: Notes) -> Kept | None:
    with NamedTemporaryFile(dir=arrivals(), prefix="import-", delete=False) as out:
        path = Path(out.name)
        try:
            with archive.open(file.path) as source:
                shutil.copyfileobj(source, out)
            out.flush()
            return file_keep(user=author, path=path, size=path.stat().st_size, name=file.name)
        except ChatError as refused:
            notes.lose("file", refused.message, file.path)
        except DAMAGE as error:
            notes.lose("file", f"could not be kept: {str(error)[:80]}", file.path)
        finally:
            path.unlink(missing_ok=True)
    return None
