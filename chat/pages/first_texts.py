"""The texts of messages in the HTML of the first page: as `components/rich_text.js` draws them, with the marks read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chat.formatting.tree import parse
from chat.lib.oneline import isolated
from chat.models import Participant
from chat.pages import first_words
from chat.pages.emoji_pictures import Pictures
from chat.pages.faces import chat_path
from chat.pages.moments import Moments
from chat.protocol import events
from chat.protocol.emoji import NAME_PATTERN
from chat.services.markup import html_of

# Texts whose HTML is kept: at most 1 MB of them.
CACHED_LETTERS = 500
# What is another HTML for another reader, or at another time: mentions, rooms, own emoji.
_OF_READER = re.compile("[@#]|:" + NAME_PATTERN + ":")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: `entry` is the room as they know it, None for who is not in it; `rooms` are the slugs that they know,
    `blocked` the usernames of whom they block, `groups` the handles of the groups that they are in."""

    user: Participant
    entry: events.RoomEntry | None
    rooms: frozenset[str]
    blocked: frozenset[str]
    groups: frozenset[str]
    moments: Moments
    emoji: Pictures = field(default_factory=dict)


def text_html(message: events.Message, text: str, note: str, reader: Reader, names: Mapping[str, str]) -> str:
    """The HTML of a text of `message`: all of it, or what is shown while it is folded. `note` stands behind the last
    words. `names`: how the people of the page are called."""
    if message.forwarded:
        comment, words = text[: message.forwarded.start].rstrip(), text[message.forwarded.start :]
        source = f'<p class="note">{escape(_source(message.forwarded, names))}</p>'
        quote = f"<blockquote>{source}{_words(message, words, '', reader)}</blockquote>"
        return f"{_words(message, comment, note, reader)}{quote}"
    return _words(message, text, note, reader)


def _source(source: events.Forwarded, known: Mapping[str, str]) -> str:
    if not source.username:
        return _("Forwarded")
    names = {"name": isolated(known.get(source.username, source.display_name)), "room": f"#{source.room}"}
    if not source.room:
        return _("Forwarded from %(name)s") % names
    return _("Forwarded from %(name)s, %(room)s") % names


def _words(message: events.Message, text: str, note: str, reader: Reader) -> str:
    if not text:
        return ""
    if first_words.is_plain(text):
        return f"<p>{escape(text)}{note}</p>"
    html = _marked(message, text, reader)
    # Behind the last words, where they are a paragraph.
    return f"{html[:-4]}{note}</p>" if note and html.endswith("</p>") else f"{html}{note}"


def _marked(message: events.Message, text: str, reader: Reader) -> str:
    if len(text) <= CACHED_LETTERS and not _OF_READER.search(text):
        return _same_for_all(text, get_language())
    return html_of(
        parse(text, message.mentions, own=reader.emoji),
        names={},
        room_address=lambda slug: chat_path(f"/rooms/{slug}/") if slug in reader.rooms else None,
        emoji=reader.emoji,
        me=reader.user.username,
        captions=True,
    )


@lru_cache(maxsize=1024)
def _same_for_all(text: str, language: str | None) -> str:
    """A text without names, rooms and own emoji. Its marks take 0.3 ms to read: of a page with 50 such messages nearly
    everything. `language`: of the words around code."""
    assert language is None or language
    return html_of(parse(text), names={}, room_address=lambda _slug: None, captions=True)
