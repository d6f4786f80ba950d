"""Static files: collected and compressed once per version, and served in front of Django, whose middleware would triple
the cost."""

import fcntl
import logging
import shutil
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import brotli
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.files.base import ContentFile
from django.core.management import call_command
from servestatic.asgi import ServeStaticASGI
from servestatic.compress import Compressor
from servestatic.storage import CompressedStaticFilesStorage

from chat.pages import scripts

logger = logging.getLogger(__name__)

KEPT_VERSIONS = 5
LARGE_BYTES = 30_000


class _Compressor(Compressor):
    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        # The highest quality makes large files 2 % smaller. For all files, it would take 4 s more at the first start.
        return bytes(brotli.compress(data, quality=11 if len(data) > LARGE_BYTES else 10))


class CollectedStaticFiles(CompressedStaticFilesStorage):
    """The storage of `collectstatic`: writes every file, the pages' bundles, and a `.gz` and `.br` of each."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Write the bundles, then compress all files."""
        if dry_run:
            return
        for path, content in scripts.bundles():
            self._write(path, content)
            paths[path] = (self, path)
        yield from super().post_process(paths, dry_run, **options)
        self._write(scripts.COMPLETE, "\n")

    def create_compressor(self, **kwargs: Any) -> Compressor:
        """Return the compressor of the storage."""
        return _Compressor(**kwargs)

    def _write(self, path: str, content: str) -> None:
        self.delete(path)
        self.save(path, ContentFile(content.encode()))


class StaticFiles(ServeStaticASGI):
    """ASGI middleware: serves STATIC_ROOT, after filling it for a new version, and passes other requests to `pages`.

    With `DEBUG=1`, or if STATIC_ROOT cannot be written, files are served from the repository, neither combined nor
    compressed. Behind nginx it gets no request: nginx serves STATIC_ROOT.
    """

    def __init__(self, pages: Any) -> None:
        super().__init__(
            pages,
            autorefresh=settings.DEBUG,
            max_age=0,
            add_headers_function=_add_headers,
            # With DEBUG, files are looked up by the path of a request. Otherwise they are the files that exist now, and
            # checking the path of each for links would take a tenth of the start.
            allow_unsafe_symlinks=not settings.DEBUG,
        )
        if not settings.DEBUG and collect():
            self.add_files(settings.STATIC_ROOT, settings.STATIC_URL)
            return
        # Django takes the first of two files with one name; here the last one added wins.
        for finder in reversed(list(get_finders())):
            for storage in getattr(finder, "storages", {}).values():
                self.add_files(storage.location, f"{settings.STATIC_URL}{getattr(storage, 'prefix', None) or ''}")


def collect() -> bool:
    """Fill STATIC_ROOT unless it holds this version; returns whether it holds it now.

    When several processes start at once, one writes and the others wait for its lock.
    """
    if scripts.collected():
        return True
    root = Path(settings.STATIC_ROOT)
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        with (root.parent / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not scripts.collected():
                logger.info("Combining and compressing static files, once for this version.")
                call_command("collectstatic", interactive=False, verbosity=0)
                _remove_old(root.parent)
    except OSError as error:
        logger.warning("Static files are served one by one and uncompressed: %s cannot be written (%s).", root, error)
        return False
    return True


def _remove_old(folder: Path) -> None:
    """Keep the newest KEPT_VERSIONS: during a rolling upgrade, pages of older versions are still open."""
    versions = sorted((path for path in folder.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for path in versions[:-KEPT_VERSIONS]:
        shutil.rmtree(path, ignore_errors=True)


def _add_headers(headers: MutableMapping[str, str], _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    if not settings.DEBUG:
        # ServeStatic's own test for immutable files looks for hashes in names; here the folder has one.
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
