"""The parts of the settings page about the account: e-mail address, sessions, deletion."""

from dataclasses import dataclass
from typing import Any, cast

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import services, user_sessions
from accounts.models import User
from accounts.settings_forms import EmailForm
from chat.lib.user_agents import device_name
from chat.models import Participant
from chat.pages.i18n import refusal_line
from chat.pages.password_form import PasswordAskedForm
from chat.pages.settings import change, refused, saved
from chat.protocol.errors import ChatError


@dataclass(frozen=True, slots=True)
class Device:
    """A session of the user, as the page lists it."""

    session: UserSession
    name: str
    current: bool


def parts(request: HttpRequest) -> dict[str, Any]:
    """The context for the templates of these parts."""
    user, key = _account(request), request.session.session_key
    return {
        "account": user,
        "email": EmailForm(initial={"email": user.email}),
        "delete": PasswordAskedForm(prefix="delete"),
        "sessions": [
            Device(one, device_name(one.user_agent), one.session_key == key) for one in user_sessions.sessions_of(user)
        ],
        "last_administrator": services.is_last_administrator(user),
        "reset_by_email": settings.CHAT_RESET_BY_EMAIL,
    }


@change
def email(request: HttpRequest, _me: Participant) -> HttpResponse:
    """Save the e-mail address."""
    user = _account(request)
    form = EmailForm(request.POST, request=request)
    if not form.is_valid():
        return refused(request, form, "email")
    try:
        services.email_change(user=user, email=form.cleaned_data["email"])
    except ValidationError as error:
        form.add_error("email", error.messages)
        return refused(request, form, "email")
    return saved(request, "email", _("Your e-mail address is saved."))


@change
def session(request: HttpRequest, _me: Participant, session_id: int) -> HttpResponse:
    """Sign out one session."""
    user = _account(request)
    own = UserSession.objects.filter(user=user, pk=session_id, session_key=request.session.session_key).exists()
    if own:
        logout(request)
        return redirect("account_login")
    if not user_sessions.session_end(user=user, session_id=session_id):
        return saved(request, "sessions", _("That session had ended already."))
    return saved(request, "sessions", _("That session has been signed out."))


@change
def sign_out_others(request: HttpRequest, _me: Participant) -> HttpResponse:
    """Sign out every other session."""
    user = _account(request)
    services.sign_out_others(user=user, session=request.session)
    return saved(request, "sessions", _("Signed out everywhere else."))


@change
def delete(request: HttpRequest, _me: Participant) -> HttpResponse:
    """Delete the account."""
    user = _account(request)
    form = PasswordAskedForm(request.POST, request=request, prefix="delete")
    if form.is_valid():
        try:
            services.account_delete(user=user)
        except ChatError as error:
            form.add_error(None, refusal_line(error))
    if not form.is_valid():
        return refused(request, form, "delete")
    logout(request)
    # Remove drafts and unsent messages from the device too.
    response = render(request, "settings/deleted.html")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _account(request: HttpRequest) -> User:
    return cast(User, request.user)
