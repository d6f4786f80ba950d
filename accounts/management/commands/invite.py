"""`manage.py invite`: create an invitation for a server where sign-up is not open."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import services

DAYS_MAX = 365


class Command(BaseCommand):
    """Creates an invitation."""

    # Django's checks load every page: half a second.
    requires_system_checks = ()
    help = "Create a single-use invitation and print its link. It is shown only once: only a hash is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        """Arguments."""
        parser.add_argument("--note", default="", help="who it is for")
        parser.add_argument("--days", type=int, default=7, help="how long it is good for (7)")
        parser.add_argument("--base", default="", help="the address of the server, to print a whole link")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the invitation and print its link."""
        note, days, base = options["note"].strip(), options["days"], options["base"]
        if not 1 <= days <= DAYS_MAX:
            raise CommandError(f"--days must be from 1 to {DAYS_MAX}.")
        try:
            _, code = services.invitation_issue(note=note, expires_at=timezone.now() + timedelta(days=days))
        except ValidationError as error:
            raise CommandError(f"--note must be at most 64 printable characters. {' '.join(error.messages)}") from None
        self.stdout.write(services.invitation_link(code, base=base))
