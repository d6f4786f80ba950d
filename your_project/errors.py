"""The error page for failures of the code or the database, which needs neither database nor template engine, and the
page for a refused form."""

import logging
import secrets
import sys
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.db import Error, IntegrityError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN, REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from chat.lib import outage
from chat.lib.foreign import cure, is_own
from chat.pages.theme import cookie_theme

_BAD_ORIGIN = REASON_BAD_ORIGIN.partition("%s")[0]


class Words(NamedTuple):
    """The texts of an error page: title, heading, and what was kept (HTML)."""

    title: str
    said: str
    kept: str


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, called while the exception is handled. An unreachable or read-only database is not an error
    of the code: the response is 503, and one log line replaces a traceback per request."""
    error = sys.exc_info()[1]
    if isinstance(error, Error) and not isinstance(error, IntegrityError):
        if outage.is_outage(error):
            words = Words(
                _("Not available"),
                _("The server cannot use its database"),
                _("Nothing was changed. Try again in a moment; what you typed is still there when you go back."),
            )
            return _reported(_response(request, 503, words), error)
        if outage.is_of_the_value(error):
            words = Words(
                _("Not stored"),
                _("The server's database cannot store this"),
                _("Nothing was changed. Go back and write it another way, without emoji and unusual characters."),
            )
            return _reported(_response(request, 400, words), error)
    return _failure(request)


def _failure(request: HttpRequest) -> HttpResponse:
    """Return the page for an error of the code. The log line contains the reference that the page shows."""
    reference = secrets.token_hex(4)
    reference = f"{reference[:4]}-{reference[4:]}"
    request.reference = reference  # type: ignore[attr-defined]
    kept = _("Your draft is saved. If it happens again, quote %(reference)s to the administrator.")
    words = Words(_("Something broke"), _("Something broke on the server"), kept % {"reference": f"<b>{reference}</b>"})
    return _response(request, 500, words)


def _reported(response: HttpResponse, error: BaseException) -> HttpResponse:
    outage.report(error)
    response._has_been_logged = True  # type: ignore[attr-defined]  # otherwise Django logs the traceback
    if response.status_code == 503:
        response["Retry-After"] = "2"
    return response


def _response(request: HttpRequest, status: int, words: Words) -> HttpResponse:
    theme = cookie_theme(request)
    language = get_language() or settings.LANGUAGE_CODE
    mirrored = ' dir="rtl"' if get_language_bidi() else ""
    filled = {
        "static": settings.STATIC_URL,
        "look": f' lang="{language}"{mirrored}' + (f' data-theme="{theme}"' if theme else ""),
        "description": _("Team chat on a server of your own."),
        "status": str(status),
        **words._asdict(),
        "again": _("Try again"),
    }
    html = _page()
    for name, value in filled.items():
        html = html.replace(f"{{{name}}}", value)
    return HttpResponse(html, status=status, headers={"Cache-Control": "no-store"})


@cache
def _page() -> str:
    return (settings.BASE_DIR / "templates" / "500.html").read_text()


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW. One cause is an expired form; another is a server behind TLS without the setting for
    it, which a reload does not fix. The page names the setting, which is not secret, but not its value."""
    origin, host = request.headers.get("Origin", ""), request.headers.get("Host", "")
    shown: dict[str, str] = {}
    if reason.startswith(_BAD_ORIGIN):
        # The log filter limits repeated lines with this logger's name.
        logging.getLogger("django.security.csrf.cause").warning("%s", cure(origin, host))
        shown = {"cause": "origin", "origin": origin if is_own(origin, host) else ""}
    elif reason == REASON_NO_CSRF_COOKIE and settings.CSRF_COOKIE_SECURE and not request.is_secure():
        shown = {"cause": "cookie"}
    return render(request, "403_csrf.html", shown, status=403)
