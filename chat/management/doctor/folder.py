import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from chat.management.doctor.finding import Finding


def data_folder() -> Iterator[Finding]:
    """Check that DATA_DIR can be read and written."""
    folder = Path(settings.DATA_DIR)
    if os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(True, f"data folder: {folder}")
    else:
        yield Finding(False, f"data folder: {folder} cannot be written by this account")
