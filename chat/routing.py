"""URL patterns of the chat's sockets."""

from django.urls import path, re_path

from chat.consumers import ChatConsumer

websocket_urlpatterns = [
    path("ws/chat/", ChatConsumer.as_asgi()),
    # Any name: one that is no valid slug gets the same answer as one of a room that does not exist.
    re_path(r"^ws/chat/(?P<room>[^/]{1,200})/$", ChatConsumer.as_asgi()),
]
