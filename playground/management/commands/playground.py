"""Serve one tutorial server by itself, where the clients of the guides look for it."""

import socket
from argparse import ArgumentTypeError
from typing import Any

from channels.routing import ProtocolTypeRouter
from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server
from django.core.management.base import BaseCommand, CommandError, CommandParser

from playground.plain_http import upgrade_required
from playground.routing import SERVERS


class Command(BaseCommand):
    help = "Serves one of the tutorial servers: " + ", ".join(SERVERS) + "."
    missing_args_message = "Which server? One of " + ", ".join(SERVERS) + "."
    requires_system_checks = []  # The toys need no database and none of the chat's settings.

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=SERVERS, metavar="name", help="one of " + ", ".join(SERVERS))
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=_port, help="0 for any free one (default: the port of the guides)")

    def handle(self, *args: Any, name: str, host: str, port: int | None, **options: Any) -> None:
        consumer = SERVERS[name]
        server: Server = Server(
            ProtocolTypeRouter({"websocket": consumer.as_asgi(), "http": upgrade_required}),
            endpoints=build_endpoint_description_strings(*_free(host, consumer.port if port is None else port)),
            ready_callable=lambda: self.stdout.write(f"{name}: {_url(server)} (Ctrl-C stops it)"),
        )
        server.run()


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65_536):
        raise ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _free(host: str, port: int) -> tuple[str, int]:
    """The address to listen on, or CommandError when nobody could listen there."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        raise CommandError(f"Cannot listen on port {port} of {host}: {getattr(error, 'strerror', error)}.") from None
    return str(address[0]), port


def _url(server: Server) -> str:
    host, port = server.listening_addresses[0]
    return f"ws://[{host}]:{port}/" if ":" in host else f"ws://{host}:{port}/"
