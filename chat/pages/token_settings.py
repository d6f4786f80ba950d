"""The part of the settings page about the person's own access tokens."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from chat.identity import Identity
from chat.models import ApiToken, Participant
from chat.pages.i18n import refusal_line
from chat.pages.settings import change, refused, saved, shown
from chat.pages.settings_forms import TokenForm
from chat.protocol.errors import ChatError
from chat.services.tokens import own_token_issue, token_revoke

LIFETIMES = {"30": 30, "90": 90, "365": 365, "": None}


@change
def issue(request: HttpRequest, user: Participant) -> HttpResponse:
    """Create a token, and show it once."""
    form = TokenForm(request.POST, auto_id="token_%s")
    if not form.is_valid():
        return refused(request, form, "token")
    wishes = form.cleaned_data
    days = LIFETIMES[wishes["days"]]
    try:
        _token, key = own_token_issue(
            identity=Identity(user, "session", ""),
            name=wishes["name"],
            lifetime=timedelta(days=days) if days else None,
            scopes=wishes["scopes"].split(),
        )
    except ChatError as error:
        form.add_error("name", refusal_line(error))
        return refused(request, form, "token")
    response = shown(request, made_token=key)
    # Marked against BREACH: the secret is beside text that a link to this page can choose.
    response.holds_secret = True  # type: ignore[attr-defined]
    return response


@change
def revoke(request: HttpRequest, user: Participant, token_id: int) -> HttpResponse:
    """Revoke one of the person's tokens."""
    token = ApiToken.objects.filter(user=user, pk=token_id, revoked_at=None).first()
    if token is None:
        return saved(request, "tokens", _("That token had ended already."))
    token_revoke(token=token)
    return saved(request, "tokens", _("The token is revoked."))
