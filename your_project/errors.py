"""What is answered when our own code fails, by a file that needs neither the database nor a template; and when a form
is not taken."""

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

from accounts import outage
from accounts.foreign import cure, is_own
from accounts.theme import cookie_theme

_BAD_ORIGIN = REASON_BAD_ORIGIN.partition("%s")[0]


class Words(NamedTuple):
    """What one of these pages says."""

    title: str
    said: str
    kept: str


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, called where the exception is being handled. A database that is away or read-only is no
    fault of ours: that is 503, and a line of the log in place of a traceback for each request."""
    error = sys.exc_info()[1]
    if isinstance(error, Error) and not isinstance(error, IntegrityError):
        if outage.is_outage(error):
            words = Words(
                _("Not available"),
                _("The server cannot use its database"),
                _("Nothing was changed. Try again in a moment; what you typed is still there when you go back."),
            )
            return _noted(_response(request, 503, words), error)
        if outage.is_of_the_value(error):
            words = Words(
                _("Not stored"),
                _("The server's database cannot store this"),
                _("Nothing was changed. Go back and write it another way, without emoji and unusual characters."),
            )
            return _noted(_response(request, 400, words), error)
    return _failure(request)


def _failure(request: HttpRequest) -> HttpResponse:
    """Our own code failed. The line of the log carries the reference that the page shows."""
    reference = secrets.token_hex(4)
    reference = f"{reference[:4]}-{reference[4:]}"
    request.reference = reference  # type: ignore[attr-defined]
    kept = _("Your draft is saved. If it happens again, quote %(reference)s to the administrator.")
    words = Words(_("Something broke"), _("Something broke on the server"), kept % {"reference": f"<b>{reference}</b>"})
    return _response(request, 500, words)


def _noted(response: HttpResponse, error: BaseException) -> HttpResponse:
    outage.report(error)
    response._has_been_logged = True  # type: ignore[attr-defined]  # else Django writes the traceback
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
    """Django's CSRF_FAILURE_VIEW. A form that expired is one cause; a server behind TLS that was not told so is
    another, and no reload helps against it. The setting's name is no secret, and what is set is not shown."""
    origin, host = request.headers.get("Origin", ""), request.headers.get("Host", "")
    shown: dict[str, str] = {}
    if reason.startswith(_BAD_ORIGIN):
        # Below this name the log counts what comes too often.
        logging.getLogger("django.security.csrf.cause").warning("%s", cure(origin, host))
        shown = {"cause": "origin", "origin": origin if is_own(origin, host) else ""}
    elif reason == REASON_NO_CSRF_COOKIE and settings.CSRF_COOKIE_SECURE and not request.is_secure():
        shown = {"cause": "cookie"}
    return render(request, "403_csrf.html", shown, status=403)
