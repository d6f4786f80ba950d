"""What an ASGI application takes of the chat: the URL patterns of its sockets, and the requests that bring files."""

import re
from typing import Any

from django.urls import path, re_path

from chat.api.page_form import PageForm
from chat.api.receiving import App
from chat.api.uploads import Uploads
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


def taking_files(application: App) -> App:
    """The project's ASGI application for HTTP, behind one that takes the files of the chat as they arrive.

    Django has a request when its body is there, and writes the files of a form to disk first. Other requests pass
    unchanged.
    """
    return Uploads(PageForm(application, limited=application))
