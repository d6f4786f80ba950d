"""How a page sends its CSRF token, as the settings of the surrounding project require."""

from django.conf import settings

# Django's default: the WSGI name, as in the setting, and the name of the header, as documented.
_USUAL = ("HTTP_X_CSRFTOKEN", "X-CSRFToken")


def header() -> str:
    """Return the name of the header that carries the CSRF token of a page."""
    usual, name = _USUAL
    given: str = settings.CSRF_HEADER_NAME
    return name if given == usual else given.removeprefix("HTTP_").replace("_", "-")


def is_hidden() -> bool:
    """Whether scripts cannot read the token from a cookie, so that the page must contain it."""
    return settings.CSRF_USE_SESSIONS or settings.CSRF_COOKIE_HTTPONLY
