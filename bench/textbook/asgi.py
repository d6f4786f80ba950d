import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.textbook.settings")

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

_pages = get_asgi_application()

from bench.textbook.consumers import ChatConsumer  # noqa: E402  # Django must be set up before it.

application = ProtocolTypeRouter(
    {"http": _pages, "websocket": URLRouter([path("ws/chat/<room>/", ChatConsumer.as_asgi())])}
)
