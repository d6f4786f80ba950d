"""Links from the chat to pages of the surrounding project."""

from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, reverse

# The URL names in allauth and in django.contrib.auth.
_SIGN_OUT = ("account_logout", "logout")


def links() -> dict[str, str | None]:
    """Return the addresses of the pages to sign in, sign out (by POST), invite and administer; None for pages that the
    project does not have."""
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
