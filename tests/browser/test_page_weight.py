"""The first visit is small; the rest is fetched on demand."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Request, expect

from support.chat_page import ChatPage
from support.world import World
from tests.browser.conftest import EnterRoom

REQUESTS_MAX = 40
WIRE_BYTES_MAX = 150 * 1024
ON_REQUEST = {"markdown-it.js", "purify.js", "highlight.js"}
# Fetched on the first character or key: the first visit must not load them.
LATER = {"suggestions.js", "emoji.js", "on_request.js", "notifier.js"}


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
async def test_the_first_visit_takes_few_requests_and_bytes(world: World, enter: EnterRoom, locale: str) -> None:
    # A person in no other room: the page lists all rooms of a person, and earlier tests left many. Messages in those
    # rooms would also load the notifications module.
    username = f"lilo.{locale[:2]}"
    world.seed("people", {username: "Lilo Light"})
    world.seed("room", f"light-{locale}", owner=username, said=3)
    lilo = await enter(username, f"light-{locale}", locale=locale)
    await lilo.say("With **marks**")
    await lilo.has_sent("marks")
    # A browser on its first visit.
    context = await world.browser.new_context(locale=locale)
    await context.add_cookies(world.signed_in(username)["cookies"])
    page = await context.new_page()
    network = await context.new_cdp_session(page)
    await network.send("Network.enable")
    wire: dict[str, int] = {}
    network.on("Network.loadingFinished", lambda event: wire.update({event["requestId"]: event["encodedDataLength"]}))
    await page.goto(f"{world.server.url}/rooms/light-{locale}/")
    await expect(page.locator("html")).to_have_attribute("lang", locale[:2])
    await expect(ChatPage(page).timeline.locator("strong")).to_have_text("marks")
    await expect(page.get_by_test_id("toasts")).to_be_attached()
    await page.wait_for_load_state("networkidle")
    fetched: list[str] = await page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    await context.close()
    assert any(name.endswith("/bundles/main.js") for name in fetched)
    assert len(fetched) == len(set(fetched))
    assert not LATER & {urlsplit(name).path.rpartition("/")[2] for name in fetched}
    assert len(wire) <= REQUESTS_MAX
    assert sum(wire.values()) <= WIRE_BYTES_MAX


async def test_markdown_and_highlighting_load_with_the_first_message_that_needs_them(
    world: World, enter: EnterRoom
) -> None:
    world.seed("room", "asking", owner="alice", said=3)
    fetched: set[str] = set()
    alice = await enter("alice", "asking", prepare=lambda page: _listen(page, fetched))
    await alice.sees("line 3")
    assert not ON_REQUEST & fetched
    await alice.say("Now **bold**")
    await expect(alice.row("Now").locator("strong")).to_have_text("bold")
    assert "markdown-it.js" in fetched
    await alice.say("```py\nreturn 1\n```")
    await expect(alice.timeline.get_by_role("figure").locator("span")).to_have_text(["return", "1"])
    assert fetched >= ON_REQUEST


async def test_suggestions_load_with_the_first_sign_that_begins_a_word(world: World, enter: EnterRoom) -> None:
    world.seed("room", "offering", owner="alice", members=["bob"])
    fetched: set[str] = set()
    alice = await enter("alice", "offering", alone=True, prepare=lambda page: _listen(page, fetched))
    # Without a key press, which would load everything that a person may ask for.
    await alice.composer.fill("Good morning")
    await alice.page.wait_for_load_state("networkidle")
    assert "suggestions.js" not in fetched
    await alice.composer.fill("Good morning @b")
    await expect(alice.page.get_by_role("option", name="bob")).to_be_visible()
    assert "suggestions.js" in fetched
    assert "on_request.js" not in fetched
    # The modules for suggestions are loaded, so they also work offline.
    await alice.goes_offline()
    await alice.composer.fill("/to")
    await expect(alice.page.get_by_role("option", name="/topic")).to_be_visible()
    await alice.context.set_offline(False)


async def _listen(page: Page, fetched: set[str]) -> None:
    page.on("request", lambda request: fetched.add(_name(request)))


def _name(request: Request) -> str:
    return urlsplit(request.url).path.rpartition("/")[2]
