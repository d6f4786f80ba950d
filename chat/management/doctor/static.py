from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

from chat.management.doctor.finding import Finding

CURE = "run manage.py collectstatic --no-input"


def static_files() -> Iterator[Finding]:
    """Check that the folder that collectstatic filled for this version, which a proxy serves, is complete."""
    folder = Path(settings.STATIC_ROOT)
    if not folder.is_dir():
        others = [path.name for path in folder.parent.glob("*/") if path.is_dir()] if folder.parent.is_dir() else []
        if others:
            yield Finding(False, f"static files: collected for an earlier version, not for this one: {CURE}")
        else:
            yield Finding(True, "static files: not collected, the servers send them themselves")
        return
    if missing := next(_missing(folder), None):
        yield Finding(False, f"static files: {folder} lacks {missing}, or has another one: {CURE}")
    else:
        yield Finding(True, f"static files: {folder}")


def _missing(folder: Path) -> Iterator[str]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            path = f"{getattr(storage, 'prefix', None) or ''}/{name}".lstrip("/")
            copy = folder / path
            if not copy.is_file() or copy.stat().st_size != storage.size(name):
                yield path
