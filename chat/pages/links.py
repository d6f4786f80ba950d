"""Pages of the project around the chat that the chat leads to."""

from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, reverse

# Of allauth, of django.contrib.auth.
_SIGN_OUT = ("account_logout", "logout")


def links() -> dict[str, str | None]:
    """The addresses of the pages to sign in, to sign out (by POST), to invite and to administer; None where the project
    has none."""
    return {
        "sign_in": resolve_url(settings.LOGIN_URL),
        "sign_out": _first(*_SIGN_OUT),
        "invite": _first("invite"),
        "admin": _first("manage", "admin:index"),
    }


def _first(*names: str) -> str | None:
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return None
