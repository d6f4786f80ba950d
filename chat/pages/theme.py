"""The theme of pages without a signed-in person: sign-in, errors. A cookie stores the person's last choice."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from chat.models import Preferences

THEME_COOKIE = "theme"
# Values of <html data-theme>; without it the system's theme applies.
CHOSEN = {Preferences.Theme.LIGHT.value, Preferences.Theme.DARK.value}
YEAR_SECONDS = 365 * 24 * 3600


def theme(request: HttpRequest) -> dict[str, str]:
    """Context processor with the theme of the cookie. Views with a signed-in person pass `theme` themselves."""
    return {"theme": cookie_theme(request)}


def cookie_theme(request: HttpRequest) -> str:
    """Return the theme in the cookie, or ""."""
    found = request.COOKIES.get(THEME_COOKIE, "")
    return found if found in CHOSEN else ""


def remember_theme(request: HttpRequest, response: HttpResponse, chosen: str) -> None:
    """Store the theme in the cookie."""
    if chosen not in CHOSEN:
        if THEME_COOKIE in request.COOKIES:
            response.delete_cookie(THEME_COOKIE, path=reverse("chat:home"), samesite="Lax")
    elif cookie_theme(request) != chosen:
        response.set_cookie(
            THEME_COOKIE,
            chosen,
            max_age=YEAR_SECONDS,
            path=reverse("chat:home"),
            secure=settings.CHAT_HTTPS,
            httponly=True,
            samesite="Lax",
        )
