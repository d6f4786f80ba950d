"""The page to create and end invitations, for users who may invite."""

import re
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.models import Invitation, User
from accounts.workspace import signup, workspace_name
from chat.lib import client_address, mail

# The newest open invitations are listed; the admin lists all.
LISTED_MAX = 100
LIFETIMES = {"1": 1, "7": 7, "30": 30, "": None}
USES = {"1": 1, "10": 10, "25": 25, "": None}
ROOMS_MAX = 20
# E-mails per form, and per user within an hour.
MAILS_MAX, MAILS_AN_HOUR = 20, 100
# The length of the column; RFC 5321 allows no longer address.
ADDRESS_MAX = 254
# Open invitations of a user who is not an administrator.
OPEN_MAX = 100


class InvitationForm(forms.Form):
    """The label of an invitation, its limits, and whom it is for."""

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

    emails = forms.CharField(
        label=gettext_lazy("E-mail addresses"),
        max_length=MAILS_MAX * 255,
        required=False,
        help_text=gettext_lazy("Optional. Each gets a link of their own. With commas or lines between."),
        widget=forms.Textarea(attrs={"class": "input", "rows": 2, "autocapitalize": "none", "spellcheck": "false"}),
    )
    words = forms.CharField(
        label=gettext_lazy("A few words to them"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 2, "dir": "auto"}),
    )

    def clean_note(self) -> str:
        """The label, as it will be stored."""
        return str(Invitation._meta.get_field("note").clean(self.cleaned_data["note"], None))

    def clean_emails(self) -> list[str]:
        """The addresses, each once."""
        found = list(dict.fromkeys(one.lower() for one in re.split(r"[\s,;]+", self.cleaned_data["emails"]) if one))
        if len(found) > MAILS_MAX:
            raise forms.ValidationError(_("Write at most %(n)s addresses at a time.") % {"n": MAILS_MAX})
        for address in found:
            try:
                if len(address) > ADDRESS_MAX:
                    raise forms.ValidationError("too long")
                validate_email(address)
            except forms.ValidationError:
                raise forms.ValidationError(_("This is not an address: %(it)s") % {"it": address}) from None
        return found

    def clean_rooms(self) -> list[str]:
        """The slugs of public rooms. The error does not reveal whether another room is private or does not exist."""
        slugs = [slug.strip("#,") for slug in self.cleaned_data["rooms"].split()]
        if len(slugs) > ROOMS_MAX or not all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", slug) for slug in slugs):
            raise forms.ValidationError(_("Write the addresses of rooms, such as lobby, with spaces between."))
        if unknown := services.not_public(slugs):
            raise forms.ValidationError(_("There is no public room with this address: %(it)s") % {"it": unknown[0]})
        return slugs


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """Create an invitation and show its link, once; if no invitation is needed, show the server's address."""
    user = cast(User, request.user)
    mode = signup()
    _only_for_those_who_may(user, mode)
    form, link, sent = InvitationForm(request.POST or None, initial={"days": "7", "uses": "1"}), "", []
    mails = mode == "invite" and settings.CHAT_RESET_BY_EMAIL
    if request.method == "POST" and mode == "invite" and form.is_valid():
        wishes = form.cleaned_data
        try:
            if wishes["emails"] and mails:
                sent = _mail(user, wishes)
            else:
                link = _new_link(request, user, wishes)
        except forms.ValidationError as error:
            form.add_error("emails" if mails and wishes["emails"] else "note", error)
        else:
            form = InvitationForm(initial={"days": wishes["days"], "uses": wishes["uses"]})
    context: dict[str, Any] = {
        "mode": mode,
        "form": form,
        "link": link,
        "sent": sent,
        "mails": mails,
        "address": f"{client_address.of_server(request)}/",
    }
    if shown := link or (mode == "open" and context["address"]):
        context["qr"] = _drawn(shown)
    if mode == "invite":
        context["open"] = services.invitations_seen(user=user).select_related("created_by__participant")[:LISTED_MAX]
    return render(request, "account/invite.html", context)


def link_for(request: HttpRequest, user: User) -> dict[str, Any]:
    """A link to share with a team, and its QR code: the server's address if anyone may join, an invitation for 25
    people if one is needed, nothing if no one may join."""
    mode = signup()
    if mode == "closed":
        return {}
    link = f"{client_address.of_server(request)}/"
    if mode == "invite":
        link = _new_link(request, user, {"note": "", "days": "7", "uses": "25", "rooms": []})
    return {"link": link, "qr": _drawn(link)}


def _new_link(request: HttpRequest, user: User, wishes: dict[str, Any]) -> str:
    # A form loaded before an upgrade has no such field.
    uses = USES[wishes["uses"]] if wishes["uses"] or "uses" in request.POST else 1
    with transaction.atomic():
        _lock(user)
        _check_open(user, 1)
        code = _issue(user, wishes, uses_max=uses)
    return services.invitation_link(code, base=client_address.of_server(request))


def _issue(user: User, wishes: dict[str, Any], **facts: Any) -> str:
    days = LIFETIMES[wishes["days"]]
    _made, code = services.invitation_issue(
        note=wishes["note"],
        created_by=user,
        expires_at=timezone.now() + timedelta(days=days) if days else None,
        rooms=wishes["rooms"],
        **facts,
    )
    return code


def _mail(user: User, wishes: dict[str, Any]) -> list[str]:
    """Send the invitations; returns their addresses, without those that got an e-mail recently.

    Raises:
        ValidationError: the user has sent too many; none is sent.
    """
    with transaction.atomic():
        _lock(user)
        _check_open(user, len(wishes["emails"]))
        if _mailed_lately(user) + len(wishes["emails"]) > MAILS_AN_HOUR:
            raise forms.ValidationError(
                _("You have invited many people in this hour. Try again later, or send the link.")
            )
        codes = {
            address: _issue(user, wishes, uses_max=1, email=address)
            for address in wishes["emails"]
            if mail.may_write_to(address)
        }
    for address, code in codes.items():
        mail.send_soon(_written(user, address, code, wishes["words"]))
    return list(codes)


def _written(user: User, address: str, code: str, words: str) -> EmailMessage:
    facts = {
        "link": services.invitation_link(code, base=settings.CHAT_PUBLIC_URL),
        "inviter": user.participant.told_name,
        "workspace": workspace_name(),
        "words": words,
        "host": urlsplit(settings.CHAT_PUBLIC_URL).netloc,
    }
    subject = render_to_string("account/email/invitation_subject.txt", facts).strip()
    return EmailMessage(subject, render_to_string("account/email/invitation_message.txt", facts), to=[address])


def _lock(user: User) -> None:
    """Serialize a user's requests, so that simultaneous ones count each other's invitations."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _check_open(user: User, more: int) -> None:
    if services.may_administer_invitations(user):
        return
    if Invitation.objects.usable().filter(created_by=user).count() + more > OPEN_MAX:
        raise forms.ValidationError(
            _("At most %(n)s of your invitations can be open. End some of them first.") % {"n": OPEN_MAX}
        )


def _mailed_lately(user: User) -> int:
    since = timezone.now() - timedelta(hours=1)
    return Invitation.objects.filter(created_by=user, created_at__gt=since).exclude(email="").count()


def _drawn(link: str) -> str:
    return mark_safe(services.qr_code(link))  # noqa: S308 -- made of squares, without the text


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


def _only_for_those_who_may(user: User, mode: str) -> None:
    allowed = {"open": True, "invite": services.may_invite(user), "closed": user.is_staff}
    if not allowed[mode]:
        raise PermissionDenied(_refusal())


def _refusal() -> str:
    return _("Only administrators invite people here. Ask one of them.")
