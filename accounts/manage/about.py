"""The server: its name, who may join and invite, and the running version."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django import forms
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import workspace
from accounts.manage.frame import administrators, done, failed, page
from accounts.models import User, Workspace
from accounts.workspace_picture import picture_remove, picture_set
from chat.models import Message, Room
from chat.pages.i18n import refusal_line
from chat.protocol.errors import ChatError


class WorkspaceForm(forms.ModelForm):  # type: ignore[type-arg]
    """The choices of administrators."""

    signup = forms.ChoiceField(choices=Workspace.Signup.choices, widget=forms.RadioSelect)
    who_invites = forms.ChoiceField(choices=Workspace.Inviters.choices, widget=forms.RadioSelect)

    class Meta:
        model = Workspace
        fields = ("name", "signup", "who_invites")
        labels = {"name": gettext_lazy("Name of your workspace")}
        widgets = {"name": forms.TextInput(attrs={"class": "input", "autocomplete": "organization", "dir": "auto"})}


@administrators
def about(request: HttpRequest, user: User) -> HttpResponse:
    """GET: the page. POST: save the choices."""
    chosen = {"signup": workspace.signup(), "who_invites": workspace.who_invites()}
    form = WorkspaceForm(request.POST or None, instance=workspace.workspace(), initial=chosen)
    if request.method == "POST" and "picture" in request.POST:
        return _picture(request, user)
    if request.method == "POST" and form.is_valid():
        workspace.workspace_change(user=user, **form.cleaned_data)
        return done(request, "about", _("Saved."))
    return page(request, "about", form=form, status=422 if form.errors else 200, **_facts())


def _picture(request: HttpRequest, user: User) -> HttpResponse:
    """Set or remove the picture of the workspace."""
    if request.POST["picture"] == "remove":
        picture_remove(user=user)
        return done(request, "about", _("Saved."))
    sent = request.FILES.get("file")
    if sent is None:
        return failed(request, "about", _("Choose a picture first."))
    try:
        picture_set(user=user, sent=sent)
    except ChatError as error:
        return failed(request, "about", refusal_line(error))
    return done(request, "about", _("Saved."))


def _facts() -> dict[str, Any]:
    last = Message.objects.order_by("-pk").values_list("pk", flat=True).first()
    return {
        "version": _version(),
        "database": connection.vendor,
        "people": User.objects.filter(is_active=True).count(),
        "rooms": Room.objects.filter(archived=False).count(),
        # Counting millions of messages takes seconds.
        "written": last or 0,
        "mail": workspace.mail_is_set_up(),
        "host": settings.CHAT_PUBLIC_URL,
    }


def _version() -> str:
    try:
        return version("backchannel")
    except PackageNotFoundError:
        return str(settings.CHAT_STATIC_VERSION)
