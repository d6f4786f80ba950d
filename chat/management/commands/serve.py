"""`manage.py serve`: serves pages and sockets from this process."""

import errno
import logging
import os
import re
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from ipaddress import ip_address
from typing import Any, NoReturn

import daphne.server  # noqa: F401 -- before anything that imports Twisted's reactor
from channels.routing import get_default_application
from daphne.endpoints import build_endpoint_description_strings
from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser
from django.db import connection
from twisted.internet import reactor

from chat.live.hub import current_hub
from chat.management import start
from chat.mount import mount
from chat.server.server import HardenedServer
from chat.signals import server_stopped

logger = logging.getLogger(__name__)

# Connections that may wait to be accepted. Twisted allows 50: clients beyond that retry after one second, then three,
# and of 2,000 that came at once the last took 20 s. The kernel limits it to net.core.somaxconn.
BACKLOG = 4096


class Command(BaseCommand):
    """Checks whether the server may start, and serves until SIGTERM."""

    help = "Runs Backchannel and prints the address to open."
    # `start.refusal` runs the checks and reports each in one line.
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """Report a wrong option in one line, without the usage; `--help` prints that."""
        parser = super().create_parser(prog_name, subcommand, **options)
        parser.print_usage = lambda _file=None: None  # type: ignore[method-assign, assignment]
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--host", default=settings.CHAT_HOST, type=_host, help="address to listen on (setting HOST)"
        )
        parser.add_argument("--port", default=settings.CHAT_PORT, type=_port, help="port to listen on (setting PORT)")
        parser.add_argument("--unix", metavar="PATH", default="", help="listen on a unix socket instead")
        parser.add_argument("--migrate", action="store_true", help="bring the database up to date first")

    def handle(self, *args: Any, host: str, port: int, unix: str, migrate: bool, **options: Any) -> None:
        if found := start.refusal(migrate=migrate):
            self._refuse(*found.sentences)
        start.settle()
        connection.close()  # The event loop's thread does not use it.
        where = {"unix_socket": unix} if unix else {"host": host, "port": port}
        server = HardenedServer(
            get_default_application(),
            endpoints=[f"{one}:backlog={BACKLOG}" for one in build_endpoint_description_strings(**where)],
            max_sockets=settings.CHAT_SOCKETS_PER_PROCESS,
            ping_seconds=settings.CHAT_PING_SECONDS,
            deflate=settings.CHAT_DEFLATE,
        )
        shown = unix or _address(host, port)
        # From inside the running loop, so that the server responds as soon as the line is printed.
        reactor.callWhenRunning(self._announce, server, shown if unix else f"open http://{shown}{mount()}")
        server.run()
        if server.failure:
            cure = ""
            if not unix and server.failure == os.strerror(errno.EADDRINUSE):
                other = port + 1 if port < 65535 else port - 1
                cure = f". Stop what listens there, or choose another port: PORT={other}"
            self._refuse(f"Backchannel cannot listen on {shown}: {server.failure}{cure}")
        server_stopped.send(sender=None, seconds=max(server.over_at - time.monotonic(), 0.1))
        # `os._exit`, because Python would wait for its threads, and one may be waiting for a database that hangs.
        self.stdout.flush()
        self.stderr.flush()
        os._exit(0)

    def _refuse(self, *sentences: str) -> NoReturn:
        """Exit with 1 after printing the reasons, as JSON where the log is JSON."""
        if settings.CHAT_LOG_FORMAT != "json":
            raise CommandError("\n".join(sentences))
        for sentence in sentences:
            logger.critical("%s", sentence)
        sys.exit(1)

    def _announce(self, server: HardenedServer, how: str) -> None:
        if not server.failure:
            # Start the hub before the first socket: a page of this process may send an announcement to all processes.
            reactor.callLater(0, current_hub)  # type: ignore[arg-type]  # the interface names no self
            if settings.CHAT_LOG_FORMAT == "json":
                logger.info("Backchannel is ready: %s", how)
                return
            self.stdout.write(f"Backchannel is ready: {how}")
            self.stdout.flush()


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise ArgumentTypeError(f"must be a whole number from 1 to 65535, not {text!r}")
    return int(text)


def _host(text: str) -> str:
    """Parse --host; an IPv6 address is also accepted in brackets, as in a URL."""
    host = text.removeprefix("[").removesuffix("]") if text.startswith("[") else text
    address = host.partition("%")[0]
    try:
        ip_address(address)
    except ValueError:
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", text, re.ASCII):
            raise ArgumentTypeError(f"must be an address such as 127.0.0.1 or ::1, or a name, not {text!r}") from None
    return host


def _address(host: str, port: int) -> str:
    """The address to print: one that a browser can open, not the one that means "all interfaces"."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return f"{host}:{port}"
    if address.is_unspecified:
        host = "127.0.0.1" if address.version == 4 else "::1"
    # RFC 6874: the % before a zone is escaped as %25.
    return f"[{host.replace('%', '%25')}]:{port}" if address.version == 6 else f"{host}:{port}"
