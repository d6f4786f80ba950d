"""Whether the settings make this server reachable from other machines."""

from django.conf import settings

LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "::1"}


def public() -> bool:
    """Whether ALLOWED_HOSTS names more than this machine, and DEBUG is off."""
    return not settings.DEBUG and not LOOPBACK.issuperset(settings.ALLOWED_HOSTS)
