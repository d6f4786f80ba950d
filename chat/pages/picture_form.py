"""The form for a person's photo in the settings; its file is received before the view (`chat.server.form_files`)."""

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from chat.live import db
from chat.live.hub import Hub, current_hub
from chat.live.join_limits import pay
from chat.models import Participant
from chat.pages.i18n import refusal_line
from chat.pages.no_script import form_address
from chat.pages.people import areader
from chat.pages.settings import saved
from chat.protocol.errors import ChatError
from chat.server.form_files import form_files
from chat.services.pictures import person_picture_remove, person_picture_set


@form_address
@never_cache
@login_required
async def picture(request: HttpRequest) -> HttpResponse:
    """Set the photo of the form, or remove it."""
    if request.method != "POST":
        return redirect("chat:settings")  # A redirect after signing in again.
    user = await areader(request)
    try:
        await _changed(request, current_hub(), user)
    except ChatError as error:
        return _refused(request, refusal_line(error))
    return await sync_to_async(saved)(request, "profile", _("Your photo is saved."))


async def _changed(request: HttpRequest, hub: Hub, user: Participant) -> None:
    found = form_files(request)
    if found.problem:
        raise found.problem
    # Rate limited: the change is sent to everyone who shares a room with the person.
    pay(hub, user)
    if found.ids:
        await db.on_media(person_picture_set, user=user, key=found.ids[0])
    elif "remove" in request.POST:
        await db.run(person_picture_remove, user=user)


def _refused(request: HttpRequest, sentence: str) -> HttpResponse:
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"errors": {"file": [sentence]}}, status=422)
    messages.error(request, sentence, extra_tags="profile")
    return redirect(f"{reverse('chat:settings')}#profile")
