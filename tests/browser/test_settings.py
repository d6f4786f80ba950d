"""The settings page: choices are saved and apply in the chat; sessions and the account end."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from support.world import Window, World
from tests.browser.conftest import EnterRoom
from tests.browser.test_files import picture


@pytest.fixture(autouse=True)
def _defaults_again(world: World) -> Any:
    # A value that another file's test already chose would not be saved again.
    world.seed("forget_preferences")
    yield
    world.seed("forget_preferences")


async def settings_of(window: Window) -> Page:
    await window.page.goto(f"{window.world.server.url}/settings/")
    return window.page


async def saved(page: Page) -> None:
    status = page.locator("[data-status]")
    await expect(status).to_have_text("Saved")
    await status.evaluate("line => line.textContent = ''")


async def test_settings_open_from_the_chat_and_link_back(world: World, enter: EnterRoom) -> None:
    world.seed("room", "way", owner="alice")
    alice = await enter("alice", "way")
    await alice.page.get_by_role("button", name="Settings").click()
    await alice.page.get_by_role("menuitem", name="All settings").click()
    await expect(alice.page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    await alice.page.get_by_role("link", name="Back to the conversation").click()
    await expect(alice.page).to_have_url(re.compile("/rooms/way/$"))


async def test_choices_are_saved_at_once_and_apply_in_the_chat(world: World, enter: EnterRoom) -> None:
    world.seed("room", "look", owner="alice", said=1)
    alice = await enter("alice", "look", color_scheme="light", locale="en-US")
    await expect(alice.rows.get_by_role("time").first).to_contain_text(re.compile("[AP]M"))
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
    await expect(alice.rows.get_by_role("time").first).to_have_text(re.compile(r"^\d\d:\d\d$"))
    assert await alice.texts_shown.first.evaluate("row => getComputedStyle(row).lineHeight") == "20px"


async def test_a_choice_made_before_the_script_loads_is_saved(world: World, enter: EnterRoom) -> None:
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


async def test_an_invalid_name_is_refused_beside_the_field_and_kept(world: World, enter: EnterRoom) -> None:
    alice = await enter("alice", "/settings/")
    page = alice.page
    field = page.get_by_label("Display name")
    await field.fill("Alice \u202eArden")
    await field.press("Enter")
    refusal = page.get_by_text("Use only letters, digits, punctuation, symbols and spaces.")
    await expect(refusal).to_be_visible()
    await expect(field).to_have_value("Alice \u202eArden")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await field.fill("Alice A.")
    await saved(page)
    await expect(page.locator("[data-shown-name]")).to_have_text("Alice A.")
    await expect(refusal).to_have_count(0)
    await field.fill("Alice Arden")
    await saved(page)
    # The browser also logs the refusal as an error.
    alice.errors[:] = [error for error in alice.errors if "422" not in error]


async def test_an_unreachable_server_is_reported_as_not_saved(world: World, enter: EnterRoom) -> None:
    alice = await enter("alice", "/settings/", alone=True)
    page = alice.page
    await alice.context.set_offline(True)
    await page.get_by_role("radio", name="Dark").check()
    await expect(page.locator("[data-status]")).to_contain_text("Not saved: the server could not be reached.")
    await alice.context.set_offline(False)
    alice.errors[:] = [error for error in alice.errors if "ERR_INTERNET_DISCONNECTED" not in error]


async def test_enter_breaks_the_line_when_ctrl_enter_sends(world: World, enter: EnterRoom) -> None:
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
    await expect(alice.dock).to_contain_text("Enter send")
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
    await expect(alice.room_link("loud")).to_contain_text("muted")


async def test_another_session_is_signed_out(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"dora": "Dora Dale"})
    world.seed("room", "there", owner="dora")
    # Sign in twice: windows with the same state would share one session.
    here = await enter("dora", "there")
    world.forget("dora")
    there = await enter("dora", "there")
    page = await settings_of(here)
    others = page.get_by_role("region", name="Sessions").get_by_role("listitem").filter(has_not_text="This one")
    await others.last.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("region", name="Sessions").get_by_role("status")).to_have_text(
        "That session has been signed out."
    )
    await expect(there.session_ended).to_contain_text("Your session ended.")


async def test_an_account_is_deleted_and_says_so_in_the_room(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"gone": "Gone Girl"})
    world.seed("room", "farewell", owner="alice", members=["gone"])
    world.seed("say", "farewell", [["gone", "my last words"]])
    alice, gone = await enter("alice", "farewell"), await enter("gone", "farewell")
    page = await settings_of(gone)
    await page.get_by_role("region", name="Delete account").get_by_label("Your password").fill("correct horse battery")
    await page.get_by_role("button", name="Delete my account").click()
    await expect(page.get_by_role("heading", name="Your account is deleted.")).to_be_visible()
    await expect(alice.system_lines).to_contain_text("Deleted account left the room")
    await alice.open("farewell")
    await expect(alice.row("my last words")).to_contain_text("Deleted account")


async def test_a_photo_is_cut_saved_and_seen_by_others(world: World, enter: EnterRoom) -> None:
    world.seed("room", "portraits", owner="alice", members=["bob"])
    bob = await enter("bob", "portraits")
    page = (await enter("alice", "/settings/")).page
    await page.get_by_label("Photo").set_input_files([picture("me.png", "teal", (900, 600))])
    dialog = page.get_by_role("dialog", name="Choose the part to show")
    await dialog.get_by_role("img").press("ArrowLeft")
    await dialog.get_by_label("Zoom").press("ArrowRight")
    await dialog.get_by_role("button", name="Use photo").click()
    await expect(page.locator("[data-photo] img")).to_be_visible()
    members = bob.page.get_by_role("complementary", name="Members of portraits")
    await expect(members.locator("img")).to_have_attribute("src", re.compile("^/pictures/.{22}/128$"))
    await page.get_by_role("button", name="Remove photo").click()
    await expect(page.locator("[data-photo] img")).to_have_count(0)
    await expect(members.locator("img")).to_have_count(0)
