"""The form to forward a message, for browsers without scripts."""

import asyncio
import uuid
from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from pydantic import ValidationError

from chat.live.hub import current_hub
from chat.models import Participant, Preferences
from chat.pages import threads
from chat.pages.i18n import problem_line, refusal_line, too_fast_line
from chat.pages.no_script import STATUS, address_of, closed_door, form_address, number_of
from chat.pages.people import areader, opened, reader
from chat.protocol import commands, parsing
from chat.protocol.errors import ChatError, Code
from chat.queries.rooms import room_entries
from chat.queries.threads import threads_page
from chat.services.forwarding import Origin, source_of
from chat.services.posting import Draft

# Rooms in the list of targets.
ROOMS_MAX = 500
# Threads in the list: the latest of those that the person follows.
THREADS_MAX = 30


@never_cache
@login_required
def forward(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    """Show the form that forwards a message."""
    return _page(request, reader(request), slug, seq)


@form_address
@never_cache
@login_required
async def send(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    """Forward the message by form to the room `to_room`, or to a thread of it (`garden~41`), below the comment
    `message`. The form contains the `client_id`, so that a form that is sent twice posts once."""
    if request.method != "POST":
        return redirect("chat:room_forward", slug, seq)
    user, hub = await areader(request), current_hub()
    text = str(request.POST.get("message", "")).replace("\r\n", "\n")
    to_room, _, thread = str(request.POST.get("to_room", "")).partition("~")
    try:
        command = commands.Forward(
            type="forward",
            room=slug,
            seq=seq,
            to_room=to_room,
            thread=number_of(thread),
            message=text,
            client_id=str(request.POST.get("client_id", "")),
        )
        if wait := hub.send_limit.take(user.pk, asyncio.get_running_loop().time()):
            raise ChatError(Code.RATE_LIMITED, too_fast_line(wait))
        origin = Origin(slug, seq)
        draft = Draft(user, command.to_room, command.comment, command.client_id, origin=origin, ends_draft=False)
        posted = await hub.writer.post(draft._replace(thread=command.thread, in_room=command.shown_in_room))
    except ValidationError as error:
        wrong = parsing.field_errors(error)
        problem = next((problem_line(one) for one in wrong.values()), "")
        return await threads.render(_page, request, user, slug, seq, text, problem, HTTPStatus.UNPROCESSABLE_ENTITY)
    except ChatError as error:
        problem = error.message if error.code == Code.RATE_LIMITED else refusal_line(error)
        status = STATUS.get(error.code, HTTPStatus.UNPROCESSABLE_ENTITY)
        return await threads.render(_page, request, user, slug, seq, text, problem, status)
    return redirect(address_of(posted.room, f"m{posted.seq}", thread=command.thread))


def _page(
    request: HttpRequest,
    user: Participant,
    slug: str,
    seq: int,
    text: str = "",
    problem: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    try:
        source = source_of(user=user, origin=Origin(slug, seq))
    except ChatError as error:
        raise closed_door(error) from error
    except OverflowError:
        # The number is too large for SQLite.
        raise Http404 from None
    opened(request)
    preferences = Preferences.of(user)
    context = {
        "slug": slug,
        "seq": seq,
        "source": source,
        "threads": [entry for entry in threads_page(user, limit=THREADS_MAX).threads if entry.message],
        "rooms": [held.entry for held in room_entries(user) if not held.entry.archived][:ROOMS_MAX],
        "client_id": uuid.uuid4(),
        "text": text,
        "problem": problem,
        "preferences": preferences,
        "theme": preferences.theme,
    }
    return render(request, "chat/no_script/forward.html", context, status=status)
