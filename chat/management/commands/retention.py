"""`manage.py retention`: empties messages older than their room or the server keeps them."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from chat.management.progress import ProgressLine
from chat.services.retention import Due, retention_apply, retention_due

LEFT_OUT, UNUSABLE = 1, 2


class Command(BaseCommand):
    """Lists what is due, or empties it."""

    # Django's system checks import all URL patterns: 0.5 s.
    requires_system_checks = ()
    help = (
        "Empties messages older than their room keeps them (its settings) or the server does (CHAT_KEEP_DAYS). Places "
        "and numbers stay; text, files and reactions go. Legal holds are kept. Servers may run; it may be stopped at "
        "any time and goes on with the next run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="list what would go, by room, and change nothing")
        parser.add_argument("--yes", action="store_true", help="also in rooms of which no message would be left")

    def handle(self, *args: Any, dry_run: bool, yes: bool, **options: Any) -> None:
        every = list(retention_due())
        asks = [] if dry_run or yes else [one.room.slug for one in every if one.all]
        done = 0
        for due in every:
            if due.room.slug not in asks:
                emptied = due.count if dry_run else self._apply(due)
                done += emptied
                self.stdout.write(_line(due, emptied, "would be emptied" if dry_run else "emptied"))
        self.stdout.write(f"{done} messages {'would be ' if dry_run else ''}emptied in {len(every) - len(asks)} rooms.")
        if asks:
            raise CommandError(
                f"Left out, because no message would be left: {', '.join(asks)}. Add --yes to empty them too.",
                returncode=LEFT_OUT,
            )

    def _apply(self, due: Due) -> int:
        line = ProgressLine(self.stderr, lambda done: f"{done} of {due.count} messages")
        done = 0
        for number in retention_apply(due, actor=getpass.getuser()):
            done += number
            line(due.room.slug, done)
        line.end()
        return done


def _line(due: Due, number: int, verb: str) -> str:
    kept = f", {due.held} kept by a legal hold" if due.held else ""
    return (
        f"{due.room.slug}: {number} of {due.total} messages {verb}, before {due.before:%Y-%m-%d %H:%M} UTC "
        f"({due.days} days){kept}"
    )
