"""Fetches the pages that messages link to, in one process of the cluster, a few at a time.

Messages wait in a queue (`chat.services.link_previews`) for at most a second, and one process takes each. Each address
is fetched once a day, even when it fails. No address is logged: it may hold a secret.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from chat import metrics
from chat.lib import waits
from chat.lib.address_guard import Refused
from chat.lib.outbound import Answer, Failed, Outbound
from chat.lib.outbound_names import on_behalf_of
from chat.lib.web_page import PageFacts
from chat.live import db
from chat.live.database_watch import DatabaseWatch
from chat.live.first_process import FirstProcess
from chat.live.opening import preview_for
from chat.live.rate_limits import SharedBuckets
from chat.models import LinkedPage
from chat.protocol.errors import ChatError
from chat.services import link_previews
from chat.services.link_previews import Fetched, Wanted

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
# Seconds between two checks of which process fetches.
CHOOSE_SECONDS = 5.0
CLEAN_SECONDS = 600.0
# Messages whose pages are fetched at the same time, and connections to all servers together.
AT_ONCE = 8
# Limits for a page with its redirects and its picture; the bytes are counted unpacked.
FETCH_SECONDS = 5.0
FETCH_BYTES = 1024 * 1024
REDIRECTS_MAX = 5
# Pages for one author's messages; links beyond it have no preview.
PERSON_PAGES, PERSON_SECONDS = 60, 60.0
# If the same page is being fetched for another message, wait for its end.
WAIT_SECONDS, WAITS = 0.5, 20
USER_AGENT = "Mozilla/5.0 (compatible; Backchannel link preview)"
_HEADERS = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", "Accept-Language": "en, *;q=0.5"}
_PAGES = {"Accept": "text/html, application/xhtml+xml;q=0.9, image/*;q=0.5", **_HEADERS}
_PICTURES = {"Accept": "image/webp, image/*;q=0.9", **_HEADERS}
Wish = Callable[[int, Mapping[str, str]], bool]
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class LinkFetcher:
    """Fetches one page: its head, and the picture that it links to. For one event loop."""

    def __init__(self) -> None:
        guard = link_previews.guard()
        self._client = Outbound(guard, seconds=FETCH_SECONDS, connections=AT_ONCE)

    async def fetch(self, url: str, *, author_id: int) -> Fetched:
        """Fetch the page at `url` for a message of this author; without facts when there is nothing to show."""
        with on_behalf_of(author_id):
            return await self._fetched(url, author_id)

    async def _fetched(self, url: str, author_id: int) -> Fetched:
        until = asyncio.get_running_loop().time() + FETCH_SECONDS
        try:
            async with asyncio.timeout_at(until):
                address, answer = await self._followed(url, _PAGES, FETCH_BYTES, _is_page_or_picture)
        except (Refused, Failed, TimeoutError) as error:
            metrics.LINKS.labels(_outcome(error)).inc()
            return Fetched()
        except Exception:
            logger.exception("A page that a message links to could not be fetched.")
            metrics.LINKS.labels("error").inc()
            return Fetched()
        return await self._read(address, answer, until, author_id)

    async def _read(self, address: str, answer: Answer, until: float, author_id: int) -> Fetched:
        kind = answer.headers.get("content-type", "")
        if not _is_page_or_picture(answer.status, answer.headers):
            metrics.LINKS.labels("nothing").inc()
            return Fetched()
        if _is_picture(answer.status, answer.headers):
            facts = _of_picture(address) if answer.whole else None
            metrics.LINKS.labels("shown" if facts else "too_large").inc()
            return Fetched(facts, answer.body if facts else b"")
        began = asyncio.get_running_loop().time()
        page = await preview_for(author_id, link_previews.page_read, answer.body, content_type=kind, address=address)
        # Waiting for other pages to be read does not count against the site's time.
        until += asyncio.get_running_loop().time() - began
        metrics.LINKS.labels("shown" if page else "nothing").inc()
        if not page or not page.picture:
            return Fetched(page)
        return Fetched(page, await self._picture(page.picture, FETCH_BYTES - len(answer.body), until))

    async def _picture(self, url: str, most: int, until: float) -> bytes:
        address = link_previews.address_of(url)
        if not address:
            return b""
        try:
            async with asyncio.timeout_at(until):
                _, answer = await self._followed(address, _PICTURES, most, _is_picture)
        except (Refused, Failed, TimeoutError):
            return b""
        return answer.body if answer.whole and _is_picture(answer.status, answer.headers) else b""

    async def _followed(self, url: str, headers: Mapping[str, str], most: int, wanted: Wish) -> tuple[str, Answer]:
        """Return the answer at the end of the redirects; each is checked like the first address."""
        for _ in range(REDIRECTS_MAX + 1):
            answer = await self._client.read(url, headers=headers, max_bytes=most, wanted=wanted, enough=_has_head)
            target = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not target:
                return url, answer
            url = link_previews.address_of(urljoin(url, target)) or ""
        raise Failed("redirects")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


class LinkFetching:
    """Makes the previews in the queue while this process is the first process."""

    def __init__(self, process_id: UUID, watch: DatabaseWatch) -> None:
        self._first = FirstProcess(process_id, watch)
        self._watch = watch
        self._changed = watch.changes()
        # The watch's number before the queue was last read, and when its next message is due (None: it was empty).
        self._read_at: int | None = None
        self._due_at: datetime | None = None
        self._chosen = False
        self._chosen_at = self._cleaned_at = float("-inf")
        self._fetcher: LinkFetcher | None = None
        self._people = SharedBuckets(PERSON_PAGES, PERSON_SECONDS)
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Work until cancelled."""
        while settings.CHAT_PREVIEWS:
            try:
                await self._turn()
            except ChatError as error:
                logger.warning("Link previews wait for the database: %s", error.code)
            except Exception:
                logger.exception("Making link previews failed; it is tried again.")
            await waits.rest(self._changed, LOOK_SECONDS, self._quiet_for())

    def _quiet_for(self) -> float:
        """Return the seconds without work if nothing is committed."""
        if self._chosen and self._read_at != self._watch.number:
            return 0.0
        choose = self._chosen_at + CHOOSE_SECONDS - time.monotonic()
        if not self._chosen or self._due_at is None:
            return choose
        return min(choose, (self._due_at - timezone.now()).total_seconds())

    async def _turn(self) -> None:
        self._changed.clear()
        now = time.monotonic()
        if now - self._chosen_at > CHOOSE_SECONDS:
            self._chosen_at = now
            self._chosen = await self._first.is_here()
            self._people.report(now)
        if not self._chosen:
            return
        if now - self._cleaned_at > CLEAN_SECONDS:
            self._cleaned_at = now
            await db.on_files(link_previews.pages_clean)
        if await self._is_due():
            await self.work()

    async def _is_due(self) -> bool:
        number = self._watch.number
        if number != self._read_at:
            self._due_at = await db.index(link_previews.work_due_at)
            self._read_at = number
        return self._due_at is not None and self._due_at <= timezone.now()

    async def work(self) -> None:
        """Start as many messages of the queue as there are free places."""
        if places := AT_ONCE - len(self._running):
            for wanted in await db.index(link_previews.work_take, places):
                task = asyncio.create_task(self._show(wanted))
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    async def idle(self) -> None:
        """Wait for the fetches under way."""
        while self._running:
            await asyncio.wait(self._running)

    async def _show(self, wanted: Wanted) -> None:
        try:
            pages = []
            for url in wanted.urls:
                if self._people.take(wanted.author_id, time.monotonic()):
                    metrics.LINKS.labels("limited").inc()
                elif page := await self._page(url, wanted.author_id):
                    pages.append((url, page))
            await db.run(link_previews.previews_show, wanted, pages)
        except ChatError as error:
            # It is due again later.
            logger.warning("A link preview waits for the database: %s", error.code)
        except Exception:
            logger.exception("A link preview could not be made; it is tried again.")

    async def _page(self, url: str, author_id: int) -> LinkedPage | None:
        address = link_previews.address_of(url)
        if not address:
            return None
        for _ in range(WAITS):
            page, mine = await db.run(link_previews.page_begin, address)
            if mine:
                self._fetcher = self._fetcher or LinkFetcher()
                fetched = await self._fetcher.fetch(address, author_id=author_id)
                return await preview_for(author_id, link_previews.page_save, page, fetched)
            if page.fetched_at is not None:
                return page
            await asyncio.sleep(WAIT_SECONDS)
        return None

    async def end(self) -> None:
        """Cancel the fetches under way: they become due again for the next process."""
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)
        if self._fetcher:
            await self._fetcher.close()


def _is_page_or_picture(status: int, headers: Mapping[str, str]) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    page = kind in ("text/html", "application/xhtml+xml", "")
    return 200 <= status < 300 and (page or kind.startswith("image/"))


def _is_picture(status: int, headers: Mapping[str, str]) -> bool:
    return 200 <= status < 300 and headers.get("content-type", "").strip().lower().startswith("image/")


def _has_head(body: bytearray, new: int) -> bool:
    """Return whether the page's head has arrived; the rest of a page is not read."""
    end = body[-new - 7 :].lower()
    return b"</head" in end or b"<body" in end


def _of_picture(address: str) -> PageFacts:
    host, _, path = address.partition("://")[2].partition("/")
    name = path.partition("?")[0].rpartition("/")[2]
    return PageFacts(title=(name or host)[:200], site=host[:80], large=True)


def _outcome(error: Exception) -> str:
    return "refused" if isinstance(error, Refused) else str(error) or "timeout"
