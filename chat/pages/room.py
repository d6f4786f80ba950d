"""The chat page: the same for every room, with the newest messages of the room that it is opened at; later messages
arrive over the socket."""

import re
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from chat.access import Access, access_room
from chat.lib.oneline import isolated
from chat.models import CONVERSATIONS, Membership, Participant, Preferences, Room
from chat.models.rooms import SLUG_PATTERN
from chat.pages import no_script, panes, scripts
from chat.pages.first_page import first_page, page_json
from chat.pages.links import links
from chat.pages.notification_settings import attention_facts
from chat.pages.people import opened, reader
from chat.pages.room_names import moved
from chat.pages.theme import remember_theme
from chat.protocol.errors import ChatError
from chat.queries.directory import group_title, others_of_group
from chat.queries.groups import groups_for
from chat.rules import Action

# Cookie set by the page: the last open room on this device.
LAST_ROOM_COOKIE = "last_room"
LOBBY = "lobby"
# The size of one upload request: the maximum that a page sends again after a lost connection.
UPLOAD_PART_BYTES = 4 * 1024 * 1024


@require_safe
@login_required
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Redirect to the last open room, else to the person's first room, else to the lobby."""
    user = reader(request)
    last = request.COOKIES.get(LAST_ROOM_COOKIE, "")
    rooms = Membership.objects.filter(user=user, room__archived=False)
    if re.fullmatch(SLUG_PATTERN, last, re.ASCII) and rooms.filter(room__slug=last).exists():
        return redirect("chat:room", last)
    public_first = rooms.exclude(room__kind__in=CONVERSATIONS).order_by("room__slug")
    first = public_first.values_list("room__slug", flat=True).first()
    return redirect("chat:room", first or LOBBY)


@require_safe
@login_required
@never_cache
@ensure_csrf_cookie
def room(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the chat, opened at a room. Missing and hidden rooms get the same response."""
    user = reader(request)
    try:
        access = access_room(user=user, slug=slug)
    except ChatError as error:
        raise no_script.closed_door(error) from error
    if elsewhere := moved(request, access.room):
        return elsewhere
    if "plain" in request.GET:
        return (panes.occupant(request) or no_script.reading)(request, access)
    preferences = Preferences.of(user)
    groups = groups_for(user).model_dump()["groups"]
    mine = frozenset(group["handle"] for group in groups if group["mine"])
    first = first_page(request, access, preferences, mine)
    page: dict[str, Any] = {
        "me": {
            "user_id": user.pk,
            "username": user.username,
            "display_name": user.shown_name,
            "staff": user.is_staff,
        },
        "groups": groups,
        "room": _facts(user, access),
        "version": settings.CHAT_STATIC_VERSION,
        "signup": "closed",
        # Bytes; `per_message` 0: no one may send files. `part`: the maximum of one upload request.
        "files": {
            "max": settings.CHAT_FILE_MAX,
            "per_message": settings.CHAT_FILES_PER_MESSAGE,
            "part": UPLOAD_PART_BYTES,
        },
        "may_invite": False,
        "links": links(),
        "preferences": {
            "theme": preferences.theme,
            "animated_emoji": preferences.animated_emoji,
            "notify": preferences.notify,
            "sound": preferences.sound,
            "enter_sends": preferences.enter_sends,
            "previews": preferences.previews,
            "attention": attention_facts(user),
        },
        **opened(request),
    }
    context = {
        "page": page,
        "page_json": page_json(page, first),
        "first": first,
        "me": user,
        "beside": panes.occupant(request) is not None,
        "write_to": _("Message %(room)s") % {"room": isolated(_said(page["room"]))},
        "attaches": settings.CHAT_FILES_PER_MESSAGE and access.may(Action.POST),
        # Browsers allow the microphone only in secure contexts.
        "records": request.is_secure() or request.get_host().partition(":")[0] in ("127.0.0.1", "localhost"),
        "plain_query": panes.plain_query(request),
        "preferences": preferences,
        "theme": preferences.theme,
        "import_map": scripts.import_map(),
        "modules": scripts.preloaded(),
        "icons": scripts.own_file("icons.svg"),
    }
    response = render(request, "chat/room.html", context)
    remember_theme(request, response, preferences.theme)
    return response


def _said(room: dict[str, Any]) -> str:
    """The name of the room as a sentence uses it."""
    title = str(room["title"] or room["room"])
    if room["kind"] == Room.Kind.DIRECT:
        return f"{title} @{room['username']}" if room["show_username"] else title
    return title if room["kind"] == Room.Kind.GROUP else f"#{title}"


def _facts(user: Participant, access: Access) -> dict[str, Any]:
    """The facts of the room that the page shows before the socket sends more."""
    found = access.room
    title, username, user_id, show_username = found.title, None, None, False
    if found.kind == Room.Kind.DIRECT:
        other = Participant.objects.filter(memberships__room=found).exclude(pk=user.pk).first() or user
        title, username, user_id, show_username = other.shown_name, other.username, other.pk, other.name_shared
    if group := others_of_group(found, user):
        title = group_title(group)
    return {
        "room": found.slug,
        "title": title,
        "topic": found.topic,
        "kind": found.kind,
        "archived": found.archived,
        **({"address": found.address} if found.address else {}),
        **({"emoji": found.emoji} if found.emoji else {}),
        "username": username,
        **({"user_id": user_id} if user_id else {}),
        "show_username": show_username,
    }
