"""A readable export: static pages per room and month in a zip, without scripts, streamed while they are written."""

from bisect import bisect_right
from collections.abc import Generator, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZIP_STORED

from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext
from zipstream import ZipStream

from chat.formatting.tree import parse
from chat.models import CONVERSATIONS, Room
from chat.services.exports.archive import Progress, file_bytes, snapshot
from chat.services.exports.rows import Object, Scope, file_path, files_of, message_objects, room_folder
from chat.services.markup import html_of

# Pieces of a page that are held before they are compressed.
HELD = 100
SHOWN_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"})
# The pages are opened from disk: nothing in them may run code or reach the network.
POLICY = "default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
STYLE = mark_safe(
    ":root{color-scheme:light dark}body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:16px/1.5 system-ui,"
    "sans-serif;overflow-wrap:anywhere}h2{font-size:1rem;border-bottom:1px solid #8886;margin-top:2rem}article{margin:"
    "1rem 0}article>p{margin:0}time,small{color:GrayText}img{max-width:100%;max-height:24rem}blockquote{margin:0;"
    "padding-left:.8rem;border-left:3px solid #8886}pre{overflow:auto;padding:.6rem;background:#8882}figure{margin:0}"
    "table{border-collapse:collapse}td,th{border:1px solid #8886;padding:.2rem .5rem}.system-line{color:GrayText}"
    "article:target{background:#fc06}"
)


def pages_stream(scope: Scope, *, files: bool = True, progress: Progress = lambda _: None) -> Generator[bytes]:
    """The bytes of the zip, as of one moment. Holds one page of history and the room names in memory."""
    with snapshot():
        zipped = ZipStream(compress_type=ZIP_DEFLATED)
        rooms = {room.slug: room for room in scope.shown()}
        zipped.add(_index(rooms), "index.html")
        yield from zipped.all_files()
        for page, name in _Book(scope, rooms, files, progress).pages():
            zipped.add(page, name)
            yield from zipped.all_files()
        for file in files_of(scope) if files else ():
            name = file_path(file.key, file.name)
            zipped.add(file_bytes(file, name, {}, {"files": 0}), name, compress_type=ZIP_STORED)
            yield from zipped.all_files()
        yield from zipped.finalize()


def _index(rooms: dict[str, Room]) -> Iterator[bytes]:
    yield from _packed(_index_parts(rooms))


def _index_parts(rooms: dict[str, Room]) -> Iterator[str]:
    yield _head(gettext("Rooms"))
    yield "<ul>"
    for room in rooms.values():
        yield format_html('<li><a href="rooms/{}/index.html">{}</a> <small>{}</small></li>\n', *_named(room))
    yield "</ul></main></body></html>\n"


def _named(room: Room) -> tuple[str, str, str]:
    title = room.title or room.slug
    return room_folder(room.slug), title if room.kind in CONVERSATIONS else f"#{title}", room.topic


class _Book:
    """The pages of all rooms, in message order: each page must be streamed before the next one is requested."""

    def __init__(self, scope: Scope, rooms: dict[str, Room], files: bool, progress: Progress) -> None:
        self._rooms, self._files, self._progress = rooms, files, progress
        self._messages = message_objects(scope)
        self._next = next(self._messages, None)
        self._done = 0
        # Pages of the current room: name, `seq` of the first message, and title of the month.
        self._pages: list[tuple[str, int, str]] = []

    def pages(self) -> Iterator[tuple[Iterator[bytes], str]]:
        """The bytes of each page, with its name."""
        written = set()
        while self._next is not None:
            room = self._rooms[self._next["room"]]
            written.add(room.slug)
            self._pages = []
            while self._next is not None and self._next["room"] == room.slug:
                name = self._page_name(self._next)
                month = date_format(_at(self._next), "F Y")
                self._pages.append((name, self._next["seq"], month))
                yield _packed(self._page(room)), f"rooms/{room_folder(room.slug)}/{name}"
            yield _packed(_room_index(room, self._pages)), f"rooms/{room_folder(room.slug)}/index.html"
        for slug in self._rooms.keys() - written:
            yield _packed(_room_index(self._rooms[slug], [])), f"rooms/{room_folder(slug)}/index.html"

    def _page_name(self, message: Object) -> str:
        """History imported later comes after the rest, so that a month may occur twice."""
        month = _month(message)
        again = sum(1 for name, *_ in self._pages if name.startswith(month))
        return f"{month}-{again + 1}.html" if again else f"{month}.html"

    def _page(self, room: Room) -> Iterator[str]:
        assert self._next is not None
        month, day = _month(self._next), None
        yield _head(f"{_named(room)[1]}, {self._pages[-1][2]}")
        yield _links(before=self._pages[-2][0] if len(self._pages) > 1 else "")
        while self._next is not None and self._next["room"] == room.slug and _month(self._next) == month:
            message = self._next
            if _at(message).date() != day:
                day = _at(message).date()
                yield format_html("<h2>{}</h2>\n", date_format(_at(message), "DATE_FORMAT"))
            yield self._message(message)
            self._done += 1
            self._next = next(self._messages, None)
            if self._done % HELD == 0:
                self._progress(self._done)
        goes_on = self._next is not None and self._next["room"] == room.slug
        yield _links(after=self._page_name(self._next) if goes_on and self._next else "")
        yield "</main></body></html>\n"

    def _message(self, message: Object) -> SafeString:
        at = _at(message)
        time = format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), date_format(at, "H:i"))
        if message["kind"] == "system":
            return format_html('<p class="system-line" id="m{}">{} {}</p>\n', message["seq"], message["message"], time)
        edited = gettext("(edited)") if message["edited_at"] else ""
        return format_html(
            '<article id="m{}"><p><b>{}</b> <small>@{}</small> {} <small>{}</small></p>{}{}{}{}</article>\n',
            *(message["seq"], message["display_name"], message["username"], time, edited),
            self._parent(message),
            self._text(message),
            self._attached(message),
            _reactions(message),
        )

    def _parent(self, message: Object) -> str:
        parent = message.get("thread") or message.get("reply_to")
        if not parent:
            return ""
        place = bisect_right(self._pages, parent, key=lambda page: page[1]) - 1
        if place < 0:
            return ""
        return format_html(
            '<p><small><a href="{}#m{}">{}</a></small></p>',
            *(self._pages[place][0], parent, gettext("In reply to an earlier message")),
        )

    def _text(self, message: Object) -> SafeString:
        if message["deleted"]:
            return format_html('<p class="system-line">{}</p>', gettext("Message deleted"))
        tree = parse(message["message"], message["mentions"])
        return format_html('<div dir="auto">{}</div>', html_of(tree, names={}, room_address=self._address))

    def _address(self, slug: str) -> str | None:
        return f"../{room_folder(slug)}/index.html" if slug in self._rooms else None

    def _attached(self, message: Object) -> SafeString:
        return format_html_join("", "{}", ((self._file(file),) for file in message["files"]))

    def _file(self, file: Object) -> SafeString:
        if not self._files:
            return format_html("<p>{}</p>", file["name"])
        address = f"../../{quote(file['path'])}"
        shown = file["name"]
        if _type_of(file) in SHOWN_TYPES:
            shown = format_html('<img src="{}" alt="{}" loading="lazy">', address, file.get("description") or shown)
        # `download` saves the file instead of opening it: an upload may be a page with scripts.
        return format_html('<p><a href="{}" download>{}</a></p>', address, shown)


def _type_of(file: Object) -> str:
    return str(file.get("type") or file.get("media_type") or "")


def _reactions(message: Object) -> str:
    found = [f"{emoji} {len(people)}" for emoji, people in message.get("reactions", {}).items()]
    return format_html("<p><small>{}</small></p>", " · ".join(found)) if found else ""


def _room_index(room: Room, pages: list[tuple[str, int, str]]) -> Iterator[str]:
    _, title, topic = _named(room)
    yield _head(title)
    if topic:
        yield format_html("<p>{}</p>", topic)
    yield format_html('<p><a href="../../index.html">{}</a></p><ul>', gettext("Rooms"))
    for name, first, month in pages:
        yield format_html('<li><a href="{}">{}</a> <small>{}</small></li>\n', name, month, number_format(first))
    yield "</ul>"
    if not pages:
        yield format_html("<p>{}</p>", gettext("No messages yet."))
    yield "</main></body></html>\n"


def _links(*, before: str = "", after: str = "") -> SafeString:
    found = [("index.html", gettext("Months")), (before, gettext("Earlier")), (after, gettext("Later"))]
    links = format_html_join(" · ", '<a href="{}">{}</a>', (link for link in found if link[0]))
    return format_html("<p>{}</p>\n", links)


def _head(title: str) -> SafeString:
    return format_html(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="{}"><meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="description" content="{}"><title>{}</title><style>{}</style></head>'
        "<body><main><h1>{}</h1>\n",
        *(get_language() or "en", POLICY, title, title, STYLE, title),
    )


def _packed(parts: Iterator[str]) -> Iterator[bytes]:
    held: list[str] = []
    for part in parts:
        held.append(part)
        if len(held) >= HELD:
            yield "".join(held).encode()
            held.clear()
    yield "".join(held).encode()


def _at(message: Any) -> datetime:
    return localtime(datetime.fromisoformat(message["timestamp"]))


def _month(message: Any) -> str:
    return f"{_at(message):%Y-%m}"
