"""The dry run of an import's room: counts what `writing` would write."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice

from django.conf import settings

from chat.importing.archives import Archive
from chat.importing.stream import File, Message, Notes
from chat.models import ImportedMessage, ImportedRoom
from chat.protocol.errors import ChatError
from chat.services.files import check_size
from chat.services.imports.people import People
from chat.services.imports.rows import emoji_of, reactions_of
from chat.services.imports.staging import Staging
from chat.services.imports.writing import BATCH, Written


def room_foretold(
    source: str, place: ImportedRoom | None, held: Staging, *, archive: Archive, people: People, notes: Notes
) -> Written:
    """Count what would be written of a room's messages. Includes files that would be refused once they are opened, such
    as a file that only claims to be a picture."""
    done = Written()
    with closing(held.in_order(source)) as messages:
        while batch := list(islice(messages, BATCH)):
            known = _known(place, batch)
            done.known += len(known)
            for one in batch:
                if one.id not in known:
                    done.new += 1
                    found = {} if one.deleted else reactions_of(one, people.foretold, notes)
                    done.reactions += len(found)
                    done.emoji.update(emoji_of(found))
                    done.files += sum(1 for _ in _files(one, archive, notes))
    return done


def _known(place: ImportedRoom | None, batch: list[Message]) -> set[str]:
    if place is None:
        return set()
    noted = ImportedMessage.objects.filter(place=place, source__in=[one.id for one in batch])
    return set(noted.values_list("source", flat=True))


def _files(one: Message, archive: Archive, notes: Notes) -> Iterator[File]:
    """The files of a message that would be kept, as far as this can be decided without their bytes."""
    for file in [file for file in one.files if file.path][: settings.CHAT_FILES_PER_MESSAGE]:
        size = archive.size(file.path) or file.size or 0
        try:
            check_size(size, file.name)
        except ChatError as refused:
            notes.lose("file", refused.message, file.path)
        else:
            if size == 0:
                notes.lose("file", f"{file.name} is empty.", file.path)
            else:
                yield file
