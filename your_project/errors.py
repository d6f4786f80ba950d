"""What is answered when our own code fails: a file that needs neither the database nor a template."""

import secrets
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.theme import cookie_theme


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500. The line of the log carries the reference that the page shows."""
    reference = secrets.token_hex(4)
    reference = f"{reference[:4]}-{reference[4:]}"
    request.reference = reference  # type: ignore[attr-defined]
    theme = cookie_theme(request)
    filled = {"static": settings.STATIC_URL, "theme": f' data-theme="{theme}"' if theme else "", "reference": reference}
    html = _page()
    for name, value in filled.items():
        html = html.replace(f"{{{name}}}", value)
    return HttpResponse(html, status=500, headers={"Cache-Control": "no-store"})


@cache
def _page() -> str:
    return (settings.BASE_DIR / "templates" / "500.html").read_text()
