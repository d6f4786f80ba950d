"""`manage.py transfers`: prepares exports and runs imports that were asked for. A server starts it by itself."""

import os
import signal
from typing import Any

from django.core.management import BaseCommand

from chat.services.transfers import transfers_work

# Sockets are served first.
NICENESS = 10


class Command(BaseCommand):
    """Does what waits, and ends."""

    requires_system_checks = ()
    help = (
        "Prepares the exports and runs the imports that were asked for, and ends. A server starts it when there is "
        "something to do."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        os.nice(NICENESS)
        # Exit cleanly to release the lease, so that the next process need not wait until it expires.
        signal.signal(signal.SIGTERM, _stop)
        if not transfers_work():
            self.stdout.write("Another process is doing this already.")


def _stop(*_: object) -> None:
    raise SystemExit(0)
