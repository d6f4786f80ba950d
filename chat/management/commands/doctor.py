"""`manage.py doctor`: reports what would keep a server from working, checked from where it would start."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from chat.management.doctor import CHECKS
from chat.management.doctor.notifications import test_send


class Command(BaseCommand):
    """Prints the findings; exits with 1 if a server could not work."""

    help = (
        "Looks at the settings, the database, Redis, the data folder, the key of pushes and the mail server, says one "
        "line of each, and ends with 1 if a server could not work with them. Changes nothing; a server may be running."
    )
    # The command runs the checks and reports them itself.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--send-to",
            metavar="USERNAME",
            help="also send a test push to each device of this person and a test e-mail to their address",
        )

    def handle(self, *args: Any, send_to: str | None, **options: Any) -> None:
        findings = [finding for check in CHECKS for finding in check()]
        if send_to:
            findings += test_send(send_to)
        for well, line in findings:
            self.stdout.write(f"{'ok   ' if well else 'WRONG'}  {line}")
        if not all(finding.well for finding in findings):
            sys.exit(1)
