"""`manage.py mailreturned`: reads an e-mail that came back, and ends e-mails to an address that takes none."""

import email
import email.policy
import sys
from typing import Any

from django.core.management import BaseCommand

from chat.services.mail_addresses import returned

# A returned e-mail contains at most the one that we sent; of a longer one, only this much is read.
MAX_BYTES = 10 * 1024 * 1024


class Command(BaseCommand):
    """Reads one e-mail from the standard input; for an alias of a mail server."""

    requires_system_checks = ()
    help = (
        "Reads one returned e-mail (RFC 3464) from the standard input. If it says that an address takes none "
        "(Status: 5), missed messages are no longer sent there. For the mail server's alias of EMAIL_FROM."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        message = email.message_from_bytes(sys.stdin.buffer.read(MAX_BYTES), policy=email.policy.default)
        count = returned(message)
        self.stdout.write(f"E-mails end for {count} people.")
