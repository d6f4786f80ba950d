"""The pages that e-mails link to: confirming an address, and unsubscribing."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from chat.pages.people import reader
from chat.services import mail_addresses


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm the address, with a button: programs that scan e-mails open their links."""
    heading = _("Confirm your e-mail address")
    if request.method != "POST":
        sentence = _("Missed messages will be sent to this address.")
        return _answer(request, heading, sentence, button=_("Confirm"))
    if mail_addresses.address_confirm(user=reader(request), token=token):
        return _answer(request, heading, _("Your address is confirmed."))
    return _answer(request, heading, _("This link has expired, or belongs to another account. Ask for a new one."))


@csrf_exempt  # RFC 8058: the mail program sends the request, without a cookie; the token is the proof.
@require_http_methods(["GET", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe from e-mails about missed messages: a mail program posts at once, a person presses a button."""
    if not mail_addresses.is_unsubscribe_token(token):
        raise Http404
    heading = _("E-mails of missed messages")
    if request.method != "POST":
        return _answer(request, heading, _("You will get no more of them."), button=_("Unsubscribe"))
    mail_addresses.unsubscribe(token=token)
    return _answer(request, heading, _("You get no more of them. You can turn them on again in the settings."))


def _answer(request: HttpRequest, heading: str, sentence: str, *, button: str = "") -> HttpResponse:
    return render(request, "chat/settings/mail_link.html", {"heading": heading, "sentence": sentence, "button": button})
