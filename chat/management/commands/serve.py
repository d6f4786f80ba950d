"""Serve pages and sockets from this process: `manage.py serve`."""

import logging
import os
import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from channels.routing import get_default_application
from daphne.endpoints import build_endpoint_description_strings
from django.conf import settings
from django.core.checks import Tags
from django.core.management import BaseCommand, CommandError, call_command
from django.core.management.base import CommandParser
from django.db import connection
from twisted.internet import reactor

from accounts import mail
from chat import heap
from chat.health import is_migrated
from chat.live.hub import current_hub
from chat.management.database import database_problem
from chat.server import HardenedServer

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Serves Backchannel and says in one line where to open it."

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """A wrong option is told in one line; `--help` tells how they are used."""
        parser = super().create_parser(prog_name, subcommand, **options)
        parser.print_usage = lambda _file=None: None  # type: ignore[method-assign, assignment]
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="address to listen on (setting HOST)")
        parser.add_argument("--port", default=settings.PORT, type=_port, help="port to listen on (setting PORT)")
        parser.add_argument("--unix", metavar="PATH", default="", help="listen on a unix socket instead")
        parser.add_argument("--migrate", action="store_true", help="bring the database up to date first")

    def handle(self, *args: Any, host: str, port: int, unix: str, migrate: bool, **options: Any) -> None:
        heap.keep_small()
        if problem := database_problem():
            raise CommandError(f"Backchannel cannot reach its database: {problem}")
        # First: one of the wrong encoding or on a standby needs another cure than migrations.
        self.check(tags=[Tags.database], databases=["default"])
        if migrate:
            call_command("migrate", verbosity=0, skip_checks=True)
        if not is_migrated():
            raise CommandError(
                "The database lacks migrations of this version: run manage.py migrate, or serve --migrate."
            )
        connection.close()  # The event loop's thread never uses one.
        where = {"unix_socket": unix} if unix else {"host": host, "port": port}
        server = HardenedServer(
            get_default_application(),
            endpoints=build_endpoint_description_strings(**where),
            max_sockets=settings.CHAT_SOCKETS_PER_PROCESS,
            ping_seconds=settings.CHAT_PING_SECONDS,
            deflate=settings.CHAT_DEFLATE,
        )
        shown = unix or _address(host, port)
        # From inside the running loop: whoever reads the line is answered at once.
        reactor.callWhenRunning(self._tell, server, shown if unix else f"open http://{shown}/")
        server.run()
        if server.failure:
            raise CommandError(f"Backchannel cannot listen on {shown}: {server.failure}")
        try:
            mail.wait(max(server.over_at - time.monotonic(), 0.1))
        except TimeoutError:
            logger.warning("Letters were not sent: the mail server took too long for a stop.")
        # All is done. Python would now wait for its threads, and one of them, perhaps, for a database that hangs.
        self.stdout.flush()
        self.stderr.flush()
        os._exit(0)

    def _tell(self, server: HardenedServer, how: str) -> None:
        if not server.failure:
            # Not only with the first socket: staff may speak to everybody from a page that this process serves.
            reactor.callLater(0, current_hub)  # type: ignore[arg-type]  # the interface names no self
            self.stdout.write(f"Backchannel is ready: {how}")
            self.stdout.flush()


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise ArgumentTypeError(f"must be a whole number from 1 to 65535, not {text!r}")
    return int(text)


def _address(host: str, port: int) -> str:
    """An address that a browser can open: not the one that means "every interface"."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
