"""Static files, answered before Django is asked: by its middlewares each costs three times as much."""

from collections.abc import MutableMapping
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from servestatic.asgi import ServeStaticASGI


class StaticFiles(ServeStaticASGI):
    """Serves each file from where it lies, so that `bin/run` needs no collectstatic, and leaves the rest to `pages`.

    Behind nginx nothing comes here: it serves STATIC_ROOT.
    """

    def __init__(self, pages: Any) -> None:
        super().__init__(pages, autorefresh=settings.DEBUG, max_age=0, add_headers_function=_add_headers)
        # Of two files of one name the one that was found first counts, as for Django: it is added last.
        for finder in reversed(list(get_finders())):
            for storage in getattr(finder, "storages", {}).values():
                self.add_files(storage.location, f"{settings.STATIC_URL}{getattr(storage, 'prefix', None) or ''}")


def _add_headers(headers: MutableMapping[str, str], _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    if not settings.DEBUG:
        # ServeStatic's own test for files that never change looks for hashes in names; here the folder has one.
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
