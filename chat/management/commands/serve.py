"""Serve pages and sockets from this process: `manage.py serve`."""

import os
from argparse import ArgumentParser
from typing import Any

from channels.routing import get_default_application
from daphne.endpoints import build_endpoint_description_strings
from django.conf import settings
from django.core.checks import Tags
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DatabaseError, connection
from twisted.internet import reactor

from chat import heap
from chat.live.hub import current_hub
from chat.server import HardenedServer


class Command(BaseCommand):
    help = "Serves Backchannel and says in one line where to open it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="address to listen on (setting HOST)")
        parser.add_argument("--port", default=settings.PORT, type=int, help="port to listen on (setting PORT)")
        parser.add_argument("--unix", metavar="PATH", default="", help="listen on a unix socket instead")
        parser.add_argument("--migrate", action="store_true", help="bring the database up to date first")

    def handle(self, *args: Any, host: str, port: int, unix: str, migrate: bool, **options: Any) -> None:
        heap.keep_small()
        try:
            connection.ensure_connection()
        except DatabaseError as error:
            raise CommandError(f"Backchannel cannot reach its database: {str(error).strip()}") from None
        if migrate:
            call_command("migrate", verbosity=0, skip_checks=True)
        self.check(tags=[Tags.database], databases=["default"])
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


def _address(host: str, port: int) -> str:
    """An address that a browser can open: not the one that means "every interface"."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
