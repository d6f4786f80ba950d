"""The rows of a conversation in HTML, as the scripts draw them: with the same elements and classes, so that nothing
moves when they take over. `chat/static/chat/js/components/message.js` and `system_row.js` draw the same.

Toolbars and menus of a row are left out: until the scripts run, they would not react.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.lib.oneline import isolated
from chat.pages import first_words
from chat.pages.faces import hue, initials, iso
from chat.pages.first_files import files_html
from chat.pages.first_texts import Reader, text_html
from chat.pages.first_timeline import Row, timeline
from chat.pages.i18n import system_html
from chat.protocol import events

# As in reactions.js and thread_line.js.
KINDS_SHOWN = 12
FACES = 3
_TEXT = 'data-testid="message-text" dir="auto" translate="yes"'
_ICONS = {
    "joined": "enter",
    "added": "enter",
    "left": "leave",
    "kicked": "leave",
    "banned": "ban",
    "topic": "edit",
    "renamed": "edit",
    "cleared": "x",
    "pinned": "pin",
}


@dataclass(frozen=True, slots=True)
class FirstRows:
    """The rows before the line "New messages", and from it on; without that line, all rows are in `before`."""

    before: SafeString
    after: SafeString
    # Whether the page has messages by people.
    spoken: bool

    @classmethod
    def of(cls, messages: list[events.Message], reader: Reader) -> "FirstRows":
        """Return the rows of a page of messages, in the order of their `seq`."""
        drawing = _Drawing(messages, reader)
        before: list[str] = []
        after: list[str] = []
        rows = before
        for row in timeline(messages, reader.entry, reader.moments):
            if row.kind == "new":
                rows = after
            rows.append(drawing.html(row))
        spoken = any(message.kind != "system" for message in messages)
        return cls(mark_safe("".join(before)), mark_safe("".join(after)), spoken)  # noqa: S308 -- each part escapes


class _Drawing:
    def __init__(self, messages: list[events.Message], reader: Reader) -> None:
        self._reader = reader
        self._moments = reader.moments
        self._read_seq = reader.entry.read_seq if reader.entry else None
        self._by_seq = {message.seq: message for message in messages}
        self._names = {reader.user.username: reader.user.shown_name}
        self._names |= {message.username: message.display_name or message.username for message in messages}
        self._ids = {message.username: message.user_id for message in messages}
        self._alike = {message.username for message in messages if message.show_username}
        self._pins = bool(reader.entry and reader.entry.pins)

    def html(self, row: Row) -> str:
        match row.kind:
            case "day":
                day = row.at.date()
                label = f'<time datetime="{day:%Y-%m-%d}">{escape(self._moments.day(day))}</time>'
                return f'<h2 class="day"><button type="button" tabindex="-1">{label}</button></h2>'
            case "new":
                words = escape(_("New messages"))
                return f'<div class="new" role="separator" aria-label="{words}"><span>{words}</span></div>'
            case "system":
                return self._system(row, system_html(row.messages[0], self._names_in_sentences()))
            case "joins":
                return self._system(row, self._joins(row.messages))
            case _:
                return self._message(row)

    # --- Lines ------------------------------------------------------------------------------------------

    def _system(self, row: Row, words: str) -> str:
        message = row.messages[-1]
        event = (message.system or {}).get("event", "")
        pins = f" {_button(escape(_('See all pins')))}" if event == "pinned" and self._pins else ""
        fresh = " fresh" if self._is_fresh(message) else ""
        return (
            f'<div class="system-line{fresh}" data-row data-seq="{message.seq}">{icon(_ICONS.get(event, "dots"))}'
            f'<p dir="auto">{words}{pins} {self._time(row.at, note=True)}</p></div>'
        )

    def _joins(self, messages: list[events.Message]) -> str:
        first = messages[0]
        name = (first.system or {}).get("username") or first.username
        others = len(messages) - 1
        sentence = ngettext(
            "%(name)s and %(n)s other joined the room", "%(name)s and %(n)s others joined the room", others
        )
        return escape(sentence) % {
            "name": f"<b><bdi>{escape(self._name_of(name))}</bdi></b>",
            "n": others,
        }

    # --- Messages ---------------------------------------------------------------------------------------

    def _message(self, row: Row) -> str:
        [message] = row.messages
        mine = message.username == self._reader.user.username
        folded = message.username in self._reader.blocked
        classes = "message"
        if row.first:
            classes += " first"
        if not mine and self._is_fresh(message):
            classes += " fresh"
        if not message.deleted and not mine and self._names_me(message):
            classes += " mentioned"
        parts = [self._head(message, row.at)] if row.first else []
        parts += [self._answered(message), self._pinned(message), self._body(message, folded=folded)]
        if not message.deleted:
            parts += [files_html(message.files)] if message.files and not folded else []
            parts.append(_reactions(message, self._reader.user.username))
        if message.replies:
            parts.append(self._thread_line(message))
        row_html = f"{self._gutter(row)}<div>{''.join(parts)}</div>"
        return f'<article class="{classes}" data-seq="{message.seq}" data-row>{row_html}</article>'

    def _gutter(self, row: Row) -> str:
        message = row.messages[0]
        if not row.first:
            return f'<span class="message__gutter" aria-hidden="true">{self._moments.clock(row.at)}</span>'
        return avatar(message.user_id, self._names[message.username])

    def _head(self, message: events.Message, at: datetime) -> str:
        name = f'<span class="person-link"><bdi>{escape(self._names[message.username])}</bdi></span>'
        alike = (
            f'<span class="note"><bdi>@{escape(message.username)}</bdi></span>'
            if message.username in self._alike
            else ""
        )
        return f'<p class="message__head"><b>{name}</b>{alike}{self._time(at)}</p>'

    def _answered(self, message: events.Message) -> str:
        if message.deleted or message.reply_to is None:
            return ""
        original = self._by_seq.get(message.reply_to)
        if original and original.deleted:
            return f'<span class="message__reply"><span>{escape(_("Original message deleted"))}</span></span>'
        thread = (
            f"{icon('thread', small=True)} {escape(_('replied in a thread:'))} "
            if message.reply_to == message.thread
            else ""
        )
        if not original:
            return f'<span class="message__reply">{thread}<b><bdi></bdi></b><span dir="auto">…</span></span>'
        face = avatar(original.user_id, self._names[original.username], size="xs")
        said = first_words.excerpt(original.message or ", ".join(file.name for file in original.files))
        return (
            f'<span class="message__reply">{thread}{face}<b><bdi>{escape(self._name_of(original.username))}</bdi></b>'
            f'<span dir="auto">{escape(said)}</span></span>'
        )

    def _pinned(self, message: events.Message) -> str:
        if not message.pinned:
            return ""
        said = _("Pinned by %(name)s") % {"name": isolated(self._name_of(message.pinned.by))}
        return f'<p class="note pinned">{icon("pin", small=True)}{escape(said)}</p>'

    def _body(self, message: events.Message, *, folded: bool) -> str:
        if message.deleted:
            other = message.deleted_by and message.deleted_by != message.username
            return f'<p class="gone">{escape(_("Deleted by a moderator") if other else _("Message deleted"))}</p>'
        if folded:
            said, show = escape(_("Message from somebody you blocked.")), escape(_("Show"))
            return f'<p class="gone">{said} {_button(show)}</p>'
        if not message.message and not message.edited_at:
            return ""
        note = f' <span class="note">{escape(_("(edited)"))}</span>' if message.edited_at else ""
        if first_words.is_emoji_only(message.message):
            return f'<div class="message__text emoji" {_TEXT}>{escape(message.message)}{note}</div>'
        cut = first_words.folded(message.message)
        if cut is None:
            return f'<div class="message__text" {_TEXT}>{self._text(message, message.message, note)}</div>'
        lines = message.message.rstrip().count("\n") + 1
        all_ = _("Show all %(n)s lines") % {"n": lines} if lines > first_words.FOLD_LINES else _("Show all")
        return (
            f'<div class="message__text" {_TEXT}><div class="fold">{self._text(message, cut, "")}</div>'
            f"{_button(escape(all_))}{note}</div>"
        )

    def _text(self, message: events.Message, text: str, note: str) -> str:
        return text_html(message, text, note, self._reader, self._names)

    def _thread_line(self, message: events.Message) -> str:
        replies = message.replies
        assert replies
        faces = "".join(
            avatar(self._ids.get(name), self._names.get(name, name), size="xs") for name in replies.people[:FACES]
        )
        count = ngettext("%(n)s reply", "%(n)s replies", replies.count) % {"n": replies.count}
        last = _("last at %(time)s") % {"time": self._moments.clock(self._moments.local(replies.last_at))}
        said = f'<b>{escape(count)}</b> <span class="note moment">{escape(last)}</span>'
        return f'<span class="thread-line">{faces}{said}</span>'

    # --- Facts ------------------------------------------------------------------------------------------

    def _is_fresh(self, message: events.Message) -> bool:
        return self._read_seq is not None and message.seq > self._read_seq

    def _names_me(self, message: events.Message) -> bool:
        called = {self._reader.user.username, "room", "here"} | self._reader.groups
        return any(name in called for name in message.mentions)

    def _name_of(self, username: str) -> str:
        name = self._names.get(username, username)
        return f"{name} @{username}" if username in self._alike else name

    def _names_in_sentences(self) -> Mapping[str, str]:
        return {name.lower(): self._name_of(name) for name in self._names}

    def _time(self, at: datetime, *, note: bool = False) -> str:
        name = ' class="note"' if note else ""
        return f'<time{name} datetime="{iso(at)}">{self._moments.clock(at)}</time>'


def icon(name: str, *, small: bool = False) -> str:
    """Return a reference to a shape of icons.svg, which is inlined in the page."""
    return f'<svg class="icon{" s" if small else ""}" aria-hidden="true"><use href="#i-{name}"/></svg>'


def avatar(user_id: int | None, name: str, size: str = "") -> str:
    """Return the avatar of a person without a photo. Without a `user_id` it has no colour of its own."""
    letters = initials(name)[:1] if size == "xs" else initials(name)
    colour = f" h{hue(user_id)}" if user_id is not None else ""
    return f'<span class="avatar{colour}{f" {size}" if size else ""}" aria-hidden="true">{escape(letters)}</span>'


def _button(words: str) -> str:
    return f'<button type="button" tabindex="-1" class="link-button">{words}</button>'


def _reactions(message: events.Message, me: str) -> str:
    if not message.reactions:
        return ""
    kinds = list(message.reactions.items())
    shown = "".join(
        f'<button type="button" tabindex="-1" aria-pressed="{"true" if me in people else "false"}">'
        f"<i>{escape(sign)}</i>{len(people)}</button>"
        for sign, people in kinds[:KINDS_SHOWN]
    )
    hidden = len(kinds) - KINDS_SHOWN
    more = f'<button type="button" tabindex="-1">+{hidden}</button>' if hidden > 0 else ""
    add = f'<button type="button" tabindex="-1" class="add" aria-hidden="true">{icon("smile", small=True)}</button>'
    return f'<div class="reactions">{shown}{more}{add}</div>'
