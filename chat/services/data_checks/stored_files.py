"""Files: the storage has each row's bytes, at the row's size, and a local folder has no bytes without a row."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from chat import storage
from chat.models import Export, File
from chat.services.data_checks.finding import Finding

CHECK = "files"
# Bytes are stored before their row is completed: younger folders may belong to an upload in progress.
_UNTOUCHED_FOR = timedelta(hours=48)


def check_files(*, repair: bool) -> Iterator[Finding]:
    """Compare each file's size with the storage, and find left-over folders where the storage is local. Missing bytes
    are only reported; repair deletes left-over folders that are 48 hours old."""
    for file in File.objects.filter(state__in=[File.State.READY, File.State.HELD]).order_by("pk").iterator():
        for part in (storage.MAIN, *file.thumbs.split()):
            if problem := _problem(file, part):
                yield Finding(CHECK, file.key, f"{problem} A backup from before has it.", repairable=False)
    if storage.is_folder():
        yield from _left_over(Path(storage.files().path("")), repair)


def _problem(file: File, part: str) -> str:
    what = f"“{file.name}”" if part == storage.MAIN else f"The thumbnail {part} of “{file.name}”"
    try:
        size = storage.size_of(storage.place(file.bytes_key, part))
    except FileNotFoundError:
        return f"{what} is not in the storage."
    if part == storage.MAIN and size != file.size:
        return f"{what} has {size} bytes in the storage, and {file.size} were written."
    return ""


def _left_over(folder: Path, repair: bool) -> Iterator[Finding]:
    before = (timezone.now() - _UNTOUCHED_FOR).timestamp()
    for shelf in sorted(folder.glob("??")):
        keys = {place.name: place for place in shelf.iterdir() if place.is_dir() and place.stat().st_mtime < before}
        known = set(File.objects.filter(key__in=keys).values_list("key", flat=True))
        known |= set(File.objects.filter(stored_as__in=keys).values_list("stored_as", flat=True))
        known |= set(Export.objects.filter(key__in=keys, state__in=Export.STORED).values_list("key", flat=True))
        for key in sorted(keys.keys() - known):
            parts = [part.name for part in keys[key].iterdir()]
            if repair:
                storage.delete(key, parts)
            yield Finding(CHECK, key, f"{len(parts)} stored parts belong to no file.", repaired=repair)
