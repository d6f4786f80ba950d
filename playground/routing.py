"""URL patterns of the tutorial servers in the main application."""

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
    """A router for one server's paths; other paths are refused with 403, for which a plain router would raise."""
    return URLRouter([re_path(consumer.path, consumer.as_asgi()), re_path(r"", WebsocketDenier.as_asgi())])


# Mounted outside of the chat's identification and Origin check: the servers read no cookie, so that a page of another
# origin cannot act in a user's name.
websocket_urlpatterns = [re_path(rf"^ws/playground/{name}/", sockets(consumer)) for name, consumer in SERVERS.items()]
