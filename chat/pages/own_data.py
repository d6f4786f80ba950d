"""The part of the settings page about the person's own data, and the download of exports, which needs the password."""

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from chat.live.hub import current_hub
from chat.live.join_limits import pay
from chat.models import Export, Participant
from chat.pages.export_rows import asks_password, prefix_of, rows_of
from chat.pages.i18n import refusal_line
from chat.pages.no_script import form_address
from chat.pages.password_form import PasswordAskedForm
from chat.pages.people import areader
from chat.pages.settings import saved, shown
from chat.protocol.errors import ChatError, Code
from chat.server.sending import export_response
from chat.services.exports.requests import export_download, export_start, exports_of


@form_address
@never_cache
@login_required
async def start(request: HttpRequest) -> HttpResponse:
    """Request an archive of what the person wrote and uploaded, or of a room that they own."""
    if request.method != "POST":
        return redirect("chat:settings")  # A redirect after signing in again.
    user = await areader(request)
    try:
        pay(current_hub(), user)
        await sync_to_async(_start)(request, user)
    except ChatError as error:
        return await sync_to_async(_refused)(request, refusal_line(error))
    return await sync_to_async(saved)(request, "data", _("Your export is being prepared. It will be listed here."))


@form_address
@never_cache
@login_required
async def download(request: HttpRequest, export_id: int) -> HttpResponseBase:
    """Send the bytes of an export, after checking the password."""
    if request.method != "POST":
        return redirect("chat:settings")
    user = await areader(request)
    asked = await sync_to_async(_asked)(request, user, export_id)
    if isinstance(asked, HttpResponse):
        return asked
    try:
        return await export_response(request, asked)
    except ChatError as error:
        return await sync_to_async(_refused)(request, refusal_line(error))


def _start(request: HttpRequest, user: Participant) -> None:
    room = request.POST.get("room", "")
    export_start(
        user=user,
        scope=Export.Scope.ROOM if room else Export.Scope.PERSON,
        room=room,
        files="files" in request.POST,
        format_name=Export.Format.HTML if request.POST.get("format") == "html" else Export.Format.ARCHIVE,
    )


def _asked(request: HttpRequest, user: Participant, number: int) -> Export | HttpResponse:
    """The export, or the page again with the error."""
    if not Export.objects.filter(pk=number, by=user).exists():
        raise Http404
    if asks_password(request):
        form = PasswordAskedForm(request.POST, request=request, prefix=prefix_of(number))
        if not form.is_valid():
            return shown(request, exports=rows_of(request, exports_of(user), {number: form}))
    try:
        return export_download(user=user, number=number)
    except ChatError as error:
        if error.code == Code.NOT_FOUND:
            raise Http404 from error
        return _refused(request, refusal_line(error))


def _refused(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence, extra_tags="data")
    return redirect(f"{reverse('chat:settings')}#data")
