"""`manage.py doctor`: what keeps this server from working, looked at from where it would start."""

import sys
from typing import Any

from django.core.management import BaseCommand

from chat.management.doctor import LOOKS


class Command(BaseCommand):
    help = (
        "Looks at the settings, the database, Redis and the data folder, says one line of each, and ends with 1 if a "
        "server could not work with them. Changes nothing; a server may be running."
    )
    # They are among what it tells.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        findings = [finding for look in LOOKS for finding in look()]
        for well, line in findings:
            self.stdout.write(f"{'ok   ' if well else 'WRONG'}  {line}")
        if not all(finding.well for finding in findings):
            sys.exit(1)
