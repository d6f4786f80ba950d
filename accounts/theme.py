"""The theme of pages that do not know the person: sign-in, errors. A cookie repeats what the person chose last."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import Preferences

THEME_COOKIE = "theme"
# What <html data-theme> may say; without it the system decides.
CHOSEN = {Preferences.Theme.LIGHT.value, Preferences.Theme.DARK.value}
YEAR_SECONDS = 365 * 24 * 3600


def theme(request: HttpRequest) -> dict[str, str]:
    """Context processor. Views that know the person pass `theme` themselves."""
    return {"theme": cookie_theme(request)}


def cookie_theme(request: HttpRequest) -> str:
    found = request.COOKIES.get(THEME_COOKIE, "")
    return found if found in CHOSEN else ""


def remember_theme(request: HttpRequest, response: HttpResponse, chosen: str) -> None:
    if chosen not in CHOSEN:
        if THEME_COOKIE in request.COOKIES:
            response.delete_cookie(THEME_COOKIE, samesite="Lax")
    elif cookie_theme(request) != chosen:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=YEAR_SECONDS, secure=settings.HTTPS, httponly=True, samesite="Lax"
        )
