"""URL patterns of the chat's sockets."""

import re
from typing import Any

from django.urls import path, re_path

from chat.consumers import ChatConsumer
from chat.middleware import Entrance
from chat.mount import mount

# Below the same prefix as the pages: a page then finds its socket wherever the project includes them.
_below = mount().removeprefix("/")
_socket: Any = Entrance(ChatConsumer.as_asgi())
websocket_urlpatterns = [
    path(f"{_below}ws/chat/", _socket),
    # Any name: one that is no valid slug gets the same answer as one of a room that does not exist.
    re_path(rf"^{re.escape(_below)}ws/chat/(?P<room>[^/]{{1,200}})/$", _socket),
]
