"""`manage.py token`: create an API token for a person or a bot."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.models import Participant
from chat.models.validators import is_username
from chat.services.tokens import token_issue

DAYS_MAX = 3650


class Command(BaseCommand):
    """Creates an API token."""

    # Django's system checks import all URL patterns: 0.5 s.
    requires_system_checks = ()
    help = "Create an API token and print it. It is shown only once: only its hash is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        """Arguments."""
        parser.add_argument("username")
        parser.add_argument("--name", default="command line", help="a label for this token")
        parser.add_argument("--days", type=int, help="how long it is good for; for ever when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the token and print it."""
        username, name, days = options["username"], options["name"].strip(), options["days"]
        if days is not None and not 1 <= days <= DAYS_MAX:
            raise CommandError(f"--days must be from 1 to {DAYS_MAX}.")
        user = Participant.objects.filter(username__iexact=username).first() if is_username(username) else None
        if user is None:
            raise CommandError("No account has that name.")
        if not user.is_active:
            raise CommandError(f"The account {user.username} is deactivated.")
        try:
            _, key = token_issue(user=user, name=name, lifetime=timedelta(days=days) if days else None)
        except ValidationError as error:
            raise CommandError(f"--name must be 1 to 64 printable characters. {' '.join(error.messages)}") from None
        self.stdout.write(key)
