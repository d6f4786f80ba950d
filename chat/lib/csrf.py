"""How a page proves that its requests are its own, by the settings of the project around the chat."""

from django.conf import settings

# As Django documents it; the setting has the name of WSGI.
_USUAL = ("HTTP_X_CSRFTOKEN", "X-CSRFToken")


def header() -> str:
    """The name of the header that brings the token of a page."""
    usual, name = _USUAL
    given: str = settings.CSRF_HEADER_NAME
    return name if given == usual else given.removeprefix("HTTP_").replace("_", "-")


def is_hidden() -> bool:
    """Whether scripts cannot read the token from a cookie, so that the page has to bring it."""
    return settings.CSRF_USE_SESSIONS or settings.CSRF_COOKIE_HTTPONLY
