"""The only owner leaves a room: another member becomes owner, or the room is archived."""

import re

from playwright.async_api import Page, expect

from support.world import World
from tests.browser.conftest import Elsewhere, EnterRoom


async def _leave_by_menu(page: Page) -> None:
    await page.get_by_role("button", name="Room options").click()
    await page.get_by_role("menuitem", name="Leave room").click()


async def test_the_only_owner_chooses_by_keyboard_who_owns_the_room(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("people", {"olga": "Olga Oak", "olga2": "0lga Oak"})
    world.seed("room", "orchard", owner="bob", members=["olga2", "charlie", "olga"])
    bob, olga = await enter("bob", "orchard"), await elsewhere("olga")
    await bob.say("/leave")
    dialog = bob.page.get_by_role("alertdialog", name="Leave #orchard?")
    choice = dialog.get_by_label("New owner")
    await expect(choice).to_be_focused()
    names = ["Choose a member", "0lga Oak @olga2", "Charlie Cole @charlie", "Olga Oak @olga"]
    await expect(choice.get_by_role("option")).to_have_text(names)
    await bob.page.keyboard.press("Enter")
    await expect(dialog).to_be_visible()
    await choice.press_sequentially("Olga")
    await bob.page.keyboard.press("Tab")
    await bob.page.keyboard.press("Tab")
    await bob.page.keyboard.press("Tab")
    await expect(dialog.get_by_role("button", name="Hand over and leave")).to_be_focused()
    await bob.page.keyboard.press("Enter")
    await expect(bob.toasts).to_contain_text("Left #orchard")
    await expect(bob.room_link("orchard")).to_have_count(0)
    people = (await olga.command("users", room="orchard"))["users"]
    assert {one["username"]: one["role"] for one in people}["olga"] == "owner"


async def test_a_chosen_owner_who_has_left_is_refused(world: World, enter: EnterRoom) -> None:
    world.seed("room", "ferry", owner="bob", members=["charlie", "alice"])
    bob = await enter("bob", "ferry")
    await _leave_by_menu(bob.page)
    dialog = bob.page.get_by_role("alertdialog")
    await dialog.get_by_label("New owner").select_option("charlie")
    world.seed("leave", "ferry", "charlie")
    await dialog.get_by_role("button", name="Hand over and leave").click()
    refusal = "Charlie Cole is not in this room any more. Choose somebody else."
    await expect(dialog.get_by_role("alert").filter(has_text=refusal)).to_be_visible()
    await dialog.get_by_label("New owner").select_option("alice")
    await dialog.get_by_role("button", name="Hand over and leave").click()
    await expect(bob.toasts).to_contain_text("Left #ferry")


async def test_on_a_phone_the_only_owner_archives_the_room_instead(world: World, enter: EnterRoom) -> None:
    world.seed("room", "attic", owner="bob", members=["alice"])
    bob = await enter("bob", "attic", viewport={"width": 390, "height": 780}, color_scheme="dark")
    await _leave_by_menu(bob.page)
    dialog = bob.page.get_by_role("alertdialog")
    await dialog.get_by_role("radio", name=re.compile("^Archive it")).check()
    await expect(dialog.get_by_label("New owner")).to_be_disabled()
    assert await bob.page.evaluate("document.documentElement.scrollWidth") == 390
    await dialog.get_by_role("button", name="Archive and leave").click()
    await expect(bob.toasts).to_contain_text("Left #attic")
    alice = await enter("alice", "attic")
    await expect(alice.dock).to_contain_text("archived")


async def test_the_last_member_archives_and_one_of_two_owners_is_not_asked(world: World, enter: EnterRoom) -> None:
    world.seed("room", "lonely", owner="bob")
    world.seed("room", "paired", owner="bob", members=["alice"])
    world.seed("promote", "paired", "alice", "owner")
    bob = await enter("bob", "lonely")
    await bob.say("/leave")
    dialog = bob.page.get_by_role("alertdialog")
    await expect(dialog).to_contain_text("nobody else is in it")
    await expect(dialog.get_by_role("button", name="Archive and leave")).to_be_focused()
    await bob.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await bob.room_link("paired").click()
    await _leave_by_menu(bob.page)
    await expect(bob.toasts).to_contain_text("Left #paired")
    await expect(dialog).to_have_count(0)
