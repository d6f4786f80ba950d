import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from chat import storage
from chat.management.doctor.finding import Finding
from chat.services import scanning


def data_folder() -> Iterator[Finding]:
    """Check that DATA_DIR can be read and written."""
    folder = Path(settings.CHAT_DATA_DIR)
    if os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(True, f"data folder: {folder}")
    else:
        yield Finding(False, f"data folder: {folder} cannot be written by this account")


def file_storage() -> Iterator[Finding]:
    """Write a file into the storage of files, read it and delete it."""
    where = settings.STORAGES["files"]["OPTIONS"].get("location") if storage.is_folder() else "the S3 of FILES_URL"
    name, content = f"doctor/{secrets.token_hex(8)}", b"written by the doctor"
    try:
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            storage.store(Path(file.name), name, "application/octet-stream")
        found = b"".join(storage.pieces(name, 0, len(content)))
        storage.files().delete(name)
    except Exception as error:
        # S3 clients raise all kinds of errors; their texts contain no keys.
        yield Finding(False, f"files: {where} cannot be written, read and deleted ({type(error).__name__}: {error})")
        return
    if found == content:
        yield Finding(True, f"files: {where}")
    else:
        yield Finding(False, f"files: {where} returned other bytes than were written")


def file_scanner() -> Iterator[Finding]:
    """Ask the scanner of files for its version, where there is one."""
    if not settings.CHAT_FILE_SCANNER:
        return
    try:
        yield Finding(True, f"scanner: {scanning.version()}")
    except scanning.ScannerAway as problem:
        yield Finding(False, f"scanner: CHAT_FILE_SCANNER does not answer ({problem})")
