"""`manage.py doctor`: what keeps this server from working, looked at from where it would start."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.core.management import BaseCommand
from redis import Redis, RedisError

from chat.health import is_migrated
from chat.management.database import database_problem

REDIS_SECONDS = 3.0


class Command(BaseCommand):
    help = (
        "Looks at the settings, the database, Redis and the data folder, says one line of each, and ends with 1 if a "
        "server could not work with them. Changes nothing; a server may be running."
    )
    # They are among what it tells.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = False
        for look in (_settings, _data_folder, _database, _redis):
            for well, line in look():
                wrong = wrong or not well
                self.stdout.write(f"{'ok   ' if well else 'WRONG'}  {line}")
        if wrong:
            sys.exit(1)


Finding = tuple[bool, str]


def _settings() -> Iterator[Finding]:
    found = run_checks()
    for message in found:
        hint = f" {message.hint}" if message.hint else ""
        yield message.level < ERROR, f"settings: {message.msg}{hint}"
    if not found:
        yield True, "settings"


def _data_folder() -> Iterator[Finding]:
    folder = Path(settings.DATA_DIR)
    well = os.access(folder, os.R_OK | os.W_OK | os.X_OK)
    yield well, f"data folder: {folder}" if well else f"data folder: {folder} cannot be written by this account"


def _database() -> Iterator[Finding]:
    kind = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    if problem := database_problem():
        yield False, f"database: {problem}"
    elif not is_migrated():
        yield False, f"database: {kind}, and it lacks migrations of this version: run manage.py migrate"
    else:
        yield True, f"database: {kind}, every migration is applied"


def _redis() -> Iterator[Finding]:
    if not settings.REDIS_URL:
        yield True, "redis: none, so one process serves alone"
        return
    client = Redis.from_url(settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)
    try:
        client.ping()
    except (RedisError, OSError) as error:
        yield False, f"redis: {error}"
    else:
        yield True, "redis: it answers"
    finally:
        client.close()
