"""Serve pages and sockets from this process: `manage.py serve`."""

from argparse import ArgumentParser
from typing import Any

from channels.routing import get_default_application
from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server
from django.conf import settings
from django.core.checks import Tags
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DatabaseError, connection
from twisted.internet import reactor


class Command(BaseCommand):
    help = "Serves Backchannel and says in one line where to open it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="address to listen on (setting HOST)")
        parser.add_argument("--port", default=settings.PORT, type=int, help="port to listen on (setting PORT)")
        parser.add_argument("--migrate", action="store_true", help="bring the database up to date first")

    def handle(self, *args: Any, host: str, port: int, migrate: bool, **options: Any) -> None:
        try:
            connection.ensure_connection()
        except DatabaseError as error:
            raise CommandError(f"Backchannel cannot reach its database: {str(error).strip()}") from None
        if migrate:
            call_command("migrate", verbosity=0, skip_checks=True)
        self.check(tags=[Tags.database], databases=["default"])
        connection.close()  # The event loop's thread never uses one.
        server = _Server(get_default_application(), endpoints=build_endpoint_description_strings(host=host, port=port))
        # From inside the running loop: whoever reads the line is answered at once.
        reactor.callWhenRunning(self._tell, server, host, port)
        server.run()
        if server.failure:
            raise CommandError(f"Backchannel cannot listen on {host}:{port}: {server.failure}")

    def _tell(self, server: "_Server", host: str, port: int) -> None:
        if server.failure:
            return
        # An address that means "every interface" is nothing a browser can open.
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        shown = f"[{host}]" if ":" in host else host
        self.stdout.write(f"Backchannel is ready: open http://{shown}:{port}/")
        self.stdout.flush()


class _Server(Server):
    """Daphne, which by itself only logs that it could not listen, and then runs on for nobody."""

    failure = ""

    def listen_error(self, failure: Any) -> None:
        error = getattr(failure.value, "socketError", failure.value)
        self.failure = getattr(error, "strerror", None) or str(error)
        self.abort_start = True
