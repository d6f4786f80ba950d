"""`manage.py epoch`: prints the epoch, or renews it as the last step of restoring a backup."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from chat.queries.rooms import epoch
from chat.services.history_epoch import epoch_renew


class Command(BaseCommand):
    """Prints the epoch, or a new one."""

    # Django's system checks import all URL patterns: 0.5 s.
    requires_system_checks = ()
    help = (
        "Prints the epoch: the name of the history that all message numbers belong to. Renew it after restoring a "
        "backup, so that clients do not trust numbers they remember from before: they read their rooms anew, and send "
        "again what was not acknowledged. Servers may be running; they notice within seconds."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--renew", action="store_true", help="begin another one, and print it")

    def handle(self, *args: Any, renew: bool, **options: Any) -> None:
        self.stdout.write(epoch_renew() if renew else epoch())
