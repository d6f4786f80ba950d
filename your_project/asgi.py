"""The ASGI application: pages by Django, sockets by Channels, each behind who-is-asking."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "your_project.settings")

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

_pages = get_asgi_application()

application = ProtocolTypeRouter({"http": _pages})
