"""Addresses of the chat's pages."""

from django.urls import path, register_converter

from chat import views
from chat.models.rooms import SLUG_PATTERN


class SlugConverter:
    regex = SLUG_PATTERN

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SlugConverter, "room_slug")

urlpatterns = [
    path("", views.home, name="home"),
    path("rooms/<room_slug:slug>/", views.room, name="room"),
]
