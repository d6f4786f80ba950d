"""The form to create a room, for browsers without scripts: with the service, limits and rate limit of the API."""

import math
import re
import unicodedata
from functools import partial
from http import HTTPStatus

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache

from chat.lib.fields import validate_line
from chat.lib.normal_forms import normalized
from chat.live import db
from chat.live.hub import current_hub
from chat.live.join_limits import pay_for_room
from chat.models import DIRECT_PREFIX, SLUG_PATTERN, Participant, Preferences, Room
from chat.pages import threads
from chat.pages.i18n import refusal_line
from chat.pages.no_script import STATUS, address_of, form_address
from chat.pages.people import areader, opened
from chat.protocol.errors import ChatError, Code
from chat.protocol.fields import SHORT_TEXT_MAX, TITLE_MAX
from chat.services.rooms import room_create
from chat.services.slugs import slug_of

SLUG_MAX = 64
MINUTE_SECONDS = 60


def _text(**attributes: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "input", "autocomplete": "off", "dir": "auto"} | attributes)


class RoomForm(forms.Form):
    """A new room. The form shows the values as they were typed; `cleaned_data` has the requested slug."""

    title = forms.CharField(
        label=gettext_lazy("Name"), max_length=TITLE_MAX, validators=[validate_line], widget=_text(autofocus="")
    )
    room = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=SLUG_MAX,
        required=False,
        help_text=gettext_lazy("Letters a to z, digits, hyphens and underscores. Empty: made from the name."),
        widget=_text(autocapitalize="none", spellcheck="false"),
    )
    topic = forms.CharField(
        label=gettext_lazy("Topic"),
        max_length=SHORT_TEXT_MAX,
        required=False,
        validators=[validate_line],
        widget=_text(),
    )
    kind = forms.ChoiceField(
        choices=[
            (Room.Kind.PUBLIC.value, gettext_lazy("Everybody")),
            (Room.Kind.PRIVATE.value, gettext_lazy("Only people who are added")),
        ],
        initial=Room.Kind.PUBLIC.value,
        widget=forms.RadioSelect,
    )

    def clean_room(self) -> str:
        """Return the slug: accents removed, spaces replaced by hyphens."""
        # The page with scripts does the same while the person types.
        letters = normalized("NFKD", self.cleaned_data["room"])
        plain = "".join(letter for letter in letters if unicodedata.category(letter)[0] != "M").lower()
        slug = re.sub(r"\s+", "-", plain)
        if slug and not re.fullmatch(SLUG_PATTERN, slug):
            raise ValidationError(_("Use 1 to 64 letters (a to z), digits, hyphens or underscores."))
        if slug.startswith(DIRECT_PREFIX):
            raise ValidationError(
                _("Addresses that begin with %(prefix)s are kept for direct messages.") % {"prefix": DIRECT_PREFIX}
            )
        return slug

    def refuse(self, error: ChatError, slug: str) -> None:
        """Show why the service did not create the room, beside its field or above the form."""
        if error.code == Code.CONFLICT:
            self.add_error("room", _("A room called %(name)s already exists. Choose another address.") % {"name": slug})
        elif error.code == Code.RATE_LIMITED:
            self.add_error(None, _too_many_line(error.retry_after or 0))
        elif error.code == Code.FORBIDDEN:
            most = {"n": settings.CHAT_ROOMS_OWNED}
            self.add_error(None, _("You own %(n)s rooms, as many as one person may. Archive one first.") % most)
        else:
            self.add_error(None, refusal_line(error))


@form_address
@never_cache
@login_required
async def create(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST: create the room and open it."""
    user = await areader(request)
    if request.method != "POST":
        return await threads.render(_page, request, user, RoomForm(), HTTPStatus.OK)
    form = RoomForm(request.POST)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        wishes = form.cleaned_data
        # Append no number to a taken slug: a form that is sent twice must create only one room.
        slug = wishes["room"] or slug_of(wishes["title"])
        facts = {"slug": slug, "kind": wishes["kind"], "title": wishes["title"], "topic": wishes["topic"]}
        try:
            made = await db.run(room_create, creator=user, **facts, pay=partial(pay_for_room, current_hub(), user))
        except ChatError as error:
            form.refuse(error, slug)
            status = STATUS.get(error.code, status)
        else:
            return redirect(address_of(made.slug))
    return await threads.render(_page, request, user, form, status)


def _page(request: HttpRequest, user: Participant, form: RoomForm, status: HTTPStatus) -> HttpResponse:
    opened(request)
    return render(
        request, "chat/no_script/create.html", {"form": form, "theme": Preferences.of(user).theme}, status=status
    )


def _too_many_line(wait: float) -> str:
    """The refusal by the rate limit. `wait`: seconds until the person can create the next room."""
    minutes = max(1, math.ceil(wait / MINUTE_SECONDS))
    sentence = ngettext(
        "You have made many rooms. Try again in %(n)s minute.",
        "You have made many rooms. Try again in %(n)s minutes.",
        minutes,
    )
    return sentence % {"n": minutes}
