"""`manage.py playground`: serves one tutorial server on the port that its guide uses."""

import socket
from argparse import ArgumentTypeError
from typing import Any

from channels.routing import ProtocolTypeRouter
from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from django.core.management.base import BaseCommand, CommandError, CommandParser

from playground.advanced import Advanced
from playground.members import Members, OneName
from playground.plain_http import TokenEndpoint, upgrade_required
from playground.routing import SERVERS, sockets
from playground.tokens import key


class Socket(WebSocketProtocol):
    """A protocol that can close with 1008: autobahn's `sendClose` raises for every code below 3000 but 1000."""

    def serverClose(self, code: int | None = None) -> None:
        """daphne's hook: send the close frame."""
        self.sendCloseFrame(code=1000 if code is None else code)


class Command(BaseCommand):
    """Serves one server, or prints a token for it."""

    help = "Serves one of the tutorial servers: " + ", ".join(SERVERS) + "."
    missing_args_message = "Which server? One of " + ", ".join(SERVERS) + "."
    requires_system_checks = []  # The tutorial servers need no database and none of the chat's settings.

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=SERVERS, metavar="name", help="one of " + ", ".join(SERVERS))
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=_port, help="0 for any free one (default: the port of the guides)")
        parser.add_argument(
            "--secret", help="members, advanced: what tokens are signed with (default: made of SECRET_KEY)"
        )
        parser.add_argument("--token", metavar="NAME[:ID]", help="advanced: print a token and end")

    def handle(
        self,
        *args: Any,
        name: str,
        host: str,
        port: int | None,
        secret: str | None,
        token: str | None,
        **options: Any,
    ) -> None:
        consumer = SERVERS[name]
        if (secret or token) and consumer not in (Members, Advanced):
            raise CommandError(f"{name} has no accounts: --secret and --token are for members and advanced.")
        if secret:
            Advanced.signing_key = key(Advanced.name, secret)
        if token:
            if consumer is not Advanced:
                raise CommandError("members gives tokens itself: POST /token with the name and password it prints.")
            username, _, user_id = token.partition(":")
            self.stdout.write(Advanced.token(username, user_id or username))
            return
        http: Any = upgrade_required
        if consumer is Members:
            Members.doorkeeper = one = OneName(secret)
            http = TokenEndpoint(one)
            self.stdout.write(f"members: the name is {one.username}, the password {one.password}")
        WebSocketFactory.protocol = Socket
        server: Server = Server(
            ProtocolTypeRouter({"websocket": sockets(consumer), "http": http}),
            endpoints=build_endpoint_description_strings(*_free(host, consumer.port if port is None else port)),
            ready_callable=lambda: self.stdout.write(f"{name}: {_url(server)} (Ctrl-C stops it)"),
        )
        server.run()


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65_536):
        raise ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _free(host: str, port: int) -> tuple[str, int]:
    """Return the address to listen on.

    Raises:
        CommandError: when it cannot be bound.
    """
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
