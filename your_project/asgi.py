"""The ASGI application: pages by Django, sockets by Channels, both behind the identification of the caller."""

import os
from typing import Any

from chat.lib import memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "your_project.settings")
# First, while there is only one thread; under any server.
memory.keep_small()

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import re_path

pages = get_asgi_application()

from chat import metrics
from chat.api.page_form import PageForm
from chat.api.uploads import Uploads
from chat.live.hub import current_hub
from chat.management import start
from chat.middleware import IdentityMiddleware, OriginMiddleware
from chat.routing import websocket_urlpatterns
from chat.server.bodies import BodyLimit
from chat.server.health import Health
from your_project import on_the_loop
from your_project.static_files import StaticFiles

# Every server imports this file before it serves requests.
start.check_once()
on_the_loop.stay()

# The last pattern refuses unknown paths; without it the router raises, and logs a traceback for every scan.
_chat = URLRouter([*websocket_urlpatterns, re_path(r"", WebsocketDenier.as_asgi())])
_sockets: Any = OriginMiddleware(IdentityMiddleware(_chat), on_refusal=metrics.CONNECTS.labels("foreign_origin").inc)
if settings.PLAYGROUND:
    from your_project import playground

    _sockets = playground.beside(_sockets)


async def _http(scope: Any, receive: Any, send: Any) -> None:
    # Start the hub: a process without sockets must notify the others of changes made through its pages.
    current_hub()
    if settings.PLAYGROUND and scope["path"] == playground.TOKEN_PATH:
        await playground.token_endpoint(scope, receive, send)
        return
    await _pages(scope, receive, send)


_inner = Health(StaticFiles(pages))
_pages = Uploads(PageForm(_inner, limited=BodyLimit(_inner)))
application = ProtocolTypeRouter({"http": _http, "websocket": _sockets})
