"""Helpers shared by the administrators' pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User

View = Callable[..., HttpResponse]
ROWS = 50
SECTIONS = [
    ("people", gettext_lazy("People")),
    ("invitations", gettext_lazy("Invitations")),
    ("rooms", gettext_lazy("Rooms")),
    ("reports", gettext_lazy("Reports")),
    ("groups", gettext_lazy("Groups")),
    ("emoji", gettext_lazy("Emoji")),
    ("transfers", gettext_lazy("Import and export")),
    ("about", gettext_lazy("About")),
]


def administrators(view: View) -> View:
    """Decorate a view for administrators: staff may read, and only superusers may change something."""

    @wraps(view)
    def checked(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        user = cast(User, request.user)
        if not user.is_staff:
            raise PermissionDenied(_("Only administrators see this page."))
        if request.method == "POST" and not user.is_superuser:
            raise PermissionDenied(_("Only administrators with all rights change this."))
        return view(request, user, **kwargs)

    return require_http_methods(["GET", "HEAD", "POST"])(never_cache(login_required(checked)))


def page(request: HttpRequest, section: str, *, status: int = 200, **facts: Any) -> HttpResponse:
    """A section's page."""
    facts |= {"section": section, "sections": SECTIONS, "title": dict(SECTIONS)[section]}
    return render(request, f"manage/{section}.html", facts, status=status)


def done(request: HttpRequest, section: str, sentence: str, *, query: str = "") -> HttpResponse:
    """Redirect to the section, with the sentence above it."""
    messages.success(request, sentence)
    return _back(section, query)


def failed(request: HttpRequest, section: str, sentence: str, *, query: str = "") -> HttpResponse:
    """Redirect to the section, with the reason why nothing was changed above it."""
    messages.error(request, sentence)
    return _back(section, query)


def place(request: HttpRequest) -> int:
    """The first row of the list to show: `?from=50`."""
    asked = request.GET.get("from", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0


def typed(data: QueryDict, name: str, most: int) -> str:
    """A value to look up, without NUL, for which PostgreSQL raises an error."""
    return data.get(name, "").replace("\x00", "").strip()[:most]


def _back(section: str, query: str) -> HttpResponse:
    response = redirect(f"manage_{section}")
    if query:
        response["Location"] += f"?{query}"
    return response
