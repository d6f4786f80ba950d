"""Quotes of the messages that other messages link to, for pages without scripts. Readers see only quotes of messages
that they may read.

`chat/static/chat/js/components/quote_cards.js` does the same on the other pages.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from chat.formatting.links import links_in
from chat.models import SLUG_PATTERN, Block, Message, Participant, Room
from chat.protocol import events
from chat.queries.addresses import slugs_at
from chat.queries.readable import readable_by

# Quotes below one message, and links that are checked for them.
QUOTES_MAX = 3
LINKS_MAX = 10

_PLACE = re.compile(rf"rooms/({SLUG_PATTERN})/(?:\?thread=(\d{{1,15}}))?(?:#m(\d{{1,15}}))?", re.ASCII)

# The slug of a room and the `seq` of a message.
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Quote:
    """What a page shows of a linked message."""

    name: str
    # The title of the room, or of the conversation as the reader sees it, or its slug.
    room: str
    address: str
    at: datetime
    # "" for a message with only files.
    text: str


def quotes_of(
    request: HttpRequest, reader: Participant, messages: Sequence[events.Message], titles: Mapping[str, str]
) -> dict[int, list[Quote]]:
    """Return the quotes below each of these messages of one room, by `seq`. At most four queries, none without links.

    `titles`: the titles of the reader's rooms by slug, also of conversations.
    """
    base = request.build_absolute_uri(reverse("chat:home"))
    linked = {
        message.seq: (message.room, _places_in(message.message, base))
        for message in messages
        if not message.deleted and base in message.message
    }
    slugs = slugs_at({name for _, places in linked.values() for name, _ in places} - titles.keys())
    wanted = {
        seq: [place for name, n in places if (place := (slugs.get(name, name), n)) != (room, seq)]
        for seq, (room, places) in linked.items()
    }
    found = _read(reader, {place for places in wanted.values() for place in places}, titles)
    return {seq: [found[place] for place in places if place in found] for seq, places in wanted.items()}


def _places_in(text: str, base: str) -> list[Place]:
    """The messages that the text links to. The URL of a thread means its root, that of a reply in it the reply."""
    places: dict[Place, None] = {}
    for link in links_in(text, LINKS_MAX):
        named = _PLACE.fullmatch(link.removeprefix(base)) if link.startswith(base) else None
        if named and (seq := int(named[3] or named[2] or 0)):
            places[named[1], seq] = None
    return list(places)[:QUOTES_MAX]


def _read(reader: Participant, places: set[Place], titles: Mapping[str, str]) -> dict[Place, Quote]:
    if not places:
        return {}
    slugs = {slug for slug, _ in places}
    rooms = {room.slug: room for room in Room.objects.filter(readable_by(reader), slug__in=slugs)}
    there = [
        Q(room=rooms[slug], seq=seq) for slug, seq in places if slug in rooms and seq >= rooms[slug].cleared_before_seq
    ]
    if not there:
        return {}
    said = Message.objects.filter(reduce(or_, there), kind=Message.Kind.TEXT, deleted_at=None)
    blocked = set(Block.objects.filter(user=reader).values_list("blocked_id", flat=True))
    by_id = {room.pk: room for room in rooms.values()}
    quotes = {}
    for message in said.select_related("author"):
        if message.author_id not in blocked:
            room = by_id[message.room_id]
            quotes[room.slug, message.seq] = _quote(room, message, titles.get(room.slug) or room.title)
    return quotes


def _quote(room: Room, message: Message, title: str) -> Quote:
    shown = f"&before={message.seq + 1}" if message.in_room else f"&thread={message.thread}"
    address = f"{reverse('chat:room', args=[room.slug])}?plain=1{shown}#m{message.seq}"
    return Quote(message.author.told_name, title or f"#{room.slug}", address, message.created_at, message.text)
