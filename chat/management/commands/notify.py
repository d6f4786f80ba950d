"""`manage.py notify --once`: sends the notifications that are due, for cron or where no `manage.py serve` runs."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from chat.live.notifying import PATIENCE_SECONDS, notify_once


class Command(BaseCommand):
    """Decides what was posted until now, sends what is due, and ends."""

    help = (
        "Sends the notifications that are due, once. A server started with `manage.py serve` does this by itself, and "
        "while one does, the command has nothing to do. It waits 8 s if there are new messages, so that open pages "
        "can take them first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="what to do; there is nothing else")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if not once:
            raise CommandError("Say --once. A server started with `manage.py serve` sends notifications by itself.")
        done = asyncio.run(notify_once(patience=PATIENCE_SECONDS))
        self.stdout.write("Sent." if done else "A server sends them already.")
