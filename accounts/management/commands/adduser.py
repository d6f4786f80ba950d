"""`manage.py adduser`: create an account from the command line."""

import getpass
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services


class Command(BaseCommand):
    """Creates an account."""

    # Django's checks load every page: half a second.
    requires_system_checks = ()
    help = "Create an account. The first account of a server becomes its administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        """Arguments."""
        parser.add_argument("username")
        parser.add_argument("--display-name", default="", help="the name shown to others")
        parser.add_argument("--staff", action="store_true", help="an administrator, with every right")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from the first line of standard input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the account."""
        try:
            user = services.account_create(
                username=options["username"],
                password=self.password(from_stdin=options["password_stdin"]),
                display_name=options["display_name"],
                staff=options["staff"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"Created {'administrator' if user.is_superuser else 'account'} {user.username}.")

    def password(self, *, from_stdin: bool) -> str:
        """The password, from standard input or typed at the terminal."""
        if from_stdin:
            return sys.stdin.readline().rstrip("\r\n")
        if not sys.stdin.isatty():
            raise CommandError("No terminal to ask for a password. Pass it on standard input with --password-stdin.")
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password again: "):
            raise CommandError("The two passwords differ.")
        return password
