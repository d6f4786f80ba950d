"""The newest messages of a room in the chat page: as rows that are readable at the first paint, and as the events that
a socket would have sent. The scripts take both over, and their socket resumes from there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from chat.access import Access
from chat.live.greeting import authenticated
from chat.models import Preferences
from chat.pages.emoji_pictures import NAMED, emoji_pictures
from chat.pages.first_rows import FirstRows
from chat.pages.first_texts import Reader
from chat.pages.moments import Moments, zone_of
from chat.protocol import events
from chat.queries.history import history_page
from chat.queries.profiles import own_facts
from chat.queries.rooms import epoch, room_entries

# With more rooms, the page has only the opened one, and the socket sends the list: an entry takes 0.3 KB.
ROOMS_MOST = 250
# As in Django's `json_script`: no text can close the element.
_ESCAPED = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@dataclass(frozen=True, slots=True)
class FirstPage:
    """`frames`: the encoded events. `rev`: they contain all changes of the room up to this one. `entry`: the room as
    its member sees it; None for readers who are not in it. `timed`: whether the times are in the reader's time zone."""

    frames: list[str]
    rev: int
    entry: events.RoomEntry | None
    rows: FirstRows
    has_older: bool
    timed: bool


def first_page(request: HttpRequest, access: Access, preferences: Preferences, groups: frozenset[str]) -> FirstPage:
    """Return the first page of a room. `groups`: the handles of the groups that the reader is in. The number of queries
    does not depend on the number of rooms.

    The row of the room was read before: later changes arrive when the socket resumes.
    """
    user, room = access.user, access.room
    own = own_facts(user.pk)
    page = history_page(room, limit=settings.CHAT_HISTORY_PAGE)
    held = room_entries(user, most=ROOMS_MOST + 1)
    more = len(held) > ROOMS_MOST
    if more:
        held = room_entries(user, room_ids=[room.pk])
    entries = [one.entry for one in held]
    entry = next((one for one in entries if one.room == room.slug), None)
    languages = request.headers.get("Accept-Language", "")
    named = any(NAMED.search(message.message) for message in page.messages)
    reader = Reader(
        user,
        entry,
        rooms=frozenset(one.room for one in entries),
        blocked=frozenset(own["blocked"]),
        groups=groups,
        moments=Moments(zone_of(request), clock=preferences.clock, languages=languages),
        emoji=emoji_pictures(preferences.animated_emoji) if named else {},
    )
    history = events.History(room=room.slug, messages=page.messages, has_older=page.has_older, has_newer=page.has_newer)
    frames: list[events.Event] = [
        authenticated(user, own, epoch=epoch()),
        events.Rooms(rooms=entries, more=more),
        history,
    ]
    rows = FirstRows.of(page.messages, reader)
    encoded = [one.encode() for one in frames]
    return FirstPage(encoded, room.last_rev, entry, rows, page.has_older, timed=reader.moments.known)


def page_json(page: Mapping[str, object], first: FirstPage) -> SafeString:
    """Return the facts of the page with the events of its first page, for a JSON element."""
    facts = json.dumps({**page, "rev": first.rev})
    return mark_safe(f'{facts[:-1]}, "first": [{",".join(first.frames)}]}}'.translate(_ESCAPED))  # noqa: S308 -- escaped
