"""From where people reach this server, by its settings."""

from django.conf import settings

LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "::1"}


def public() -> bool:
    """Is this server meant to be reached from other machines?"""
    return not settings.DEBUG and not LOOPBACK.issuperset(settings.ALLOWED_HOSTS)
