"""The pages around the chat: signing in, settings, errors, the reference of the API, without scripts."""

from collections.abc import AsyncIterator

from playwright.async_api import expect

from tools.screenshots.cast import BANNED, TRIAL, VIEWER
from tools.screenshots.scenes.files import picture
from tools.screenshots.stage import Stage


async def gates(stage: Stage) -> AsyncIterator[str]:
    page = await stage.visit("/accounts/login/")
    yield "sign in"
    await page.get_by_label("Username").fill("nobody")
    await page.get_by_label("Password", exact=True).fill("not the password")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("do not match")).to_be_visible()
    yield "sign in refused"
    page = await stage.visit("/accounts/signup/")
    yield "sign up"
    await page.get_by_label("Username").fill(VIEWER)
    await page.get_by_label("Password", exact=True).fill("short")
    await page.get_by_role("button", name="Create account").click()
    await expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    yield "sign up refused"
    page = await stage.visit("/accounts/password/reset/")
    yield "forgotten password"


async def account(stage: Stage) -> AsyncIterator[str]:
    await stage.visit("/accounts/password/change/", as_user=VIEWER)
    yield "change password"
    page = await stage.visit("/settings/", as_user=VIEWER)
    yield "settings"
    await page.locator("#notifications").evaluate("(section) => section.scrollIntoView()")
    yield "settings of notifications"
    await page.get_by_text("Quiet hours").first.evaluate("(title) => title.scrollIntoView({ block: 'center' })")
    yield "settings of sounds and quiet hours"
    await page.get_by_label("Photo").set_input_files([picture("me.png", "#4f8aa3")])
    await expect(page.get_by_role("dialog")).to_be_visible()
    yield "photo is cut"
    await page.keyboard.press("Escape")
    await page.get_by_text("Per room").click()
    await page.get_by_text("Per room").evaluate("(title) => title.scrollIntoView({ block: 'center' })")
    yield "settings of rooms"
    await page.evaluate("scrollTo(0, document.body.scrollHeight)")
    yield "settings at the end"
    await stage.visit("/accounts/logout/", as_user=VIEWER)
    yield "sign out"


async def manage(stage: Stage) -> AsyncIterator[str]:
    page = await stage.visit("/manage/emoji/", as_user=VIEWER)
    yield "no emoji"
    for name, others, colour in (("shipit", "our_ship, our_boat", "#0d6d70"), ("buoy", "", "#e5a63d")):
        await page.get_by_label("Name", exact=True).first.fill(name)
        await page.get_by_label("Other names").first.fill(others)
        await page.locator("input[type=file]").set_input_files([picture(f"{name}.png", colour)])
        await page.get_by_role("button", name="Add emoji").click()
        await expect(page.get_by_text(f":{name}: is there.")).to_be_visible()
    yield "emoji"


async def errors(stage: Stage) -> AsyncIterator[str]:
    await stage.visit("/rooms/no-such-room/", as_user=VIEWER)
    yield "not found"
    await stage.visit("/rooms/strongroom/", as_user=BANNED)
    yield "banned"
    page = await stage.visit("/accounts/login/")
    await page.context.clear_cookies()
    await page.get_by_label("Username").fill(VIEWER)
    await page.get_by_label("Password", exact=True).fill("whatever it is")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("main")).to_contain_text("403")
    yield "form expired"


async def without(stage: Stage) -> AsyncIterator[str]:
    await stage.visit(f"/rooms/{TRIAL}/?plain=1", as_user=VIEWER)
    yield "scripts"
    await stage.visit("/rooms/", as_user=VIEWER)
    await stage.page.get_by_label("Name").fill("Dry dock")
    await stage.page.get_by_label("Address").fill("kitchen")
    await stage.page.get_by_role("button", name="Create room").click()
    await expect(stage.page.get_by_text("A room called kitchen already exists.")).to_be_visible()
    yield "scripts, to create a room"
    await stage.visit("/offline/")
    yield "a connection"


async def api(stage: Stage) -> AsyncIterator[str]:
    await stage.visit("/api/v1/docs")
    yield "api reference"


async def administration(stage: Stage) -> AsyncIterator[str]:
    await stage.visit("/admin/", as_user=VIEWER)
    yield "overview"
