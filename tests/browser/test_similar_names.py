"""Two people with similar names are displayed with their usernames everywhere."""

import re

from playwright.async_api import expect

from support.world import World
from tests.browser.conftest import EnterRoom

REAL, FALSE = "Mira Moss", "Мirа Мoss"


async def test_people_with_similar_names_are_shown_with_their_username(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"mira": REAL, "trick": FALSE, "kaspar": "Kaspar Kern"})
    world.seed("room", "moor", owner="kaspar", members=["trick"])
    kaspar = await enter("kaspar", "moor")
    page = kaspar.page
    await kaspar.member("@trick").click()
    await expect(page.get_by_role("menu", name=f"{FALSE} @trick")).to_be_visible()
    await page.get_by_role("menuitem", name="Message").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading")).to_have_text(f"Message {FALSE} @trick")
    await dialog.get_by_label(f"Message to {FALSE} @trick").fill("Are you the one?")
    await dialog.get_by_role("button", name="Send message").click()
    await kaspar.has_sent("Are you the one?")
    await expect(page).to_have_title(f"{FALSE} @trick · Backchannel")
    await expect(kaspar.composer).to_have_attribute("placeholder", f"Message {FALSE} @trick")
    await expect(kaspar.timeline).to_contain_text(f"your conversation with {FALSE} @trick")
    await expect(page.get_by_role("log")).to_have_attribute("aria-label", f"Messages in {FALSE} @trick")

    await kaspar.composer.fill("half a thought")
    await kaspar.room_link("moor").click()
    await page.keyboard.press("Control+k")
    await page.get_by_label("Room or person").fill(FALSE)
    await expect(page.get_by_role("option").filter(has_text=FALSE).first).to_contain_text("@trick · draft")
    await page.keyboard.press("Escape")
    await expect(kaspar.dialog).to_have_count(0)

    await kaspar.composer.press_sequentially("@tri")
    offered = kaspar.suggestions.get_by_role("option")
    await expect(offered.filter(has_text=FALSE)).to_contain_text("@trick")
    await kaspar.composer.fill("")
    await page.get_by_role("button", name="Room options").click()
    await page.get_by_role("menuitem", name="Add people").click()
    await page.get_by_label("Find a person").fill("mira")
    await page.get_by_role("dialog").get_by_role("button", name=re.compile("@mira$")).click()
    await expect(kaspar.toasts).to_contain_text(f"Added {REAL} @mira to #moor")
    await expect(kaspar.system_lines).to_contain_text(f"Kaspar Kern added {REAL} @mira to the room")
