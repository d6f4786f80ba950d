"""The room settings as a form, for browsers without scripts: with the same service as the pane and the API."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from asgiref.sync import sync_to_async
from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import TextChoices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from chat.access import Access, access_room
from chat.lib.fields import validate_line
from chat.live.hub import current_hub
from chat.live.join_limits import pay_for_room
from chat.models import Participant, Preferences, Room
from chat.pages.i18n import refusal_line
from chat.pages.no_script import STATUS, closed_door, form_address
from chat.pages.people import areader, opened
from chat.pages.room_names import moved
from chat.protocol.errors import ChatError
from chat.protocol.fields import DESCRIPTION_MAX, EMOJI_CHARS, SHORT_TEXT_MAX, TITLE_MAX
from chat.rules import Action
from chat.services.members import member_role
from chat.services.rooms import room_update

PAUSES = [(0, _("Off")), (10, "10 s"), (30, "30 s"), (60, "1 min"), (300, "5 min"), (900, "15 min"), (3600, "1 h")]
PEOPLE_MAX = 200


def _line(label: Any, most: int, note: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"class": "input", "autocomplete": "off", "dir": "auto"})
    checks = [validate_line]
    return forms.CharField(
        label=label, max_length=most, required=False, validators=checks, widget=widget, help_text=note
    )


def _one_of(values: type[TextChoices]) -> forms.ChoiceField:
    """A setting with the choices of the model; without a value it stays unchanged."""
    return forms.ChoiceField(choices=values.choices, required=False, widget=forms.RadioSelect)


class RoomSettingsForm(forms.Form):
    """The settings that an owner may change; moderators may change the topic."""

    title = _line(_("Name"), TITLE_MAX)
    address = _line(_("Address"), 64, _("The last part of its links. Links with its former address keep working."))
    emoji = _line(_("Emoji"), EMOJI_CHARS)
    topic = _line(_("Topic"), SHORT_TEXT_MAX)
    description = forms.CharField(
        label=_("Description"),
        max_length=DESCRIPTION_MAX,
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 4, "dir": "auto"}),
    )
    posting = _one_of(Room.Posting)
    pinning = _one_of(Room.Pinning)
    calling = _one_of(Room.Who)
    adding = _one_of(Room.Who)
    edit_history = _one_of(Room.EditHistory)
    replies = _one_of(Room.Replies)
    slow_seconds = forms.TypedChoiceField(
        choices=PAUSES, coerce=int, required=False, empty_value=None, widget=forms.RadioSelect
    )
    previews = forms.TypedChoiceField(
        choices=[("yes", _("Shown")), ("no", _("Not shown"))],
        coerce=lambda value: value == "yes",
        required=False,
        empty_value=None,
        widget=forms.RadioSelect,
    )
    archived = forms.TypedChoiceField(
        choices=[("no", _("Open")), ("yes", _("Archived"))],
        coerce=lambda value: value == "yes",
        required=False,
        empty_value=None,
        widget=forms.RadioSelect,
    )

    @classmethod
    def of(cls, room: Room, *, owner: bool, data: Any = None) -> "RoomSettingsForm":
        """Return the form of a room, with the fields that this person may change."""
        facts: dict[str, Any] = {name: getattr(room, name) for name in cls.base_fields}
        facts["address"] = room.address or room.slug
        said = {name: "yes" if getattr(room, name) else "no" for name in ("archived", "previews")}
        form = cls(data, initial=facts | said)
        for name in () if owner else [name for name in form.fields if name != "topic"]:
            del form.fields[name]
        return form


@form_address
@never_cache
@login_required
async def room_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: the form. POST: save the changes, or change the role of a member. For owners and moderators."""
    user = await areader(request)
    return await sync_to_async(_settings)(request, user, slug, partial(pay_for_room, current_hub(), user))


def _settings(request: HttpRequest, user: Participant, slug: str, pay: Callable[[], None]) -> HttpResponse:
    try:
        access = access_room(user=user, slug=slug)
    except ChatError as error:
        raise closed_door(error) from error
    if request.method != "POST" and (elsewhere := moved(request, access.room)):
        return elsewhere
    owner = access.may(Action.SETTINGS)
    if not owner and not access.may(Action.TOPIC):
        raise Http404
    form = RoomSettingsForm.of(access.room, owner=owner, data=request.POST if "facts" in request.POST else None)
    status, problem = HTTPStatus.OK, ""
    if request.method == "POST":
        try:
            if "facts" not in request.POST:
                member_role(
                    user=user, room=slug, username=request.POST.get("username", ""), role=request.POST.get("role", "")
                )
                return redirect("chat:room_settings", slug)
            if form.is_valid():
                # Fields that are not in the request stay unchanged.
                wanted = {name: form.cleaned_data[name] for name in form.fields if name in request.POST}
                changed = room_update(user=user, room=slug, pay=pay, **wanted)
                return redirect("chat:room_settings", changed.address or changed.slug)
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        except ChatError as error:
            status, problem = STATUS.get(error.code, HTTPStatus.UNPROCESSABLE_ENTITY), refusal_line(error)
    return _page(request, access, form, owner=owner, problem=problem, status=status)


def _page(
    request: HttpRequest, access: Access, form: RoomSettingsForm, *, owner: bool, problem: str, status: HTTPStatus
) -> HttpResponse:
    opened(request)
    people = access.room.memberships.filter(user__is_active=True).select_related("user").order_by("user__username")
    context = {
        "room": access.room,
        "form": form,
        "owner": owner,
        "problem": problem,
        "people": people.exclude(user=access.user)[:PEOPLE_MAX] if owner else [],
        "theme": Preferences.of(access.user).theme,
    }
    return render(request, "chat/no_script/room_settings.html", context, status=status)
