"""What a person chooses on the settings page, and how the chat then looks and behaves."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from support.world import Window, World
from tests.browser.conftest import EnterRoom

# Chromium without a screen shows no notifications: these are what it would have shown.
RECORD = """
window.shown = [];
window.Notification = class extends EventTarget {
  static permission = "%s";
  static requestPermission = async () => (window.Notification.permission = "granted");
  constructor(title, options) {
    super();
    window.shown.push({ title, body: options.body, silent: options.silent });
    document.documentElement.dataset.shown = window.shown.length;
  }
  close() {
    const page = document.documentElement;
    page.dataset.closed = Number(page.dataset.closed ?? 0) + 1;
  }
};
"""
LOOK_AWAY = "document.hasFocus = () => false"


@pytest.fixture(autouse=True)
def _defaults_again(world: World) -> Any:
    yield
    world.seed("forget_preferences")


async def settings_of(window: Window) -> Page:
    await window.page.goto(f"{window.world.server.url}/settings/")
    return window.page


async def saved(page: Page) -> None:
    status = page.locator("[data-status]")
    await expect(status).to_have_text("Saved")
    await status.evaluate("line => line.textContent = ''")


async def test_the_settings_are_reached_from_the_chat_and_lead_back(world: World, enter: EnterRoom) -> None:
    world.seed("room", "way", owner="alice")
    alice = await enter("alice", "way")
    await alice.page.get_by_role("button", name="Settings").click()
    await alice.page.get_by_role("menuitem", name="All settings").click()
    await expect(alice.page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    await alice.page.get_by_role("link", name="Back to the conversation").click()
    await expect(alice.page).to_have_url(re.compile("/rooms/way/$"))


async def test_what_is_chosen_saves_itself_and_holds_in_the_chat(world: World, enter: EnterRoom) -> None:
    world.seed("room", "look", owner="alice", said=1)
    alice = await enter("alice", "look", color_scheme="light", locale="en-US")
    await expect(alice.page.locator(".message time").first).to_contain_text(re.compile("[AP]M"))
    page = await settings_of(alice)
    await page.get_by_role("radio", name="Dark").check()
    await saved(page)
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.get_by_role("radio", name="Compact").check()
    await saved(page)
    await page.get_by_role("radio", name="24 h").check()
    await saved(page)
    await page.reload()
    for choice in ("Dark", "Compact", "24 h"):
        await expect(page.get_by_role("radio", name=choice)).to_be_checked()
    await alice.open("look")
    root = page.locator("html")
    await expect(root).to_have_attribute("data-theme", "dark")
    await expect(root).to_have_attribute("data-density", "compact")
    await expect(page.locator(".message time").first).to_have_text(re.compile(r"^\d\d:\d\d$"))
    assert (
        await page.locator(".message .message__text").first.evaluate("row => getComputedStyle(row).lineHeight")
        == "20px"
    )


async def test_what_is_chosen_before_the_script_is_there_saves_itself_too(world: World, enter: EnterRoom) -> None:
    world.seed("room", "hasty", owner="alice")
    alice = await enter("alice", "hasty")
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await alice.page.route("**/*.js", hold)
    await alice.page.goto(f"{world.server.url}/settings/", wait_until="commit")
    await alice.page.get_by_role("radio", name="Dark").check()
    held.set()
    await saved(alice.page)
    await expect(alice.page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_a_name_that_will_not_do_is_said_beside_it_and_nothing_typed_is_lost(
    world: World, enter: EnterRoom
) -> None:
    world.seed("room", "name", owner="alice")
    alice = await enter("alice", "name")
    page = await settings_of(alice)
    field = page.get_by_label("Display name")
    await field.fill("Alice \u202eArden")
    await field.press("Enter")
    await expect(page.locator("#profile .field-error")).to_have_text(
        "Use only letters, digits, punctuation, symbols and spaces."
    )
    await expect(field).to_have_value("Alice \u202eArden")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await field.fill("Alice A.")
    await saved(page)
    await expect(page.locator("[data-shown-name]")).to_have_text("Alice A.")
    await expect(page.locator("#profile .field-error")).to_have_count(0)
    await field.fill("Alice Arden")
    await saved(page)
    # The browser calls the refusal an error of its own.
    alice.errors = [error for error in alice.errors if "422" not in error]


async def test_without_the_server_it_says_that_nothing_was_saved(world: World, enter: EnterRoom) -> None:
    world.seed("room", "off", owner="alice")
    alice = await enter("alice", "off")
    page = await settings_of(alice)
    await alice.context.set_offline(True)
    await page.get_by_role("radio", name="Dark").check()
    await expect(page.locator("[data-status]")).to_contain_text("Not saved: the server could not be reached.")
    await alice.context.set_offline(False)
    alice.errors = [error for error in alice.errors if "ERR_INTERNET_DISCONNECTED" not in error]


async def test_enter_breaks_the_line_where_ctrl_enter_sends(world: World, enter: EnterRoom) -> None:
    world.seed("room", "enter-keys", owner="alice")
    alice = await enter("alice", "enter-keys")
    page = await settings_of(alice)
    await page.get_by_role("switch", name="Send with Enter").uncheck()
    await saved(page)
    await alice.open("enter-keys")
    await alice.composer.press_sequentially("one")
    await alice.composer.press("Enter")
    await alice.composer.press_sequentially("two")
    await expect(alice.composer).to_have_value("one\ntwo")
    await expect(page.locator("#composer .hint")).to_contain_text("Enter send")
    await alice.composer.press("Control+Enter")
    await alice.has_sent("one")
    await expect(alice.composer).to_have_value("")


async def test_a_room_is_made_quieter_from_the_list(world: World, enter: EnterRoom) -> None:
    world.seed("room", "loud", owner="alice")
    alice = await enter("alice", "loud")
    page = await settings_of(alice)
    await page.get_by_text("Per room").click()
    await page.get_by_role("radiogroup", name="#loud").get_by_role("radio", name="Nothing").check()
    await saved(page)
    await alice.open("loud")
    await expect(page.locator('#sidebar a[href="/rooms/loud/"]')).to_contain_text("muted")


async def test_a_browser_elsewhere_is_signed_out(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"dora": "Dora Dale"})
    world.seed("room", "there", owner="dora")
    # Two sign-ins: windows of one state would be one session.
    here = await enter("dora", "there")
    world.forget("dora")
    there = await enter("dora", "there")
    page = await settings_of(here)
    others = page.locator("#sessions li").filter(has_not_text="This one")
    await others.last.get_by_role("button", name="Sign out").click()
    await expect(page.locator("#sessions .done")).to_have_text("That session has been signed out.")
    await expect(there.page.locator(".over .banner.bad")).to_contain_text("Your session ended.")


async def test_an_account_is_deleted_and_says_so_in_the_room(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"gone": "Gone Girl"})
    world.seed("room", "farewell", owner="alice", members=["gone"])
    world.seed("say", "farewell", [["gone", "my last words"]])
    alice, gone = await enter("alice", "farewell"), await enter("gone", "farewell")
    page = await settings_of(gone)
    await page.locator("#delete").get_by_label("Your password").fill("correct horse battery")
    await page.get_by_role("button", name="Delete my account").click()
    await expect(page.get_by_role("heading", name="Your account is deleted.")).to_be_visible()
    await expect(alice.page.locator(".log .sys")).to_contain_text("Deleted account left the room")
    await alice.open("farewell")
    await expect(alice.row("my last words")).to_contain_text("Deleted account")


async def away(window: Window, permission: str) -> None:
    await window.page.add_init_script(RECORD % permission)
    await window.open(window.page.url.split("/")[-2])
    await window.page.evaluate(LOOK_AWAY)


async def was_told(window: Window, *, times: int) -> None:
    await expect(window.page.locator("html")).to_have_attribute("data-shown", str(times))


async def test_a_mention_is_told_while_something_else_is_in_front(world: World, enter: EnterRoom) -> None:
    world.seed("room", "call", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "call"), await enter("bob", "call")
    await away(alice, "granted")
    await bob.say("nothing for anybody")
    await bob.say("@alice have a look")
    await alice.sees("have a look")
    await was_told(alice, times=1)
    assert await alice.page.evaluate("shown") == [
        {"title": "Bob Birch in #call", "body": "@alice have a look", "silent": False}
    ]
    await alice.page.evaluate("document.hasFocus = () => true")
    await bob.say("@alice again")
    await alice.sees("again")
    assert await alice.page.evaluate("shown.length") == 1


async def test_the_quieter_of_room_and_person_counts(world: World, enter: EnterRoom) -> None:
    world.seed("room", "levels", owner="alice", members=["bob"])
    world.seed("prefer", "alice", notify="all", sound=False)
    alice, bob = await enter("alice", "levels"), await enter("bob", "levels")
    await away(alice, "granted")
    await bob.say("everything")
    await was_told(alice, times=1)
    assert await alice.page.evaluate("shown[0].silent")
    await alice.page.get_by_role("button", name="Mute room").click()
    await expect(alice.page.get_by_role("button", name="Unmute room")).to_be_visible()
    await bob.say("not this")
    await bob.say("@alice but this")
    await was_told(alice, times=2)
    assert await alice.page.evaluate("shown[1].body") == "@alice but this"


async def test_a_mention_added_by_an_edit_is_told_of_and_one_taken_out_is_told_no_more(
    world: World, enter: EnterRoom
) -> None:
    world.seed("room", "edited", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "edited"), await enter("bob", "edited")
    await away(alice, "granted")
    await bob.say("hello")
    await alice.sees("hello")
    for text, shown, closed in (("@alice hello", 1, 0), ("hello again", 1, 1), ("hello, @alice", 2, 1)):
        await bob.composer.press("ArrowUp")
        await bob.page.locator(".log textarea").fill(text)
        await bob.page.locator(".log textarea").press("Enter")
        await alice.sees(text)
        await was_told(alice, times=shown)
        assert await alice.page.evaluate("Number(document.documentElement.dataset.closed ?? 0)") == closed
    await bob.act("hello, @alice", "Delete")
    await bob.confirm("Delete")
    await expect(alice.page.locator("html")).to_have_attribute("data-closed", "2")
    await expect(alice.page.locator('#sidebar a[href="/rooms/edited/"]')).to_have_attribute("data-calls", "0")


async def test_nobody_is_asked_before_a_mention_was_missed(world: World, enter: EnterRoom) -> None:
    world.seed("room", "ask", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "ask"), await enter("bob", "ask")
    await away(alice, "default")
    await bob.say("just talk")
    await alice.sees("just talk")
    offer = alice.page.get_by_role("region", name="Notifications")
    await expect(offer).to_have_count(0)
    await bob.say("@alice hello")
    await expect(offer).to_contain_text("Bob Birch mentioned you while you were away.")
    await offer.get_by_role("button", name="Turn on").click()
    await expect(offer).to_have_count(0)
    await bob.say("@alice once more")
    await was_told(alice, times=1)


async def test_who_declined_is_not_asked_again(world: World, enter: EnterRoom) -> None:
    world.seed("room", "decline", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "decline"), await enter("bob", "decline")
    await away(alice, "default")
    await bob.say("@alice hello")
    offer = alice.page.get_by_role("region", name="Notifications")
    await offer.get_by_role("button", name="Not now").click()
    await bob.say("@alice still there?")
    await alice.sees("still there?")
    await expect(offer).to_have_count(0)


async def test_of_two_windows_the_one_looked_at_last_tells(world: World, enter: EnterRoom) -> None:
    world.seed("room", "two-windows", owner="alice", members=["bob"])
    first, bob = await enter("alice", "two-windows"), await enter("bob", "two-windows")
    second = Window(world, "alice", first.context, await first.context.new_page())
    await second.page.add_init_script(RECORD % "granted")
    await away(first, "granted")
    await second.open("two-windows")
    await second.page.evaluate(LOOK_AWAY)
    await bob.say("@alice which?")
    await was_told(second, times=1)
    await first.sees("which?")
    assert await first.page.evaluate("shown.length") == 0
    await second.page.close()
    await bob.say("@alice and now?")
    await was_told(first, times=1)


async def test_a_browser_that_refuses_is_explained(world: World, enter: EnterRoom) -> None:
    world.seed("room", "deny", owner="alice")
    alice = await enter("alice", "deny")
    await alice.page.add_init_script(RECORD % "denied")
    page = await settings_of(alice)
    await expect(page.locator("[data-permission]")).to_contain_text("Allow them in the site settings")
    await expect(page.locator("[data-permission-ask]")).to_be_hidden()
