"""`manage.py invite`: create an invitation for a server where sign-up is not open."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import services

DAYS_MAX = 365
USES_MAX = 100_000


class Command(BaseCommand):
    """Creates an invitation."""

    # Django's checks load every page: half a second.
    requires_system_checks = ()
    help = "Create an invitation and print its link. It is shown only once: only a hash is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        """Arguments."""
        parser.add_argument("--note", default="", help="who it is for")
        parser.add_argument("--days", type=int, default=7, help="how long it is good for (7)")
        parser.add_argument("--uses", type=int, default=1, help="how many people it is for (1); 0: any number")
        parser.add_argument("--rooms", nargs="*", default=[], help="addresses of public rooms they are in at once")
        parser.add_argument("--base", help="the address of the server, if not PUBLIC_URL")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the invitation and print its link."""
        note, days = options["note"].strip(), options["days"]
        base = settings.CHAT_PUBLIC_URL if options["base"] is None else options["base"]
        if not 1 <= days <= DAYS_MAX:
            raise CommandError(f"--days must be from 1 to {DAYS_MAX}.")
        if not 0 <= options["uses"] <= USES_MAX:
            raise CommandError(f"--uses must be from 0 to {USES_MAX}.")
        if unknown := services.not_public(options["rooms"]):
            raise CommandError(f"There is no public room {unknown[0]}.")
        try:
            _, code = services.invitation_issue(
                note=note,
                expires_at=timezone.now() + timedelta(days=days),
                uses_max=options["uses"] or None,
                rooms=options["rooms"],
            )
        except ValidationError as error:
            raise CommandError(f"--note must be at most 64 printable characters. {' '.join(error.messages)}") from None
        self.stdout.write(services.invitation_link(code, base=base))
