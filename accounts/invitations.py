"""The page to create invitations and to end them, for those who may."""

import re
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.models import User
from lib import client_address

# The newest open invitations are listed; the admin lists all.
LISTED_MAX = 100
LIFETIMES = {"1": 1, "7": 7, "30": 30, "": None}
USES = {"1": 1, "10": 10, "25": 25, "": None}
ROOMS_MAX = 20


class InvitationForm(forms.Form):
    """A label for an invitation."""

    note = forms.CharField(
        label=gettext_lazy("Who is it for?"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("Optional. A label for the list below."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    days = forms.ChoiceField(
        choices=[
            ("1", gettext_lazy("1 day")),
            ("7", gettext_lazy("7 days")),
            ("30", gettext_lazy("30 days")),
            ("", gettext_lazy("No end")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    uses = forms.ChoiceField(
        choices=[
            ("1", gettext_lazy("1 person")),
            ("10", gettext_lazy("10 people")),
            ("25", gettext_lazy("25 people")),
            ("", gettext_lazy("No limit")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    rooms = forms.CharField(
        label=gettext_lazy("Rooms"),
        max_length=ROOMS_MAX * 65,
        required=False,
        help_text=gettext_lazy("Optional. Addresses of public rooms that they are in at once, with spaces between."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "autocapitalize": "none"}),
    )

    def clean_rooms(self) -> list[str]:
        """The slugs."""
        slugs = [slug.strip("#,") for slug in self.cleaned_data["rooms"].split()]
        if len(slugs) > ROOMS_MAX or not all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", slug) for slug in slugs):
            raise forms.ValidationError(_("Write the addresses of rooms, such as lobby, with spaces between."))
        return slugs


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """Create an invitation and show its link, once; where no invitation is needed, show the server's address."""
    user = cast(User, request.user)
    _only_for_those_who_may(user)
    form, link = InvitationForm(request.POST or None, initial={"days": "7", "uses": "1"}), ""
    if request.method == "POST" and settings.CHAT_SIGNUP == "invite" and form.is_valid():
        days = LIFETIMES[form.cleaned_data["days"]]
        _made, code = services.invitation_issue(
            note=form.cleaned_data["note"],
            created_by=user,
            expires_at=timezone.now() + timedelta(days=days) if days else None,
            # A form of before has no such field.
            uses_max=USES[form.cleaned_data["uses"]] if "uses" in request.POST else 1,
            rooms=form.cleaned_data["rooms"],
        )
        link = services.invitation_link(code, base=client_address.of_server(request))
        form = InvitationForm(initial={"days": form.cleaned_data["days"], "uses": form.cleaned_data["uses"]})
    context: dict[str, Any] = {
        "mode": settings.CHAT_SIGNUP,
        "form": form,
        "link": link,
        "address": f"{client_address.of_server(request)}/",
    }
    if shown := link or (settings.CHAT_SIGNUP == "open" and context["address"]):
        context["qr"] = mark_safe(services.qr_code(shown))  # noqa: S308 -- made of squares, without the text
    if settings.CHAT_SIGNUP == "invite":
        context["open"] = services.invitations_seen(user=user).select_related("created_by__participant")[:LISTED_MAX]
    return render(request, "account/invite.html", context)


@never_cache
@require_http_methods(["GET", "HEAD"])
def join(_request: HttpRequest, code: str) -> HttpResponse:
    """The short address of an invitation."""
    return redirect(services.invitation_link(code, base=""))


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an invitation."""
    user = cast(User, request.user)
    if not services.may_invite(user):
        raise PermissionDenied(_refusal())
    services.invitation_end(pk=pk, user=user)
    return redirect("invite")


def _only_for_those_who_may(user: User) -> None:
    allowed = {"open": True, "invite": services.may_invite(user), "closed": user.is_staff}
    if not allowed[settings.CHAT_SIGNUP]:
        raise PermissionDenied(_refusal())


def _refusal() -> str:
    return _("Only administrators invite people here. Ask one of them.")
