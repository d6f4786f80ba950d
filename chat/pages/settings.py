"""The settings page: each part is a form; with scripts, it is saved as soon as a value is chosen."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.live.hub import Hub, current_hub
from chat.live.join_limits import pay
from chat.models import ApiToken, Membership, Participant, Preferences
from chat.pages import scripts
from chat.pages.export_rows import rows_of
from chat.pages.i18n import too_fast_line
from chat.pages.no_script import form_address
from chat.pages.people import opened, reader
from chat.pages.settings_forms import SAID, PreferencesForm, ProfileForm, TokenForm
from chat.pages.theme import YEAR_SECONDS, remember_theme
from chat.protocol.errors import ChatError
from chat.queries.profiles import picture_address, profile_of
from chat.queries.rooms import room_entries
from chat.services.exports.requests import exports_of
from chat.services.members import member_notify
from chat.services.people import profile_change
from chat.services.profile import preferences_change, profile_update
from chat.signals import settings_shown

View = Callable[..., HttpResponse]


@require_safe
@login_required
@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """Show the page."""
    opened(request)
    return _page(request)


def change(view: View) -> View:
    """Wrap a view for a form of the page: POST only, signed in, response not cached."""

    @wraps(view)
    def checked(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return redirect("chat:settings")  # A redirect after signing in again.
        return view(request, reader(request), **kwargs)

    return form_address(login_required(never_cache(checked)))


@form_address
@never_cache
@login_required
async def profile(request: HttpRequest) -> HttpResponse:
    """Save the shown name and the profile."""
    if request.method != "POST":
        return redirect("chat:settings")  # A redirect after signing in again.
    return await sync_to_async(_profile)(request, current_hub())


def _profile(request: HttpRequest, hub: Hub) -> HttpResponse:
    user = reader(request)
    form = ProfileForm(request.POST)
    if form.is_valid() and form.cleaned_data["display_name"] != user.display_name:
        # Rate limited: the name is sent to everyone who shares a room with the person.
        try:
            pay(hub, user)
        except ChatError as error:
            form.add_error("display_name", too_fast_line(error.retry_after or 0))
    if not form.is_valid():
        return refused(request, form, "profile")
    profile_update(user=user, display_name=form.cleaned_data["display_name"])
    # A form of an older version has only the name.
    if said := {name: value for name, value in form.cleaned_data.items() if name in SAID and name in request.POST}:
        profile_change(user=user, **said)
    return saved(request, "profile", _("Your profile is saved."))


@change
def set_preferences(request: HttpRequest, user: Participant) -> HttpResponse:
    """Save the preferences of one part of the page."""
    form = PreferencesForm.of_part(request.POST, user)
    if not form.is_valid():
        return refused(request, form, "preferences")
    chosen = preferences_change(user=user, **form.cleaned_data)
    response = saved(request, request.POST.get("part", "appearance"), _("Saved."))
    remember_theme(request, response, chosen.theme)
    return response


@change
def language(request: HttpRequest, _user: Participant) -> HttpResponse:
    """Save the language of the pages for this browser; an unknown value means the browser's own preference."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        chosen = ""
    request.COOKIES.pop(settings.LANGUAGE_COOKIE_NAME, None)
    with translation.override(chosen or translation.get_language_from_request(request)):
        response = saved(request, "appearance", _("Saved."))
    if not chosen:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
        return response
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=YEAR_SECONDS,
        secure=settings.CHAT_HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


@change
def room_notify(request: HttpRequest, user: Participant, slug: str) -> HttpResponse:
    """Save the notification level of a room."""
    try:
        # Browsers do not send an unticked checkbox; a script may send only the level.
        muted = "on" in request.POST.getlist("muted") if "muted" in request.POST else None
        member_notify(user=user, room=slug, notify=request.POST.get("notify", ""), muted=muted)
    except ChatError as error:
        # The form offers no unknown room and no invalid level: one response for all errors.
        raise Http404 from error
    return saved(request, "notifications", _("Saved."))


def shown(request: HttpRequest, **facts: Any) -> HttpResponse:
    """Show the page, with the context `facts` of one of its parts."""
    return _page(request, **facts)


def _page(request: HttpRequest, **forms: Any) -> HttpResponse:
    user = reader(request)
    chosen = Preferences.of(user)
    shown: Sequence[tuple[object, Any]] = settings_shown.send(sender=None, request=request)
    context = {
        "me": user,
        "picture": picture_address(profile_of(user).picture),
        "profile": ProfileForm.of(user),
        "token": TokenForm(auto_id="token_%s"),
        "tokens": ApiToken.objects.usable().filter(user=user),
        "preferences_form": PreferencesForm(instance=chosen),
        "rooms": [held.entry for held in room_entries(user)],
        "room_levels": Membership.Level.choices,
        "preferences": chosen,
        "theme": chosen.theme,
        "exports": rows_of(request, exports_of(user)),
        "import_map": scripts.import_map(),
        "language_chosen": request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""),
        **{name: fact for _, facts in shown if isinstance(facts, dict) for name, fact in facts.items()},
        **forms,
    }
    response = render(request, "chat/settings/settings.html", context)
    remember_theme(request, response, chosen.theme)
    return response


def refused(request: HttpRequest, form: BaseForm, part: str) -> HttpResponse:
    """Show the page again, with the error beside the value as it was typed."""
    if _wants_json(request):
        return JsonResponse({"errors": form.errors}, status=422)
    if part == "preferences":
        raise Http404  # The page offers no value that would be refused.
    return _page(request, **{part: form})


def saved(request: HttpRequest, part: str, sentence: str) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"saved": sentence})
    part = part if part in PARTS else PARTS[0]
    messages.success(request, sentence, extra_tags=part)
    return redirect(f"{reverse('chat:settings')}#{part}")


PARTS = ("profile", "appearance", "notifications", "writing", "tokens", "data", "email", "sessions", "delete")


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"
