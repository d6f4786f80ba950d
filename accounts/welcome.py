"""The first minutes: three steps for the first administrator, and a card in the chat for each new person."""

from typing import Any, cast
from urllib.parse import urlsplit

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import invitations, workspace
from accounts.models import User, Workspace
from accounts.workspace_picture import picture_set
from chat.lib import client_address
from chat.lib.fields import validate_line
from chat.pages.i18n import refusal_line
from chat.pages.room import LOBBY
from chat.protocol.errors import ChatError
from chat.protocol.fields import TITLE_MAX
from chat.services.members import room_join
from chat.services.rooms import room_create

STEPS = 3
# Hosts that are reachable only from the computer itself.
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
FIRST_ROOMS = [("general-questions", _("Questions")), ("random", _("Random")), ("projects", _("Projects"))]


class NameForm(forms.ModelForm):  # type: ignore[type-arg]
    """The name of the server."""

    class Meta:
        model = Workspace
        fields = ("name",)
        labels = {"name": _("Name of your workspace")}
        widgets = {"name": forms.TextInput(attrs={"class": "input", "autocomplete": "organization", "dir": "auto"})}


class RoomsForm(forms.Form):
    """The first rooms: suggestions, and one custom room."""

    suggested = forms.MultipleChoiceField(choices=FIRST_ROOMS, required=False, widget=forms.CheckboxSelectMultiple)
    own = forms.CharField(
        label=_("A room of your own"),
        max_length=TITLE_MAX,
        required=False,
        validators=[validate_line],
        help_text=_("Any name, in any script."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "dir": "auto"}),
    )


class JoinForm(forms.Form):
    """Who may join."""

    signup = forms.ChoiceField(choices=Workspace.Signup.choices, widget=forms.RadioSelect)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """The three steps, each of which can be skipped. Shown to administrators until one of them has finished it."""
    user = cast(User, request.user)
    if not user.is_superuser or workspace.workspace().welcomed_at:
        return redirect("chat:home")
    asked = request.POST.get("step") or request.GET.get("step") or "1"
    step = int(asked) if asked in {"1", "2", "3"} else 1
    if request.method == "POST" and "done" in request.POST:
        workspace.workspace_change(user=user, welcomed_at=timezone.now())
        return redirect("chat:room", LOBBY) if _enter_lobby(user) else redirect("chat:home")
    return (_name, _rooms, _people)[step - 1](request, user)


@login_required
@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """Dismiss the card with the first steps permanently."""
    User.objects.filter(pk=cast(User, request.user).pk).update(first_steps=False)
    return HttpResponse(status=204) if request.headers.get("Accept") == "application/json" else redirect("chat:home")


def _name(request: HttpRequest, user: User) -> HttpResponse:
    form = NameForm(request.POST or None, instance=workspace.workspace())
    if request.method == "POST" and form.is_valid():
        workspace.workspace_change(user=user, name=form.cleaned_data["name"])
        try:
            if sent := request.FILES.get("file"):
                picture_set(user=user, sent=sent)
            return _next(2)
        except ChatError as error:
            form.add_error(None, refusal_line(error))
    host = urlsplit(client_address.of_server(request)).hostname or ""
    return _page(request, 1, form=form, local=host in LOCAL_HOSTS)


def _rooms(request: HttpRequest, user: User) -> HttpResponse:
    form = RoomsForm(request.POST or None, initial={"suggested": ["random"]})
    if request.method == "POST" and form.is_valid():
        # Before the others: an administrator who leaves these steps now is not alone in their own room.
        _enter_lobby(user)
        titles = dict(FIRST_ROOMS)
        wanted = [{"slug": slug, "title": str(titles[slug])} for slug in form.cleaned_data["suggested"]]
        if own := form.cleaned_data["own"].strip():
            wanted.append({"title": own})
        for facts in wanted:
            try:
                room_create(creator=user.participant, **facts)
            except ChatError:
                # It exists already: the form was sent twice.
                continue
        return _next(3)
    return _page(request, 2, form=form)


def _people(request: HttpRequest, user: User) -> HttpResponse:
    form = JoinForm(request.POST or None, initial={"signup": workspace.signup()})
    facts: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        workspace.workspace_change(user=user, signup=form.cleaned_data["signup"])
        facts = invitations.link_for(request, user)
    return _page(request, 3, form=form, chosen=workspace.signup(), **facts)


def _enter_lobby(user: User) -> bool:
    """Join the lobby, where people who come later meet: its page joins only users who have no room yet. Returns whether
    the lobby exists."""
    try:
        room_join(user=user.participant, room=LOBBY)
    except ChatError:
        # Deleted or archived.
        return False
    return True


def _next(step: int) -> HttpResponse:
    return redirect(f"{reverse('welcome')}?step={step}")


def _page(request: HttpRequest, step: int, **facts: Any) -> HttpResponse:
    return render(request, "account/welcome.html", {"step": step, "steps": STEPS, "following": step + 1} | facts)
