"""The settings page: each part is a form, which scripts save as soon as a value is chosen."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import services, user_sessions
from accounts.models import Preferences, User
from accounts.settings_forms import EmailForm, PasswordAskedForm, PreferencesForm, ProfileForm
from accounts.theme import YEAR_SECONDS, remember_theme
from chat.live.hub import Hub, current_hub
from chat.live.join_limits import pay
from chat.models import Membership
from chat.pages import scripts
from chat.pages.i18n import refusal_line, too_fast_line
from chat.pages.no_script import form_address
from chat.protocol.errors import ChatError
from chat.queries.rooms import room_entries
from chat.services.account_deletion import account_delete
from chat.services.members import member_notify

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Device:
    """A session of the person, as the page lists it."""

    session: UserSession
    name: str
    current: bool


@require_safe
@login_required
@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """The page."""
    user_sessions.session_seen(request)
    return _page(request)


def _change(view: View) -> View:
    """A view for a form of the page: POST only, signed in, and its response is not cached."""

    @wraps(view)
    def checked(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return redirect("settings")  # They have just signed in again.
        return view(request, _person(request), **kwargs)

    return form_address(login_required(never_cache(checked)))


@form_address
@never_cache
@login_required
async def profile(request: HttpRequest) -> HttpResponse:
    """Save the shown name."""
    if request.method != "POST":
        return redirect("settings")  # They have just signed in again.
    return await sync_to_async(_profile)(request, current_hub())


def _profile(request: HttpRequest, hub: Hub) -> HttpResponse:
    user = _person(request)
    form = ProfileForm(request.POST)
    if form.is_valid() and form.cleaned_data["display_name"] != user.display_name:
        # Sent to everyone who shares a room with the person.
        try:
            pay(hub, user)
        except ChatError as error:
            form.add_error("display_name", too_fast_line(error.retry_after or 0))
    if not form.is_valid():
        return _refused(request, form, "profile")
    services.profile_update(user=user, display_name=form.cleaned_data["display_name"])
    return _saved(request, "profile", _("Your name is saved."))


@_change
def preferences(request: HttpRequest, user: User) -> HttpResponse:
    """Save the preferences of one part of the page."""
    form = PreferencesForm.of_part(request.POST, user)
    if not form.is_valid():
        return _refused(request, form, "preferences")
    saved = services.preferences_change(user=user, **form.cleaned_data)
    response = _saved(request, request.POST.get("part", "appearance"), _("Saved."))
    remember_theme(request, response, saved.theme)
    return response


@_change
def language(request: HttpRequest, _user: User) -> HttpResponse:
    """Save the language of the pages in this browser; an unknown value means the browser's own preference."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        chosen = ""
    request.COOKIES.pop(settings.LANGUAGE_COOKIE_NAME, None)
    with translation.override(chosen or translation.get_language_from_request(request)):
        response = _saved(request, "appearance", _("Saved."))
    if not chosen:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
        return response
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=YEAR_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


@_change
def room_notify(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    """Save the notification level of a room."""
    try:
        # A checkbox that is not ticked is not sent; a script may send the level alone.
        muted = "on" in request.POST.getlist("muted") if "muted" in request.POST else None
        member_notify(user=user, room=slug, notify=request.POST.get("notify", ""), muted=muted)
    except ChatError as error:
        # The form offers neither an unknown room nor an invalid level: one answer for all of these.
        raise Http404 from error
    return _saved(request, "notifications", _("Saved."))


@_change
def email(request: HttpRequest, user: User) -> HttpResponse:
    """Save the e-mail address."""
    form = EmailForm(request.POST, request=request)
    if not form.is_valid():
        return _refused(request, form, "email")
    try:
        services.email_change(user=user, email=form.cleaned_data["email"])
    except ValidationError as error:
        form.add_error("email", error.messages)
        return _refused(request, form, "email")
    return _saved(request, "email", _("Your e-mail address is saved."))


@_change
def session(request: HttpRequest, user: User, session_id: int) -> HttpResponse:
    """Sign out one session."""
    own = UserSession.objects.filter(user=user, pk=session_id, session_key=request.session.session_key).exists()
    if own:
        logout(request)
        return redirect("account_login")
    if not user_sessions.session_end(user=user, session_id=session_id):
        return _saved(request, "sessions", _("That session had ended already."))
    return _saved(request, "sessions", _("That session has been signed out."))


@_change
def sign_out_others(request: HttpRequest, user: User) -> HttpResponse:
    """Sign out every other session."""
    services.sign_out_others(user=user, session=request.session)
    return _saved(request, "sessions", _("Signed out everywhere else."))


@_change
def delete(request: HttpRequest, user: User) -> HttpResponse:
    """Delete the account."""
    form = PasswordAskedForm(request.POST, request=request, prefix="delete")
    if form.is_valid():
        try:
            account_delete(user=user)
        except ChatError as error:
            form.add_error(None, refusal_line(error))
    if not form.is_valid():
        return _refused(request, form, "delete")
    logout(request)
    # Remove drafts and unsent messages from the device as well.
    response = render(request, "settings/deleted.html")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _page(request: HttpRequest, **forms: BaseForm) -> HttpResponse:
    user = _person(request)
    chosen = Preferences.of(user)
    key = request.session.session_key
    sessions = [
        Device(one, user_sessions.device_name(one.user_agent), one.session_key == key)
        for one in user_sessions.sessions_of(user)
    ]
    context = {
        "profile": ProfileForm(initial={"display_name": user.display_name}),
        "preferences_form": PreferencesForm(instance=chosen),
        "email": EmailForm(initial={"email": user.email}),
        "delete": PasswordAskedForm(prefix="delete"),
        "rooms": [held.entry for held in room_entries(user)],
        "room_levels": Membership.Level.choices,
        "sessions": sessions,
        "last_administrator": services.is_last_administrator(user),
        "reset_by_email": settings.RESET_BY_EMAIL,
        "preferences": chosen,
        "theme": chosen.theme,
        "import_map": scripts.import_map(),
        "language_chosen": request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""),
        **forms,
    }
    response = render(request, "settings/settings.html", context)
    remember_theme(request, response, chosen.theme)
    return response


def _refused(request: HttpRequest, form: BaseForm, part: str) -> HttpResponse:
    """The page again, with the problem beside the value as it was typed."""
    if _wants_json(request):
        return JsonResponse({"errors": form.errors}, status=422)
    if part == "preferences":
        raise Http404  # The page offers nothing that would be refused.
    return _page(request, **{part: form})


def _saved(request: HttpRequest, part: str, sentence: str) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"saved": sentence})
    part = part if part in PARTS else PARTS[0]
    messages.success(request, sentence, extra_tags=part)
    return redirect(f"{reverse('settings')}#{part}")


PARTS = ("profile", "appearance", "notifications", "writing", "email", "sessions", "delete")


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)
