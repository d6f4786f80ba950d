from django.apps import AppConfig


class TextbookConfig(AppConfig):
    """The app."""

    name = "bench.textbook"
    label = "textbook"
