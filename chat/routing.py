"""Addresses of the chat's sockets."""

from django.urls import path, re_path

from chat.consumers import ChatConsumer

websocket_urlpatterns = [
    path("ws/chat/", ChatConsumer.as_asgi()),
    # Any name: one that no room can have is answered like one that no room has.
    re_path(r"^ws/chat/(?P<room>[^/]{1,200})/$", ChatConsumer.as_asgi()),
]
