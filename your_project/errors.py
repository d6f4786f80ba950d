"""What is answered when our own code fails: a file that needs neither the database nor a template."""

import secrets
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from accounts.theme import cookie_theme


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500. The line of the log carries the reference that the page shows."""
    reference = secrets.token_hex(4)
    reference = f"{reference[:4]}-{reference[4:]}"
    request.reference = reference  # type: ignore[attr-defined]
    theme = cookie_theme(request)
    language = get_language() or settings.LANGUAGE_CODE
    mirrored = ' dir="rtl"' if get_language_bidi() else ""
    quoted = f"<b>{reference}</b>"
    filled = {
        "static": settings.STATIC_URL,
        "look": f' lang="{language}"{mirrored}' + (f' data-theme="{theme}"' if theme else ""),
        "description": _("Team chat on a server of your own."),
        "title": _("Something broke"),
        "said": _("Something broke on the server"),
        "kept": _("Your draft is saved. If it happens again, quote %(reference)s to the administrator.")
        % {"reference": quoted},
        "again": _("Try again"),
    }
    html = _page()
    for name, value in filled.items():
        html = html.replace(f"{{{name}}}", value)
    return HttpResponse(html, status=500, headers={"Cache-Control": "no-store"})


@cache
def _page() -> str:
    return (settings.BASE_DIR / "templates" / "500.html").read_text()
