"""Link previews from post to message: sites that are odd, hostile or slow, and pages with pictures."""

import asyncio
import gzip
import io
import json
import threading
import zlib
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from PIL import Image

from chat import storage
from chat.live import db, link_fetching
from chat.live.database_watch import DatabaseWatch
from chat.live.link_fetching import LinkFetching
from chat.models import LinkedPage, Message, Participant, Preview, PreviewWork, Room
from chat.protocol import events
from chat.protocol.errors import ChatError
from chat.queries.message_states import message_states
from chat.services import link_previews
from chat.services.messages import message_delete, message_edit
from chat.services.posting import Draft, messages_post
from chat.services.rooms import room_update
from support import people
from support.web_site import WebSite

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = Path(__file__).parent / "pages"
CASES: dict[str, dict[str, str]] = json.loads((PAGES / "expected.json").read_text())
PAGE = b"<title>Roses</title><meta name=description content='How to cut them'>"


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path) -> None:
    settings.CHAT_UPLOADS_DIR = tmp_path / "uploads"
    settings.CHAT_UPLOADS_DIR.mkdir()
    where = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"files": where}
    settings.CHAT_PREVIEWS, settings.CHAT_PREVIEWS_ALLOW = True, ["127.0.0.1"]


@pytest.fixture
def site() -> Generator[WebSite]:
    with WebSite() as made:
        yield made


@pytest.fixture
async def garden(transactional_db: None) -> Room:
    return await db.run(lambda: people.room(owner=people.alice(), members=[people.bob()]))


def named(username: str) -> Participant:
    return Participant.objects.get(username=username)


def post(text: str, author: str = "bob") -> int:
    [posted] = messages_post([Draft(named(author), "garden", text)])
    assert not isinstance(posted, ChatError)
    return posted.seq


def state_of(seq: int) -> events.Message:
    return message_states(Message.objects.filter(seq=seq))[0]


async def work() -> None:
    fetching = LinkFetching(uuid4(), DatabaseWatch())
    while await db.run(PreviewWork.objects.filter(due_at__lte=timezone.now()).exists):
        await fetching.work()
        await fetching.idle()
    await fetching.end()


async def shown(text: str) -> list[events.PreviewFacts]:
    """Post this text, fetch its pages, and return the previews of the message."""
    seq = await db.run(post, text)
    await work()
    return (await db.run(state_of, seq)).previews


def picture(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


async def test_a_message_is_there_first_and_shows_the_page_under_a_rev_of_its_own(site: WebSite, garden: Room) -> None:
    url = site.put("/roses", PAGE)
    seq = await db.run(post, f"look: {url}?secret=1")
    before = await db.run(state_of, seq)
    assert (before.previews, site.asked) == ([], {})
    await work()
    after = await db.run(state_of, seq)
    assert after.rev == before.rev + 1
    assert after.previews == [
        events.PreviewFacts(url=f"{url}?secret=1", title="Roses", description="How to cut them", site="127.0.0.1")
    ]
    assert "Cookie" not in site.headers
    assert site.headers["User-Agent"] == link_fetching.USER_AGENT


@pytest.mark.parametrize("name", CASES)
async def test_a_page_is_read_in_its_own_encoding(site: WebSite, garden: Room, name: str) -> None:
    case = CASES[name]
    url = site.put(f"/{name}", (PAGES / name).read_bytes(), kind=case["content_type"])
    assert [preview.title for preview in await shown(url)] == [case["title"]]


async def test_one_address_is_asked_once_a_day_also_when_it_fails(site: WebSite, garden: Room) -> None:
    there, gone = site.put("/there", PAGE), site.url("/gone")
    for _ in range(2):
        assert [preview.title for preview in await shown(f"{there} {gone}")] == ["Roses"]
    assert site.asked == {"/there": 1, "/gone": 1}


async def test_a_picture_is_a_copy_of_ours_and_for_those_who_see_the_message(site: WebSite, garden: Room) -> None:
    site.put("/i.png", picture(960, 480), kind="image/png")
    url = site.put("/a/page", b"<meta property=og:title content=A><meta property=og:image content='/i.png'>")
    [preview] = await shown(url)
    assert preview.image
    assert (preview.image.width, preview.image.height) == (480, 240)
    key = preview.image.url.removeprefix("/previews/")
    bob, stranger = await db.run(named, "bob"), await db.run(people.charlie)
    page = await db.run(link_previews.preview_page, user=bob, key=key)
    assert await db.run(storage.size_of, storage.place(page.picture, "480")) > 100
    with pytest.raises(ChatError):
        await db.run(link_previews.preview_page, user=stranger, key=key)
    await db.run(message_delete, user=bob, room="garden", seq=1)
    with pytest.raises(ChatError):
        await db.run(link_previews.preview_page, user=bob, key=key)
    assert (await db.run(state_of, 1)).previews == []


async def test_a_huge_picture_is_left_out(site: WebSite, garden: Room) -> None:
    huge = zlib.compress(b"\0" * 10_000_000)
    site.put("/i.png", picture(1, 1)[:16] + (60_000).to_bytes(4, "big") * 2 + huge, kind="image/png")
    url = site.put("/page", b"<title>T</title><meta property=og:image content='/i.png'>")
    assert [(preview.title, preview.image) for preview in await shown(url)] == [("T", None)]


async def test_a_moving_picture_is_shown_still_and_costs_one_frame(site: WebSite, garden: Room, tmp_path: Path) -> None:
    site.put("/i.gif", animation(), kind="image/gif")
    page = site.put("/page", b"<title>T</title><meta property=og:image content='/i.gif'>")
    linked = site.url("/i.gif")
    assert [(preview.image.width, preview.image.height) for preview in await shown(f"{page} {linked}") if preview.image]
    stored = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert len(stored) == 2
    for path in stored:
        with Image.open(path) as image:
            assert (image.format, getattr(image, "n_frames", 1), image.size) == ("WEBP", 1, (310, 310))
            assert image.convert("RGB").getpixel((0, 0)) == pytest.approx((0, 0, 0), abs=8)


async def test_uploads_are_opened_while_previews_are(
    site: WebSite, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every upload slot stays free, however long the pages take."""
    goes_on = threading.Event()
    really = link_previews.page_read

    def slow(*given: Any, **named: Any) -> Any:
        goes_on.wait(10)
        return really(*given, **named)

    monkeypatch.setattr(link_previews, "page_read", slow)
    urls = [site.put(f"/{number}", PAGE) for number in range(4)]
    for author, url in zip(("alice", "bob") * 2, urls, strict=True):
        await db.run(post, url, author)
    working = asyncio.create_task(work())
    while len(site.asked) < 4:
        await asyncio.sleep(0.01)
    try:
        files = [asyncio.create_task(db.on_media(int)) for _ in range(2)]
        assert await asyncio.wait_for(asyncio.gather(*files), 5) == [0, 0]
        assert not goes_on.is_set()
    finally:
        goes_on.set()
        await working
    assert await db.run(Preview.objects.count) == 4


def animation() -> bytes:
    """200 frames, each of a single colour, the first of them black."""
    out = io.BytesIO()
    first, *rest = (Image.new("L", (310, 310), number) for number in range(200))
    first.save(out, "GIF", save_all=True, append_images=rest, duration=20)
    return out.getvalue()


async def test_redirects_are_followed_and_a_ring_of_them_ends(site: WebSite, garden: Room) -> None:
    site.put("/end", PAGE)
    moved = site.put("/moved", b"", status=302, Location="/end")
    ring = site.put("/ring", b"", status=302, Location="/ring")
    assert [preview.url for preview in await shown(f"{moved} {ring}")] == [moved]
    assert site.asked["/ring"] == link_fetching.REDIRECTS_MAX + 1


@pytest.mark.parametrize("target", ["http://localhost:{}/end", "http://[::1]:{}/end", "http://2130706433/", "file:///"])
async def test_a_redirect_into_the_servers_own_network_is_not_followed(
    site: WebSite, garden: Room, target: str
) -> None:
    site.put("/end", PAGE)
    port = site.url("").rpartition(":")[2]
    assert await shown(site.put("/moved", b"", status=302, Location=target.format(port))) == []
    assert site.asked == {"/moved": 1}


async def test_an_address_inside_is_asked_only_if_the_operator_names_it(
    site: WebSite, garden: Room, settings: Any
) -> None:
    settings.CHAT_PREVIEWS_ALLOW = []
    url = site.put("/roses", PAGE).replace("127.0.0.1", "127.0.0.2")
    assert await shown(f"{url} http://169.254.169.254/latest http://intranet/ ftp://example.org") == []
    assert site.asked == {}


async def test_a_page_that_never_ends_is_read_for_one_megabyte(
    site: WebSite, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_fetching, "FETCH_BYTES", 100_000)

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        handler.wfile.write(b"<title>Endless</title>")
        while True:
            handler.wfile.write(b"<!-- more -->" * 1_000)

    assert [preview.title for preview in await shown(site.answer("/endless", endless))] == ["Endless"]


async def test_a_page_that_says_nothing_is_given_up(
    site: WebSite, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_fetching, "FETCH_SECONDS", 0.2)

    def silent(handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(1)

    assert await shown(site.answer("/silent", silent)) == []


async def test_what_is_packed_is_counted_unpacked(site: WebSite, garden: Room) -> None:
    body = b"<title>Packed</title>" + b"<!-- -->" * 4_000_000
    url = site.put("/packed", gzip.compress(body), Content_Encoding="gzip")
    odd = site.put("/odd", b"?", Content_Encoding="zstd")
    assert [preview.title for preview in await shown(f"{url} {odd}")] == ["Packed"]


async def test_neither_code_nor_quotes_nor_brackets_are_fetched_and_of_many_the_first(
    site: WebSite, garden: Room
) -> None:
    urls = [site.put(f"/{n}", b"<title>%d</title>" % n) for n in range(6)]
    text = f"> {urls[0]}\n\n`{urls[1]}` <{urls[2]}> [three]({urls[3]}) {urls[4]} {urls[4]}（{urls[5]}）。"
    assert [preview.title for preview in await shown(text)] == ["3", "4", "5"]


async def test_a_room_without_previews_has_none(site: WebSite, garden: Room) -> None:
    await db.run(room_update, user=await db.run(named, "alice"), room="garden", previews=False)
    assert await shown(site.put("/roses", PAGE)) == []
    assert site.asked == {}


async def test_an_edit_takes_previews_along_and_brings_none_back_that_was_removed(site: WebSite, garden: Room) -> None:
    one, two = site.put("/1", b"<title>1</title>"), site.put("/2", b"<title>2</title>")
    assert [preview.title for preview in await shown(f"{one} {two}")] == ["1", "2"]
    bob = await db.run(named, "bob")
    changed = await db.run(link_previews.preview_remove, user=bob, room="garden", seq=1, url=one)
    assert changed.state
    assert [preview.title for preview in changed.state.previews] == ["2"]
    again = await db.run(link_previews.preview_remove, user=bob, room="garden", seq=1, url=one)
    assert (again.rev, again.state) == (changed.rev, None)
    await db.run(message_edit, user=bob, room="garden", seq=1, text=f"new: {one} {two}")
    await work()
    assert [preview.title for preview in (await db.run(state_of, 1)).previews] == ["2"]
    await db.run(message_edit, user=bob, room="garden", seq=1, text="no link any more")
    await work()
    assert (await db.run(state_of, 1)).previews == []
    assert not await db.run(Preview.objects.exists)


async def test_what_a_killed_process_had_begun_is_begun_again(site: WebSite, garden: Room) -> None:
    url = site.put("/roses", PAGE)
    await db.run(LinkedPage.objects.create, **_begun_long_ago(url))
    assert [preview.title for preview in await shown(url)] == ["Roses"]


def _begun_long_ago(url: str) -> dict[str, Any]:
    now = timezone.now()
    return {
        "digest": link_previews._digest(url),
        "url": url,
        "day": now.date(),
        "begun_at": now - 2 * link_previews.FETCH_LASTS,
    }


async def test_a_person_who_links_without_end_has_previews_of_some(
    site: WebSite, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_fetching, "PERSON_PAGES", 2)
    urls = [site.put(f"/{n}", PAGE) for n in range(3)]
    assert len(await shown(" ".join(urls))) == 2
    assert sum(site.asked.values()) == 2
