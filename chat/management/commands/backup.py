"""`manage.py backup`: one consistent file of database and files, and the proof that it can be restored."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from chat.management.backup.archive import backup_make, backup_verify
from chat.management.backup.engines import BackupError
from chat.management.progress import ProgressLine

UNUSABLE = 2


class Command(BaseCommand):
    """Makes a backup, or verifies one."""

    requires_system_checks = ()
    help = (
        "Writes a backup of database and files into a folder, while servers run. With --verify: compares the checksums "
        "of one, restores it into a scratch database and counts there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="where the file is written")
        parser.add_argument("--verify", type=Path, metavar="FILE", help="the backup to verify")

    def handle(self, *args: Any, folder: Path | None, verify: Path | None, **options: Any) -> None:
        if (folder is None) == (verify is None):
            raise CommandError("give a folder for the backup, or --verify and a file", returncode=UNUSABLE)
        line = ProgressLine(self.stderr)
        try:
            if folder:
                path = backup_make(folder, line)
                line.end()
                self.stdout.write(f"{path}: {path.stat().st_size} bytes. Verify it: manage.py backup --verify {path}")
            elif verify:
                counts = backup_verify(verify, line)
                line.end()
                self.stdout.write(
                    f"{verify}: {sum(counts.values())} rows in {len(counts)} tables, as when it was made."
                )
        except BackupError as error:
            raise CommandError(str(error), returncode=UNUSABLE) from None
        except OSError as error:
            raise CommandError(f"{folder or verify}: {error.strerror or error}", returncode=UNUSABLE) from error
