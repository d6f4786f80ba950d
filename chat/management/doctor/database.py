from collections.abc import Iterator

from django.conf import settings

from chat.health import is_migrated
from chat.management.database import database_problem
from chat.management.doctor.finding import Finding


def database() -> Iterator[Finding]:
    kind = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    if problem := database_problem():
        yield Finding(False, f"database: {problem}")
    elif not is_migrated():
        yield Finding(False, f"database: {kind}, and it lacks migrations of this version: run manage.py migrate")
    else:
        yield Finding(True, f"database: {kind}, every migration is applied")
