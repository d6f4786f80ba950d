"""Where the tutorial servers are found within the main application."""

from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from django.urls import re_path

from playground.advanced import Advanced
from playground.broadcast import Broadcast
from playground.chat import Chat
from playground.consumer import TutorialConsumer
from playground.echo import Echo
from playground.guide import Guide
from playground.hello import Hello
from playground.manager import Manager
from playground.members import Members
from playground.total import Total

SERVERS: dict[str, type[TutorialConsumer]] = {
    "hello": Hello,
    "echo": Echo,
    "broadcast": Broadcast,
    "total": Total,
    "chat": Chat,
    "guide": Guide,
    "manager": Manager,
    "members": Members,
    "advanced": Advanced,
}


def sockets(consumer: type[TutorialConsumer]) -> URLRouter:
    """One server's addresses; any other is refused with 403, where a router without a match would raise."""
    return URLRouter([re_path(consumer.path, consumer.as_asgi()), re_path(r"", WebsocketDenier.as_asgi())])


# Mounted outside of the chat's sign-in and its Origin rule: the servers know nobody by a cookie, so that there is
# nothing a page of another origin could do here in a person's name.
websocket_urlpatterns = [re_path(rf"^ws/playground/{name}/", sockets(consumer)) for name, consumer in SERVERS.items()]
