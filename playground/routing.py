"""Where the tutorial servers are found within the main application."""

from django.urls import path

from playground.broadcast import Broadcast
from playground.chat import Chat
from playground.consumer import TutorialConsumer
from playground.echo import Echo
from playground.guide import Guide
from playground.hello import Hello
from playground.total import Total

SERVERS: dict[str, type[TutorialConsumer]] = {
    "hello": Hello,
    "echo": Echo,
    "broadcast": Broadcast,
    "total": Total,
    "chat": Chat,
    "guide": Guide,
}

# Mounted outside of sign-in and its Origin rule: these consumers know nobody, so that there is nothing
# a page of another origin could do here in a person's name.
websocket_urlpatterns = [path(f"ws/playground/{name}/", consumer.as_asgi()) for name, consumer in SERVERS.items()]
