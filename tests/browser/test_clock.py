"""Dates and mutes follow the server's clock, past midnight and into another time zone."""

from collections.abc import AsyncGenerator

import pytest_asyncio
from playwright.async_api import Browser, Page

from chat.rules import permissions
from tests.browser.modules import module_page

_BEGIN = """async () => {
  window.clock = await import("/static/chat/js/state/clock.js");
  window.times = await import("/static/chat/js/i18n/dates.js");
  const { effect } = await import("@preact/signals");
  window.may = (await import("/static/chat/js/state/permissions.js")).may;
  window.labels = [];
  effect(() => labels.push(times.dayLabel(new Date("2026-11-21T23:59:00Z"))));
}"""
_MAY_POST = """([until, permissions]) => may({
  store: { room: () => ({ role: "member", kind: "public", muted_until: until }), permissions: { value: permissions } },
}, "garden", "post")"""


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page]:
    async with module_page(browser) as page:
        await page.clock.install(time="2026-11-21T23:59:30Z")
        await page.evaluate(_BEGIN)
        yield page


async def test_today_becomes_yesterday_at_midnight_and_after_sleep(page: Page) -> None:
    assert await page.evaluate("labels") == ["Today"]
    await page.clock.run_for(60_000)
    assert await page.evaluate("labels") == ["Today", "Yesterday"]
    await page.clock.pause_at("2026-11-23T08:00:00Z")
    await page.evaluate("dispatchEvent(new Event('focus'))")
    assert await page.evaluate("labels") == ["Today", "Yesterday", "Saturday, November 21"]


async def test_a_mute_ends_by_the_clock_of_the_server(page: Page) -> None:
    asked = ["2026-11-21T23:50:00Z", permissions(staff=False)]
    assert await page.evaluate(_MAY_POST, asked)
    await page.evaluate("clock.learnTime('2026-11-21T23:40:00Z')")
    assert not await page.evaluate(_MAY_POST, asked)
    await page.clock.run_for(11 * 60_000)
    assert await page.evaluate(_MAY_POST, asked)


async def test_times_follow_the_time_zone_of_the_reader(page: Page) -> None:
    shown = "times.clockTime(new Date('2026-11-21T12:00:00Z'))"
    before = await page.evaluate(shown)
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Tokyo"})
    await page.evaluate("dispatchEvent(new Event('focus'))")
    assert (before, await page.evaluate(shown)) == ("12:00 PM", "09:00 PM")
