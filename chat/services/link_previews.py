"""Link previews: which pages a message shows, the queue of messages with links, and the fetched pages.

Posting puts a message with a URL into the queue; a process fetches the pages later (`chat.live.link_fetching`),
and publishes the message again with its previews, under a new `rev`.
"""

import hashlib
import logging
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from yarl import URL

from chat import storage
from chat.access import access_message, access_room
from chat.formatting.links import links_in
from chat.lib.address_guard import Guard
from chat.lib.prepared_queries import PreparedRows
from chat.lib.web_page import PageFacts
from chat.media.pictures import THUMBS
from chat.media.process import preview_workers
from chat.media.refused import Refused
from chat.models import LinkedPage, Message, Participant, Preview, PreviewWork, Room
from chat.models.files import new_key
from chat.protocol.errors import ChatError, not_found
from chat.queries.message_states import MessageRow, states_of
from chat.rules import Action
from chat.services.files import arrivals
from chat.services.messages import Changed, numbers_of
from chat.services.preview_work import LEASE
from chat.services.publishing import publish, take_rev

logger = logging.getLogger(__name__)

# Previews per message: its first URLs.
PREVIEWS_MAX = 3
ATTEMPTS_MAX = 3
# Ports in URLs that people write; internal servers may listen on others.
PORTS = frozenset({80, 443, 8000, 8080, 8443})
# A fetch that takes longer has failed: its process was killed.
FETCH_LASTS = timedelta(seconds=30)
KEPT = timedelta(days=2)
CLEANED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message whose linked pages must be fetched."""

    work_id: int
    message_id: int
    author_id: int
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fetched:
    """The result of fetching a page: its facts, and the bytes of its picture, if there are any."""

    facts: PageFacts | None = None
    picture: bytes = b""


def guard() -> Guard:
    """The guard that decides which URLs in messages are fetched."""
    return Guard(frozenset(settings.CHAT_PREVIEWS_ALLOW), plain=True, ports=PORTS)


def work_due_at() -> datetime | None:
    """The due time of the first message in the queue; None if the queue is empty. One query."""
    return next((due_at for (due_at,) in _DUE.all()), None)


_DUE = PreparedRows(lambda: PreviewWork.objects.order_by("due_at").values_list("due_at")[:1])


def work_take(limit: int) -> list[Wanted]:
    """The oldest messages of the queue, leased to this caller. Removes messages without a URL to fetch from the
    queue."""
    now = timezone.now()
    with transaction.atomic():
        due = PreviewWork.objects.select_for_update(skip_locked=True).filter(due_at__lte=now).order_by("due_at", "id")
        rows = list(due[:limit])
        for row in rows:
            row.due_at, row.attempts = now + LEASE, row.attempts + 1
        PreviewWork.objects.bulk_update(rows, ["due_at", "attempts"])
    found = [_wanted(row) for row in rows]
    work_done(row.pk for row, wanted in zip(rows, found, strict=True) if wanted is None)
    return [wanted for wanted in found if wanted]


def work_done(work_ids: Iterable[int]) -> None:
    """Remove these from the queue."""
    if ids := list(work_ids):
        PreviewWork.objects.filter(pk__in=ids).delete()


def _wanted(work: PreviewWork) -> Wanted | None:
    message = Message.objects.filter(room=work.room_id, seq=work.seq, deleted_at=None, kind=Message.Kind.TEXT).first()
    if message is None or work.attempts > ATTEMPTS_MAX or not settings.CHAT_PREVIEWS:
        return None
    if not work.room.previews:
        return None
    urls = tuple(url for url in links_in(message.text, PREVIEWS_MAX) if not is_own(url))
    # An edited message may have lost its link: its preview must be removed.
    return Wanted(work.pk, message.pk, message.author_id, urls) if urls or message.preview_count else None


def is_own(url: str) -> bool:
    """Whether the URL leads to this server: the page itself shows a linked message, to people who may read it."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return True
    own = urlsplit(settings.CHAT_PUBLIC_URL).hostname or ""
    return host == own.lower() or (host in settings.ALLOWED_HOSTS and host not in settings.CHAT_PREVIEWS_ALLOW)


def page_begin(url: str) -> tuple[LinkedPage, bool]:
    """Today's row for this URL, and whether the caller must fetch the page. If not, and it is not fetched yet, another
    caller is fetching it."""
    now = timezone.now()
    named = {"digest": _digest(url), "day": now.date()}
    try:
        with transaction.atomic():
            return LinkedPage.objects.create(**named, url=url, begun_at=now), True
    except IntegrityError:
        page = LinkedPage.objects.get(**named)
    if page.fetched_at is None and page.begun_at < now - FETCH_LASTS:
        taken = LinkedPage.objects.filter(pk=page.pk, begun_at=page.begun_at).update(begun_at=now)
        return page, bool(taken)
    return page, False


def page_read(body: bytes, *, content_type: str, address: str) -> PageFacts | None:
    """The facts of a page, read in the worker process for untrusted input; None if the page has no title."""
    with tempfile.TemporaryDirectory(prefix="page.", dir=arrivals()) as folder:
        path = Path(folder, "page")
        path.write_bytes(body)
        try:
            return preview_workers.read_page(path, content_type=content_type, address=address)
        except Refused:
            return None


def page_save(page: LinkedPage, fetched: Fetched) -> LinkedPage:
    """Record the result of fetching a page, with our own copy of its picture."""
    if fetched.facts:
        page.title, page.description, page.site = fetched.facts.title, fetched.facts.description, fetched.facts.site
        page.large = fetched.facts.large
        if fetched.picture:
            _store_picture(page, fetched.picture)
    page.fetched_at = timezone.now()
    page.save()
    return page


def _store_picture(page: LinkedPage, data: bytes) -> None:
    try:
        with tempfile.TemporaryDirectory(prefix="page.", dir=arrivals()) as folder:
            path = Path(folder, "source")
            path.write_bytes(data)
            prepared = preview_workers.prepare(path, Path(folder), only="preview")
            name = prepared.thumbs.get(str(THUMBS[0]))
            if not name or not (prepared.width and prepared.height):
                return
            key = new_key()
            storage.store(Path(folder, name), storage.place(key, str(THUMBS[0])), "image/webp")
    except Refused:
        return
    except Exception as error:
        # The page is shown without its picture. Each S3 client raises its own exceptions.
        logger.warning("The picture of a page could not be stored (%s).", type(error).__name__)
        return
    scale = min(1.0, THUMBS[0] / max(prepared.width, prepared.height))
    page.picture = key
    page.width, page.height = max(round(prepared.width * scale), 1), max(round(prepared.height * scale), 1)


@transaction.atomic
def previews_show(wanted: Wanted, pages: Sequence[tuple[str, LinkedPage]]) -> None:
    """Let a message show these pages, each with the URL in its text, and publish the message if that changes it."""
    message = Message.objects.select_related("room").filter(pk=wanted.message_id).first()
    work_done([wanted.work_id])
    if message is None:
        return
    room = Room.objects.select_for_update(no_key=True).get(pk=message.room_id)
    message = Message.objects.get(pk=message.pk)
    if message.deleted_at or not room.previews:
        return
    # The message may have been edited meanwhile: then it is in the queue again.
    urls = links_in(message.text, PREVIEWS_MAX)
    shown = [(url, page) for url, page in pages if page.title and url in urls]
    before = list(Preview.objects.filter(message=message).order_by("position"))
    removed = {preview.url for preview in before if preview.removed}
    kept = {preview.url: preview for preview in before}
    if [preview.url for preview in before] == [url for url, _ in shown]:
        return
    Preview.objects.filter(message=message).delete()
    Preview.objects.bulk_create(
        Preview(
            **({"key": kept[url].key} if url in kept else {}),
            message=message,
            page=kept[url].page if url in kept else page,
            url=url,
            position=position,
            removed=url in removed,
        )
        for position, (url, page) in enumerate(shown)
    )
    message.preview_count = sum(url not in removed for url, _ in shown)
    _publish(room, message)


@transaction.atomic
def preview_remove(*, user: Participant, room: str, seq: int, url: str | None = None) -> Changed:
    """Remove the preview of this URL from a message permanently, or all of them. For the author and for moderators.

    Raises:
        ChatError: `not_found`, `forbidden`.
    """
    access = access_room(user=user, slug=room, lock=True)
    message = access_message(access=access, seq=seq, action=Action.DELETE)
    if message.deleted_at:
        raise not_found("message")
    removed = Preview.objects.filter(message=message, removed=False)
    if url is not None:
        removed = removed.filter(url=url)
    if not removed.update(removed=True):
        return numbers_of(access.room, message)
    message.preview_count = Preview.objects.filter(message=message, removed=False).count()
    return _publish(access.room, message)


def preview_page(*, user: Participant, key: str) -> LinkedPage:
    """The linked page of a preview that this person can see, for its picture.

    Raises:
        ChatError: `not_found`, also for people who cannot see the message.
    """
    preview = Preview.objects.select_related("message__room", "page").filter(key=key, removed=False).first()
    if preview is None or not preview.page.picture:
        raise not_found("picture")
    try:
        room = access_room(user=user, slug=preview.message.room.slug).room
    except ChatError:
        raise not_found("picture") from None
    if preview.message.deleted_at or preview.message.seq < room.cleared_before_seq:
        raise not_found("picture")
    return preview.page


def _publish(room: Room, message: Message) -> Changed:
    message.rev = take_rev(room)
    message.save(update_fields=["rev", "preview_count"])
    room.save(update_fields=["last_rev"])
    message.room = room
    (state,) = states_of([MessageRow.of(message)])
    if message.seq >= room.cleared_before_seq:
        publish([(room, state)])
    return numbers_of(room, message, state)


def pages_clean() -> None:
    """Delete pages of earlier days that no message shows, with their pictures."""
    old = LinkedPage.objects.filter(day__lt=(timezone.now() - KEPT).date(), previews=None)
    for page in list(old[:CLEANED_AT_ONCE]):
        if page.picture:
            try:
                storage.delete(page.picture, [str(THUMBS[0])])
            except Exception as error:
                # The next run tries again.
                logger.warning("The picture of a page could not be deleted (%s).", type(error).__name__)
                continue
        # Checks `previews` again: a message may show the page by now, and would lose its preview.
        LinkedPage.objects.filter(pk=page.pk, previews=None).delete()


def address_of(url: str) -> str | None:
    """The URL as it is requested, in ASCII and without a fragment; None if it is invalid."""
    try:
        return str(URL(url).with_fragment(None))
    except (ValueError, UnicodeError):
        return None


def _digest(url: str) -> str:
    return hashlib.blake2b(url.encode(), digest_size=16).hexdigest()
