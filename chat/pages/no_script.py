"""The chat for browsers without scripts: the same URLs, services, rules and limits, as pages and forms.

It costs browsers with scripts a few bytes: the chat page redirects the others here.
"""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.timezone import get_current_timezone_name, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from pydantic import ValidationError

from chat.access import Access, access_room
from chat.formatting.tree import parse
from chat.lib.oneline import isolated
from chat.live import db
from chat.live.hub import current_hub
from chat.live.join_limits import pay_for_joining
from chat.models import CONVERSATIONS, File, Participant, Preferences, Room
from chat.models import Message as StoredMessage
from chat.pages import threads
from chat.pages.emoji_pictures import NAMED, Pictures, emoji_pictures
from chat.pages.i18n import problem_line, refusal_line, system_line, too_fast_line
from chat.pages.links import links
from chat.pages.panes import OCCUPANTS
from chat.pages.people import areader, opened
from chat.pages.quotes import quotes_of
from chat.protocol import commands, parsing
from chat.protocol.errors import ChatError, Code
from chat.protocol.events import History, Message
from chat.protocol.fields import LARGEST_NUMBER
from chat.queries.dates import seq_at
from chat.queries.directory import group_title, other_of_direct, others_of_group, public_rooms
from chat.queries.drafts import draft_in
from chat.queries.files import untaken_of
from chat.queries.history import Page, history_page
from chat.queries.rooms import room_entries
from chat.queries.threads import history_of
from chat.rules import Action, refusal
from chat.server.form_files import form_files
from chat.services.markup import html_of
from chat.services.members import room_join
from chat.services.posting import Draft
from chat.services.read_state import ReadMark, marks_save, rooms_read
from chat.services.scheduling import schedule_make
from chat.services.threads import thread_read

form_address = require_http_methods(["GET", "HEAD", "POST"])
OTHER_ROOMS = 50
STATUS = {
    Code.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Code.MUTED: HTTPStatus.FORBIDDEN,
    Code.BANNED: HTTPStatus.FORBIDDEN,
    Code.CONFLICT: HTTPStatus.CONFLICT,
    Code.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    Code.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Code.UNSUPPORTED: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Code.QUOTA: HTTPStatus.INSUFFICIENT_STORAGE,
}
SENT_ALREADY = gettext_noop("You sent another message from this form already. Send once more to post this one, too.")


def address_of(slug: str, anchor: str = "write", *, thread: int | None = None) -> str:
    """Return the URL of the page of a room or thread without scripts."""
    where = "plain=1" if thread is None else f"plain=1&thread={thread}"
    return f"{reverse('chat:room', args=[slug])}?{where}#{anchor}"


def reading(request: HttpRequest, access: Access) -> HttpResponse:
    """Show a page of the room's history (the newest, or the one before `before`), and the form to post."""
    before = number_of(request.GET.get("before"))
    opened(request)
    around = _seq_on(access.room, request.GET.get("on"))
    page = history_page(access.room, limit=settings.CHAT_HISTORY_PAGE, before=before, around=around)
    if request.method == "GET" and before is around is None and access.membership and page.messages:
        mark = ReadMark(access.user.pk, access.room.pk, page.messages[-1].seq)
        if mark.seq > access.membership.read_seq:
            marks_save([mark])
    return _render(request, access, page, text=draft_in(access.membership))


def reading_thread(request: HttpRequest, access: Access) -> HttpResponse:
    """Show a page of a thread's replies, the newest or those before `before`, under the root, and the form to reply."""
    asked = number_of(request.GET.get("thread"))
    opened(request)
    if not asked:
        raise Http404
    try:
        page = history_of(access.room, thread=asked, before=number_of(request.GET.get("before")))
    except ChatError as error:
        raise Http404 from error
    if request.method == "GET" and access.membership and page.thread and page.messages and not page.has_newer:
        thread_read(user=access.user, room=access.room.slug, thread=page.thread, seq=page.messages[-1].seq)
    return _render(request, access, page)


OCCUPANTS["thread"] = reading_thread


@form_address
@never_cache
@login_required
async def post(request: HttpRequest, slug: str) -> HttpResponse:
    """Post a message by form. The form contains the `client_id`, so that a form that is sent twice posts once."""
    if request.method != "POST":
        return redirect(address_of(slug))  # A redirect after signing in again.
    user = await areader(request)
    # Browsers send line breaks as CRLF.
    text = str(request.POST.get("message", "")).replace("\r\n", "\n")
    thread, in_room = number_of(str(request.POST.get("thread", ""))), bool(request.POST.get("in_room"))
    hub = current_hub()
    found = form_files(request)
    # The files of an earlier, refused attempt, plus those of this form.
    ids = [*request.POST.getlist("files"), *found.ids]
    try:
        client_id = str(request.POST.get("client_id", ""))
        if found.problem:
            raise found.problem
        command = commands.ChatMessage(type="chat_message", room=slug, message=text, client_id=client_id, files=ids)
        if ids and (first := await db.run(_first_of, user, slug, client_id)):
            # This form has already posted, with its files; those of this request are new uploads with other ids.
            if first.text != command.message:
                raise ChatError(Code.CONFLICT, SENT_ALREADY)
            return redirect(address_of(slug, f"m{first.seq}", thread=first.thread))
        if wait := hub.send_limit.take(user.pk, asyncio.get_running_loop().time()):
            raise ChatError(Code.RATE_LIMITED, too_fast_line(wait))
        if "later" in request.POST:
            await _schedule(request, user, slug, command, thread, in_room=in_room)
            return redirect(f"{reverse('chat:room', args=[slug])}?plain=1&scheduled")
        draft = Draft(user, slug, command.message, command.client_id, files=tuple(ids), thread=thread)
        posted = await hub.writer.post(draft._replace(in_room=thread is None or in_room))
    except ValidationError as error:
        wrong = parsing.field_errors(error)
        later = "later" in request.POST and "at" in wrong
        sentence = _("Choose a day and a time.") if later else _("Reload the page, then send it.")
        sentence = problem_line(wrong["message"]) if "message" in wrong else sentence
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return await threads.render(_refused, request, user, slug, text, sentence, status, ids, thread)
    except ChatError as error:
        if error.code == Code.NOT_FOUND:
            raise Http404 from error
        sentence = _(SENT_ALREADY) if error.code == Code.CONFLICT else refusal_line(error)
        if len(text) > settings.CHAT_MESSAGE_MAX_CHARS:
            sentence = _too_long(settings.CHAT_MESSAGE_MAX_CHARS)
        status = STATUS.get(error.code, HTTPStatus.UNPROCESSABLE_ENTITY)
        return await threads.render(_refused, request, user, slug, text, sentence, status, ids, thread)
    return redirect(address_of(slug, f"m{posted.seq}", thread=thread))


async def _schedule(
    request: HttpRequest,
    user: Participant,
    slug: str,
    command: commands.ChatMessage,
    thread: int | None,
    *,
    in_room: bool,
) -> None:
    # In the time zone of the page.
    wanted = commands.Schedule(
        type="schedule",
        message=command.message,
        files=command.files,
        at=str(request.POST.get("at", "")),
        zone=get_current_timezone_name(),
    )
    await db.run(
        schedule_make,
        user=user,
        room=slug,
        text=wanted.message,
        at=wanted.at,
        zone=wanted.zone,
        thread=thread,
        in_room=thread is None or in_room,
        files=tuple(wanted.files),
    )


@form_address
@never_cache
@login_required
async def read_all(request: HttpRequest, slug: str) -> HttpResponse:
    """Mark all rooms as read by form."""
    if request.method == "POST":
        user = await areader(request)
        await db.run(rooms_read, user=user)
    return redirect(address_of(slug))


@form_address
@never_cache
@login_required
async def join(request: HttpRequest, slug: str) -> HttpResponse:
    """Join a public room by form."""
    if request.method != "POST":
        return redirect(address_of(slug))
    user = await areader(request)
    try:
        await db.run(room_join, user=user, room=slug, pay=partial(pay_for_joining, current_hub(), user))
    except ChatError as error:
        if error.code == Code.RATE_LIMITED:
            sentence = too_fast_line(error.retry_after or 0)
            return await threads.render(_refused, request, user, slug, "", sentence, STATUS[error.code])
        raise closed_door(error) from error
    return redirect(address_of(slug))


def closed_door(error: ChatError) -> Http404 | PermissionDenied:
    """Return the error page for a person without access to the room. A banned person sees the ban."""
    return PermissionDenied(refusal_line(error)) if error.code == Code.BANNED else Http404()


def _refused(
    request: HttpRequest,
    user: Participant,
    slug: str,
    text: str,
    sentence: str,
    status: HTTPStatus,
    ids: Sequence[str] = (),
    thread: int | None = None,
) -> HttpResponse:
    """Show the page again, with the text as it was typed, and the files that were uploaded."""
    try:
        access = access_room(user=user, slug=slug)
    except ChatError as error:
        raise closed_door(error) from error
    try:
        page = history_of(access.room, thread=thread)
    except ChatError as error:
        raise Http404 from error
    form_files(request).stay = True
    files = untaken_of(user.pk, ids)
    return _render(request, access, page, text=text, problem=sentence, status=status, files=files)


def _render(
    request: HttpRequest,
    access: Access,
    page: Page | History,
    *,
    text: str = "",
    problem: str = "",
    status: HTTPStatus = HTTPStatus.OK,
    files: Sequence[File] = (),
) -> HttpResponse:
    user, room = access.user, access.room
    preferences = Preferences.of(user)
    entries = [held.entry for held in room_entries(user)]
    other, group = other_of_direct(room, user), others_of_group(room, user)
    closed = refusal(Action.POST, access.actor, now=datetime.now().astimezone())
    title = group_title([other] if other else group) if other or group else room.title or room.slug
    said = other.told_name if other else title
    thread = page.thread if isinstance(page, History) else None
    root = [page.root] if isinstance(page, History) and page.root else []
    messages = [*root, *page.messages]
    titles = {entry.room: entry.title for entry in entries}
    quotes = quotes_of(request, user, messages, titles) if preferences.previews else {}
    context = {
        # The `seq` of the root, on the page of a thread.
        "thread": thread,
        "shown_in": isolated(said if other or group else f"#{said}"),
        "me": user,
        "room": room,
        "title": title,
        # Isolated, because the sentence around it has one text direction.
        "said_title": isolated(said),
        "show_username": other.username if other and other.name_shared else "",
        "write_to": _("Reply in thread")
        if thread
        else _("Message %(room)s") % {"room": isolated(said if other or group else f"#{said}")},
        "member": access.membership is not None,
        "may_pin": access.may(Action.PIN),
        "may_set": access.may(Action.TOPIC) or access.may(Action.SETTINGS),
        "rooms": [entry for entry in entries if entry.kind not in CONVERSATIONS],
        "direct": [entry for entry in entries if entry.kind in CONVERSATIONS],
        "others": [found.room for found in public_rooms(user) if not found.joined][:OTHER_ROOMS],
        "rows": [
            row | {"quotes": quotes.get(row["message"].seq)}
            for row in rows_of(messages, set(titles), preferences.animated_emoji)
        ],
        "older": page.messages[0].seq if page.has_older and page.messages else None,
        "newer": page.has_newer,
        "closed": refusal_line(closed) if closed else "",
        "text": text,
        "problem": problem,
        # A refusal keeps the client_id: nothing was stored under it, and the next attempt sends the same message.
        "client_id": _client_id(request, status),
        "max_chars": settings.CHAT_MESSAGE_MAX_CHARS,
        "files_most": settings.CHAT_FILES_PER_MESSAGE,
        "file_most": settings.CHAT_FILE_MAX,
        "files": files,
        "preferences": preferences,
        "theme": preferences.theme,
        "links": links(),
        "clock": "g:i A" if preferences.clock == "12" else "H:i",
        "day_format": pgettext("a day, in the letters of Django's date filter", "l j F Y"),
    }
    return render(request, "chat/no_script/room.html", context, status=status)


def _first_of(user: Participant, slug: str, client_id: str) -> StoredMessage | None:
    return StoredMessage.objects.filter(author=user, room__slug=slug, client_id=client_id).first()


def _too_long(limit: int) -> str:
    return _("The message is too long: at most %(limit)s characters are allowed.") % {"limit": number_format(limit)}


def _client_id(request: HttpRequest, status: HTTPStatus) -> str:
    kept = str(request.POST.get("client_id", ""))[:64]
    return kept if kept and status not in (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY) else str(uuid.uuid4())


def rows_of(
    messages: list[Message], rooms: set[str], animated: str = Preferences.AnimatedEmoji.AUTO
) -> list[dict[str, Any]]:
    """Return the rows of the template: each message, and whether it begins a day. `rooms`: the slugs of the reader's
    rooms; `animated`: when animated emoji play."""
    names = _names(messages)
    named = any(NAMED.search(message.message) for message in messages)
    emoji = emoji_pictures(animated) if named else {}
    rows: list[dict[str, Any]] = []
    day = None
    for message in messages:
        at = datetime.fromisoformat(message.timestamp)
        rows.append(
            {
                "message": message,
                "said": system_line(message, names) if message.kind == "system" else "",
                "at": at,
                "day": at.date() if at.date() != day else None,
                "html": _html(message, names, rooms, emoji),
                "forwarded": _forwarded(message, names, rooms, emoji),
                "reactions": [(emoji, len(people)) for emoji, people in message.reactions.items()],
            }
        )
        day = at.date()
    return rows


def _names(messages: list[Message]) -> dict[str, str]:
    """The display names of the people that the messages mention, by lower-case username. One query, or none."""
    named = {name for message in messages for name in message.mentions}
    named |= {name for message in messages for name in _people(message)}
    people = Participant.objects.filter(username__in=named) if named else ()
    return {person.username.lower(): person.told_name for person in people}


def _people(message: Message) -> list[str]:
    facts = message.system or {}
    return [name for name in (facts.get("username"), facts.get("by")) if name]


def _html(message: Message, names: dict[str, str], rooms: set[str], emoji: Pictures) -> str:
    if message.kind == "system" or message.deleted:
        return ""
    comment = message.message[: message.forwarded.start] if message.forwarded else message.message
    return _formatted(comment, message, names, rooms, emoji)


def _forwarded(message: Message, names: dict[str, str], rooms: set[str], emoji: Pictures) -> str:
    if not message.forwarded or message.deleted:
        return ""
    return _formatted(message.message[message.forwarded.start :], message, names, rooms, emoji)


def _formatted(text: str, message: Message, names: dict[str, str], rooms: set[str], emoji: Pictures) -> str:
    tree = parse(text, message.mentions, own=emoji)
    return html_of(
        tree, names=names, room_address=lambda slug: address_of(slug) if slug in rooms else None, emoji=emoji
    )


def _seq_on(room: Room, day: str | None) -> int | None:
    """The `seq` of the first message of a day (2026-11-28), in the time zone of the page."""
    try:
        return seq_at(room, make_aware(datetime.strptime(day, "%Y-%m-%d"))) if day else None
    except (ValueError, OverflowError):
        return None


def number_of(text: str | None) -> int | None:
    """Parse a number from a URL or a form; None for anything else."""
    if text and text.isascii() and text.isdigit() and len(text) <= 16:
        return min(int(text), LARGEST_NUMBER)
    return None
