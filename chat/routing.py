"""The parts of the chat for an ASGI application: the URL patterns of its sockets, and the reception of uploads."""

import re
from typing import Any

from django.urls import path, re_path

from chat.api.page_form import PageForm
from chat.api.receiving import App
from chat.api.uploads import Uploads
from chat.consumers import ChatConsumer
from chat.middleware import Entrance
from chat.mount import mount

# Below the same prefix as the pages, so that a page finds its socket wherever the project includes them.
_below = mount().removeprefix("/")
_socket: Any = Entrance(ChatConsumer.as_asgi())
websocket_urlpatterns = [
    path(f"{_below}ws/chat/", _socket),
    # Any name: an invalid slug gets the same response as the slug of a room that does not exist.
    re_path(rf"^{re.escape(_below)}ws/chat/(?P<room>[^/]{{1,200}})/$", _socket),
]


def taking_files(application: App) -> App:
    """Wrap the project's ASGI application for HTTP: receive the chat's uploads as they arrive.

    Django handles a request only when its body is complete, and first writes the files of a form to disk. Other
    requests are passed on unchanged.
    """
    return Uploads(PageForm(application, limited=application))
