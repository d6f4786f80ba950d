"""The texts of messages in the HTML of the first page, formatted as `components/rich_text.js` draws them."""

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

# The maximum length of texts whose HTML is cached: at most 1 MB in total.
CACHED_LETTERS = 500
# Marks whose HTML depends on the reader or the time: mentions, rooms, custom emoji.
_OF_READER = re.compile("[@#]|:" + NAME_PATTERN + ":")


@dataclass(frozen=True, slots=True)
class Reader:
    """The reader of the page. `entry`: the room as they see it, None if they are not in it; `rooms`: the slugs of their
    rooms; `blocked`: the usernames that they block; `groups`: the handles of the groups that they are in."""

    user: Participant
    entry: events.RoomEntry | None
    rooms: frozenset[str]
    blocked: frozenset[str]
    groups: frozenset[str]
    moments: Moments
    emoji: Pictures = field(default_factory=dict)


def text_html(message: events.Message, text: str, note: str, reader: Reader, names: Mapping[str, str]) -> str:
    """Return the HTML of a text of `message`: the whole, or the part shown while it is folded. `note` follows the last
    words. `names`: the display names of the people on the page."""
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
    # The note goes into the last paragraph, if the text ends with one.
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
    """The HTML of a text without names, rooms and custom emoji. Parsing takes 0.3 ms: with 50 such messages, nearly all
    the time of the page. `language`: the language of the captions of code."""
    assert language is None or language
    return html_of(parse(text), names={}, room_address=lambda _slug: None, captions=True)
