"""Panes beside a conversation or in its place: threads, pins, saved and scheduled messages, mentions, search."""

from collections.abc import AsyncIterator

from playwright.async_api import Locator, expect

from support.world import Window
from tools.screenshots.cast import CHARTS
from tools.screenshots.stage import Stage


async def beside(stage: Stage) -> AsyncIterator[str]:
    me = await stage.enter(CHARTS)
    page = me.page
    plan = await me.row("We sail at eight").get_attribute("data-seq")
    await stage.say(f"Nothing in the forecast above 22: {stage.world.server.url}/rooms/{CHARTS}/#m{plan}")
    await expect(me.row("Nothing in the forecast").get_by_test_id("quote")).to_be_visible()
    yield "quoted and forwarded"
    await me.timeline.evaluate("(log) => { log.scrollTop = 0; }")
    yield "pinned, with threads"
    await me.row("We sail at eight").get_by_role("button", name="(edited)").click()
    await expect(page.get_by_role("dialog").locator("section")).to_have_count(2)
    yield "earlier texts"
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await page.get_by_role("button", name="Today").first.click()
    await expect(page.get_by_role("dialog").get_by_label("Day")).to_be_visible()
    yield "date"
    await page.keyboard.press("Escape")
    await me.row("The survey").get_by_test_id("thread-line").click()
    thread = page.get_by_test_id("thread-pane")
    await expect(thread.get_by_test_id("replies")).to_contain_text("can you tag it")
    yield "thread"
    await (
        thread.get_by_test_id("thread-composer")
        .get_by_role("textbox")
        .fill("Tagged as `north-2`, with the\nnew depths.")
    )
    yield "reply in a thread"
    await thread.get_by_role("button", name="Close").click()
    await _open(me, "pinned")
    await expect(page.get_by_test_id("pinned-pane").get_by_test_id("result")).to_have_count(2)
    yield "pins"
    await _open(me, "search")
    await expect(page.get_by_test_id("search-pane")).to_be_visible()
    yield "search"
    await page.get_by_test_id("search-pane").get_by_label("Search messages").fill("wind")
    await expect(page.get_by_test_id("search-pane").get_by_test_id("result").first).to_be_visible()
    yield "found"
    await _open(me, "settings")
    await expect(page.get_by_test_id("settings-pane").get_by_role("textbox").first).to_be_visible()
    yield "room settings"


async def lists(stage: Stage) -> AsyncIterator[str]:
    me = await stage.enter(CHARTS)
    page = me.page
    await page.keyboard.press("Alt+t")
    threads = page.get_by_test_id("threads-pane")
    cards = threads.get_by_test_id("thread-card")
    await expect(cards.first).to_be_visible()
    yield "threads"
    await _choose(threads, "Unread")
    # One or two are left: the previous scene may have read the other.
    await expect(cards.filter(has_not=page.get_by_role("button", name="Mark read"))).to_have_count(0)
    await expect(cards.first).to_be_visible()
    yield "unread threads"
    await _open(me, "saved")
    saved = page.get_by_test_id("saved-pane")
    await expect(saved.get_by_test_id("saved")).to_have_count(2)
    yield "saved"
    await saved.get_by_role("button", name="Remind me").first.click()
    await expect(me.popover).to_be_visible()
    yield "remind"
    await page.keyboard.press("Escape")
    await _choose(saved, "Done")
    await expect(saved.get_by_test_id("saved")).to_have_count(1)
    yield "saved and done"
    await _open(me, "inbox")
    inbox = page.get_by_test_id("inbox-pane")
    await expect(inbox.get_by_test_id("result").first).to_be_visible()
    yield "mentions"
    await _choose(inbox, "Reactions")
    yield "reactions"
    await _open(me, "scheduled")
    scheduled = page.get_by_test_id("scheduled-pane")
    await expect(scheduled.get_by_test_id("scheduled")).to_have_count(2)
    yield "scheduled"
    await scheduled.get_by_role("button", name="Change").first.click()
    await expect(page.get_by_role("dialog").get_by_label("Day and time")).to_be_visible()
    yield "change what is scheduled"


async def _open(me: Window, occupant: str) -> None:
    """Open a pane by its URL as the Back button does, without loading the page again."""
    await me.page.evaluate(
        "(query) => { history.pushState(null, '', query); dispatchEvent(new PopStateEvent('popstate')); }",
        f"?{occupant}",
    )


async def _choose(pane: Locator, tab: str) -> None:
    await pane.get_by_role("radio", name=tab).click()
