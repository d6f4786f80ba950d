"""`manage.py doctor`: reports what would keep a server from working, checked from where it would start."""

import sys
from typing import Any

from django.core.management import BaseCommand

from chat.management.doctor import CHECKS


class Command(BaseCommand):
    """Prints the findings; exits with 1 if a server could not work."""

    help = (
        "Looks at the settings, the database, Redis and the data folder, says one line of each, and ends with 1 if a "
        "server could not work with them. Changes nothing; a server may be running."
    )
    # The command runs and reports them itself.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        findings = [finding for check in CHECKS for finding in check()]
        for well, line in findings:
            self.stdout.write(f"{'ok   ' if well else 'WRONG'}  {line}")
        if not all(finding.well for finding in findings):
            sys.exit(1)
