"""`manage.py restore`: puts a backup in the place of what is here."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from chat.management.backup.archive import backup_restore
from chat.management.backup.engines import FLEETING, BackupError
from chat.management.progress import ProgressLine

UNUSABLE = 2


class Command(BaseCommand):
    """Restores a backup, after a question."""

    requires_system_checks = ()
    help = (
        "Puts a backup in the place of database and files, and renews the epoch, so that clients read their rooms "
        "anew. Asks first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, file: Path, yes: bool, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"{file}: there is no such file", returncode=UNUSABLE)
        if not yes:
            if not sys.stdin.isatty():
                raise CommandError("This replaces everything that is here; add --yes.", returncode=UNUSABLE)
            if input(f"Replace everything that is here by {file}? Type yes: ").strip().lower() != "yes":
                raise CommandError("Nothing was changed.", returncode=UNUSABLE)
        line = ProgressLine(self.stderr)
        try:
            done = backup_restore(file, line)
        except BackupError as error:
            raise CommandError(str(error), returncode=UNUSABLE) from None
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}", returncode=UNUSABLE) from error
        line.end()
        for table in sorted((done.before.keys() | done.after.keys()) - FLEETING):
            was, now = done.before.get(table, 0), done.after.get(table, 0)
            if was != now:
                self.stdout.write(f"{table}: {now} rows, before {was}")
        if done.added:
            count = f"{len(done.added)} migration{'' if len(done.added) == 1 else 's'}"
            self.stdout.write(f"The backup is of an older version: {count} applied, the last {done.added[-1]}.")
        self.stdout.write(f"Restored {file}. The epoch is {done.epoch}: clients read their rooms anew.")
