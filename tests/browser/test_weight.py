"""The page begins light, and fetches the rest when it is wanted."""

import gzip
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.async_api import Request, expect

from tests.browser.conftest import EnterRoom
from tests.browser.world import World
from tests.support.servers import ROOT

SCRIPT_BYTES_MAX = 60 * 1024
STYLE_BYTES_MAX = 20 * 1024
ON_REQUEST = {"marked.js", "purify.js", "highlight.js"}


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
async def test_what_the_page_begins_with_is_within_its_budget(world: World, enter: EnterRoom, locale: str) -> None:
    world.seed("room", f"light-{locale}", owner="alice", said=3)
    alice = await enter("alice", f"light-{locale}", locale=locale)
    await expect(alice.page.locator("html")).to_have_attribute("lang", locale[:2])
    # What was fetched before the page drew the conversation for the first time.
    loaded: dict[str, list[str]] = await alice.page.evaluate(
        """() => {
             const drawn = performance.getEntriesByName("drawn")[0].startTime;
             const paths = (test) => performance.getEntriesByType("resource").filter(test).map((entry) => new URL(entry.name).pathname);
             return {
               scripts: paths((entry) => entry.name.endsWith(".js") && entry.startTime < drawn),
               styles: paths((entry) => entry.name.endsWith(".css")),
             };
           }"""  # noqa: E501 -- a script
    )
    assert len(loaded["scripts"]) > 30
    assert sum(_weight(path) for path in loaded["scripts"]) <= SCRIPT_BYTES_MAX
    assert sum(_weight(path) for path in loaded["styles"]) <= STYLE_BYTES_MAX


async def test_marks_and_colours_are_fetched_with_the_first_message_that_asks(world: World, enter: EnterRoom) -> None:
    world.seed("room", "asking", owner="alice", said=3)
    alice = await enter("alice", "asking")
    fetched: set[str] = set()
    alice.page.on("request", lambda request: fetched.add(_name(request)))
    await alice.page.reload()
    await alice.is_connected()
    await alice.sees("line 3")
    assert not ON_REQUEST & fetched
    await alice.say("Now **bold**")
    await expect(alice.row("Now").locator("strong")).to_have_text("bold")
    assert "marked.js" in fetched
    await alice.say("```py\nreturn 1\n```")
    await expect(alice.page.locator(".code .hljs-keyword")).to_have_text("return")
    assert fetched >= ON_REQUEST


def _weight(path: str) -> int:
    file = ROOT / "static" / path.removeprefix(settings.STATIC_URL)
    return len(gzip.compress(file.read_bytes(), 6))


def _name(request: Request) -> str:
    return urlsplit(request.url).path.rpartition("/")[2]
