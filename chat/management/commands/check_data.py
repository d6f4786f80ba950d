"""`manage.py check_data`: verifies what is stored, and repairs what can be repaired without a loss."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import connection

from chat.management.database import database_problem
from chat.models import Room
from chat.services.data_checks.copies import CHECKS
from chat.services.data_checks.finding import Finding
from chat.services.data_checks.index import check_index
from chat.services.data_checks.lists import check_emoji, check_pins, check_saved, check_schedules
from chat.services.data_checks.numbers import check_numbers
from chat.services.data_checks.stored_files import check_files
from chat.services.data_checks.threads import check_threads

FAULTS_LEFT, UNUSABLE = 1, 2
LISTS = (check_threads, check_pins, check_saved, check_schedules)
# The maximum of printed faults per check; the report has all.
SHOWN = 20


class Command(BaseCommand):
    """Runs every check, and prints or repairs what it finds."""

    # Django's system checks import all URL patterns: 0.5 s.
    requires_system_checks = ()
    help = (
        "Verifies what is stored: numbers of messages, read marks, mentions, reactions, threads, pins, saved and "
        "scheduled messages, emoji, files and the search index. "
        "Nothing is changed without --repair, which does only what loses nothing. Servers may run. Exit status: 0 when "
        "everything is in order or repaired, 1 when a fault is left, 2 when it cannot check."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="repair what can be repaired without a loss")
        parser.add_argument("--room", metavar="SLUG", help="check this room only; files are left out")
        parser.add_argument("--no-files", action="store_true", help="do not ask the storage for the size of each file")
        parser.add_argument("--report", metavar="FILE.json", type=Path, help="write all that was found to this file")

    def handle(
        self, *args: Any, repair: bool, room: str | None, no_files: bool, report: Path | None, **options: Any
    ) -> None:
        if problem := database_problem():
            raise CommandError(problem, returncode=UNUSABLE)
        if report:
            _write(report, [])
        rooms = Room.objects.filter(slug=room) if room else Room.objects.all()
        if room and not rooms.exists():
            raise CommandError(f"There is no room “{room}”.", returncode=UNUSABLE)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = 0")
        checks = [partial(check, rooms, repair=repair) for check in (check_numbers, *CHECKS, *LISTS, check_index)]
        if not room:
            checks.append(partial(check_emoji, repair=repair))
        if not room and not no_files:
            checks.append(partial(check_files, repair=repair))
        found = [finding for check in checks for finding in self._run(check)]
        if report:
            _write(report, found)
        self._conclude(found, rooms.count())

    def _run(self, check: partial[Iterator[Finding]]) -> list[Finding]:
        began = time.monotonic()
        found = list(check())
        name = check.func.__name__.removeprefix("check_").replace("_", " ")
        self.stdout.write(f"{name}: {len(found) or 'no'} faults ({time.monotonic() - began:.1f} s)")
        for finding in found[:SHOWN]:
            self.stdout.write(f"  {finding.place}: {finding.text}{' Repaired.' if finding.repaired else ''}")
        if len(found) > SHOWN:
            self.stdout.write(f"  and {len(found) - SHOWN} more; --report lists all.")
        self.stdout.flush()
        return found

    def _conclude(self, found: list[Finding], rooms: int) -> None:
        repaired = sum(finding.repaired for finding in found)
        left = [finding for finding in found if not finding.repaired]
        if not left:
            whole = "1 room is in order" if rooms == 1 else f"{rooms} rooms are in order"
            self.stdout.write(whole + (f", faults repaired: {repaired}." if repaired else "."))
            return
        can = sum(finding.repairable for finding in left)
        cure = f" {can} of them can be repaired: add --repair." if can else ""
        raise CommandError(f"{len(left)} faults are left, {repaired} repaired.{cure}", returncode=FAULTS_LEFT)


def _write(report: Path, found: list[Finding]) -> None:
    try:
        report.write_text(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        raise CommandError(f"{report}: {error.strerror or error}", returncode=UNUSABLE) from error
