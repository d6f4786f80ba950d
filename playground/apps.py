from django.apps import AppConfig


class PlaygroundConfig(AppConfig):
    """The Django application, for its management command."""

    name = "playground"
