"""Notifications: how a page offers them, what a room notifies of, and what the settings show of browser and devices."""

from collections.abc import AsyncIterator

from playwright.async_api import Page, expect

from support.world import Window
from tools.screenshots.cast import VIEWER
from tools.screenshots.stage import Stage

# A headless browser decides for itself, so the permission is overridden.
PERMISSION = "Object.defineProperty(Notification, 'permission', {{ get: () => '{}' }})"


async def notifications(stage: Stage) -> AsyncIterator[str]:
    lucia = await stage.guest("lucia")
    me = await stage.enter(
        "kitchen", looking=False, prepare=lambda page: page.add_init_script(PERMISSION.format("default"))
    )
    await lucia.say("kitchen", f"@{VIEWER}, is the blue kettle yours?")
    await expect(me.page.get_by_role("region", name="Notifications")).to_contain_text("mentioned you")
    yield "offered after a missed mention"
    await me.page.get_by_role("button", name="Not now").click()
    await _levels(stage, me)
    yield "levels of a room"
    await me.page.get_by_role("menuitem", name="Mute until tomorrow").click()
    await _levels(stage, me)
    await expect(me.page.get_by_role("menuitem", name="Unmute room")).to_be_visible()
    yield "muted room"
    stage.world.seed("device", VIEWER, "Firefox on Linux")
    stage.world.seed("device", VIEWER, "Safari on iPhone", ended=True)
    page = await stage.visit("/settings/", as_user=VIEWER)
    await _settings(page, "granted")
    await expect(page.get_by_text("Stopped working.")).to_be_visible()
    yield "devices"
    await page.get_by_role("button", name="1 hour").click()
    await page.get_by_role("button", name="End the pause").scroll_into_view_if_needed()
    yield "paused"
    await _settings(page, "denied")
    await expect(page.get_by_text("Notifications are blocked.")).to_be_visible()
    yield "blocked by the browser"


async def _levels(stage: Stage, me: Window) -> None:
    if stage.size.phone:
        await me.page.get_by_role("button", name="Room options").click()
        await me.page.get_by_role("menuitem", name="Notifications").click()
    else:
        await me.page.get_by_role("button", name="Notifications").click()


async def _settings(page: Page, permission: str) -> None:
    await page.add_init_script(PERMISSION.format(permission))
    await page.reload()
    await page.locator("#notifications").evaluate("(section) => section.scrollIntoView()")
