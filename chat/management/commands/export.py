"""`manage.py export`: writes everything, the public rooms, a room, or what one person wrote, into an archive."""

from argparse import ArgumentParser
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from chat.lib.pace import Pace, of_all
from chat.management.operators import operator_name
from chat.models import Participant, Room
from chat.services.exports.archive import archive_stream, archive_write, export_note
from chat.services.exports.html_pages import pages_stream
from chat.services.exports.rows import Scope

UNUSABLE = 2


class Command(BaseCommand):
    """Writes an archive."""

    requires_system_checks = ()
    help = "Writes an archive of JSON lines, while the server runs; `manage.py import backchannel` reads it."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pace, self._total = Pace(), 0

    def add_arguments(self, parser: ArgumentParser) -> None:
        scope = parser.add_mutually_exclusive_group(required=True)
        scope.add_argument("--all", action="store_true", help="everything")
        scope.add_argument("--public", action="store_true", help="the public rooms")
        scope.add_argument("--room", metavar="SLUG", help="one room")
        scope.add_argument("--person", metavar="USERNAME", help="what one person wrote")
        parser.add_argument("--to", type=Path, required=True, metavar="FILE.zip", help="the file to write")
        parser.add_argument("--since", metavar="DATE", help="messages of this day (UTC) and later: 2026-11-01")
        parser.add_argument("--html", action="store_true", help="pages to read instead of JSON lines")
        parser.add_argument("--no-files", action="store_true", help="without the bytes of files")

    def handle(self, *args: Any, **options: Any) -> None:
        scope = self._scope(options)
        if self.stderr.isatty():
            self._total = scope.size()
        # Log it before reading anything: an interrupted export counts as well.
        export_note(actor=operator_name(), scope=scope)
        try:
            write = pages_stream if options["html"] else archive_stream
            with closing(write(scope, files=not options["no_files"], progress=self._progress)) as pieces:
                archive_write(pieces, options["to"])
        except OSError as error:
            raise CommandError(f"{options['to']}: {error.strerror or error}", returncode=UNUSABLE) from error
        self.stdout.write(f"Wrote {options['to']}, {options['to'].stat().st_size} bytes.")

    def _scope(self, options: dict[str, Any]) -> Scope:
        room = person = None
        if options["room"] and (room := Room.objects.filter(slug__iexact=options["room"]).first()) is None:
            raise CommandError(f"There is no room {options['room']}.", returncode=UNUSABLE)
        if options["person"]:
            name = options["person"].removeprefix("@")
            if (person := Participant.objects.filter(username__iexact=name).first()) is None:
                raise CommandError(f"No one is called {name}.", returncode=UNUSABLE)
        return Scope(room, person, self._since(options["since"]), public=options["public"])

    def _since(self, text: str | None) -> datetime | None:
        try:
            found = datetime.fromisoformat(text) if text else None
        except ValueError:
            raise CommandError(f"--since: {text} is no date; they look like 2026-11-01", returncode=UNUSABLE) from None
        return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)

    def _progress(self, done: int) -> None:
        if self.stderr.isatty():
            self._pace.note("", done)
            self.stderr.write(f"\r{of_all(done, self._total, self._pace.rate)}\x1b[K", ending="")
