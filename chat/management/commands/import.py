"""`manage.py import`: takes over the history of another chat."""

import json
import sqlite3
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management import BaseCommand, CommandError
from django.db import DatabaseError

from chat.importing.formats import FORMATS
from chat.importing.stream import NotAnExport, Options
from chat.lib.pace import Pace, of_all
from chat.management.operators import operator_name
from chat.models import ImportRun
from chat.protocol.errors import ChatError
from chat.services.imports.loading import Wanted, history_import
from chat.services.imports.matching import match_begin, match_undo
from chat.services.imports.room_choices import rooms_check, rooms_map
from chat.services.imports.undoing import import_undo
from chat.services.transfers import match_now

# Exit codes: some data was left out; the input cannot be used.
INCOMPLETE, UNUSABLE = 1, 2


class Command(BaseCommand):
    """Reads an export and writes its people, rooms and messages."""

    requires_system_checks = ()
    help = (
        "Takes over the history of another chat. Run again, nothing comes twice; after a stop it continues. Ends with "
        "0 when everything was kept, 1 when the report names something left out, 2 when the input cannot be used."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pace = Pace()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", nargs="?", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
        parser.add_argument("path", nargs="?", type=Path, metavar="PATH", help="the archive or the folder")
        parser.add_argument("--zone", default="", help="the time zone of local times, such as Europe/Berlin")
        order = parser.add_mutually_exclusive_group()
        order.add_argument("--day-first", action="store_true", help="04/03/2024 is in March")
        order.add_argument("--month-first", action="store_true", help="04/03/2024 is in April")
        parser.add_argument("--room", default="", metavar="NAME", help="only this room; of an export of one: its title")
        parser.add_argument("--people", type=Path, metavar="MAP.csv", help="lines of source,username: who is whom here")
        parser.add_argument("--rooms", type=Path, metavar="MAP.csv", help="lines of source,room: where messages go")
        parser.add_argument("--dry-run", action="store_true", help="read and count, and write nothing")
        parser.add_argument("--report", type=Path, metavar="FILE.json", help="write the report there")
        parser.add_argument("--undo", type=int, metavar="NUMBER", help="take back this import")
        parser.add_argument(
            "--match", metavar="NAME=USERNAME", help="somebody of an import, by the name here, is this account"
        )
        parser.add_argument("--unmatch", metavar="NAME", help="take that back")
        parser.add_argument("--list", action="store_true", help="show the imports of this database")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for run in ImportRun.objects.order_by("pk"):
                self.stdout.write(f"{run.pk}  {run.started_at:%Y-%m-%d %H:%M}  {run.state:8}  {run.format}  {run.name}")
            return
        if options["match"] or options["unmatch"]:
            self._match(options["match"], options["unmatch"])
            return
        if options["undo"] is not None:
            self._undo(options["undo"])
            return
        if not options["format"] or options["path"] is None:
            raise CommandError("give a FORMAT and a PATH", returncode=UNUSABLE)
        try:
            report = history_import(self._wanted(options), self._progress)
        except NotAnExport as error:
            raise CommandError(str(error), returncode=UNUSABLE) from None
        except (OSError, sqlite3.Error, DatabaseError) as error:
            what = str(error).partition("\n")[0]
            raise CommandError(f"{options['path']}: {what}. Run it again to continue.", returncode=UNUSABLE) from error
        self._tell(report, options["report"])
        if report["left_out"]:
            raise SystemExit(INCOMPLETE)

    def _wanted(self, options: dict[str, Any]) -> Wanted:
        zone = options["zone"]
        try:
            if zone:
                ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise NotAnExport(f"--zone: {zone} is no time zone; they are called Europe/Berlin or UTC") from None
        first = True if options["day_first"] else False if options["month_first"] else None
        rooms = rooms_map(options["rooms"])
        rooms_check(rooms)
        return Wanted(
            options["format"],
            options["path"],
            Options(zone, first),
            options["room"],
            options["people"],
            options["dry_run"],
            rooms=rooms,
        )

    def _progress(self, step: str, done: int, total: int) -> None:
        if self.stderr.isatty():
            self._pace.note(step, done)
            self.stderr.write(f"\r{step} {of_all(done, total, self._pace.rate)}\x1b[K", ending="")

    def _tell(self, report: dict[str, Any], file: Path | None) -> None:
        if self.stderr.isatty():
            self.stderr.write("")
        if file:
            file.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        counts = report["counts"]
        verb = "would be added" if report["dry_run"] else "added"
        self.stdout.write(
            f"{counts['people']} people ({counts['matched']} with an account here), {counts['rooms']} rooms, "
            f"{counts['new']} messages {verb}, {counts['already']} were here"
        )
        for row in report["left_out"]:
            where = f" ({row['places'][0]})" if row["places"] else ""
            self.stdout.write(f"left out: {row['count']} × {row['what']}: {row['why']}{where}")
        for what, count in report["not_needed"].items():
            self.stdout.write(f"not needed: {count} × {what}")
        if report["import"]:
            self.stdout.write(
                f"This is import {report['import']}; manage.py import --undo {report['import']} takes it back."
            )

    def _match(self, pair: str | None, name: str | None) -> None:
        imported, _, account = (pair or "").partition("=")
        try:
            if name:
                match = match_undo(actor=operator_name(), imported=name)
            elif imported and account:
                match = match_begin(actor=operator_name(), imported=imported, account=account)
            else:
                raise CommandError("--match: write it as NAME=USERNAME", returncode=UNUSABLE)
        except ChatError as refused:
            raise CommandError(refused.message, returncode=UNUSABLE) from None
        if not match_now(match):
            self.stdout.write("A process of the server does it; Manage → Import and export says when it is done.")
            return
        match.refresh_from_db()
        if match.problem:
            raise CommandError(match.problem, returncode=UNUSABLE)
        said = f"@{match.imported.username} is @{match.account.username}: {match.done} messages."
        self.stdout.write(f"Took back that {said}" if name else said)

    def _undo(self, number: int) -> None:
        run = ImportRun.objects.filter(pk=number).first()
        if run is None:
            raise CommandError(f"There is no import {number}.", returncode=UNUSABLE)
        try:
            counts = import_undo(run)
        except ChatError as refused:
            raise CommandError(refused.message, returncode=UNUSABLE) from None
        self.stdout.write(
            f"Took back {counts['messages']} messages, {counts['rooms']} rooms, {counts['people']} people."
        )
