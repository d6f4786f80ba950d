"""Forwarding a message with a file to another room, from the menu and by key."""

from playwright.async_api import expect

from support.world import World
from tests.browser.conftest import EnterRoom
from tests.browser.test_files import attach, picture


async def test_a_message_with_a_picture_is_forwarded_with_a_comment(world: World, enter: EnterRoom) -> None:
    world.seed("room", "atelier", owner="alice")
    world.seed("room", "loggia", owner="bob", members=["alice"])
    alice = await enter("alice", "atelier")
    await attach(alice, picture("frame.png"))
    await expect(alice.attached.nth(0)).to_have_attribute("data-state", "done")
    await alice.say("The new frame")
    await alice.has_sent("The new frame")
    await alice.act("The new frame", "Forward")
    dialog = alice.page.get_by_role("dialog")
    await expect(dialog.get_by_role("img")).to_have_count(1)
    await dialog.get_by_label("To", exact=True).fill("loggi")
    await expect(dialog.get_by_test_id("forward-places").get_by_role("radio")).to_have_count(1)
    await dialog.get_by_label("Loggia").check()
    await dialog.get_by_label("Comment").fill("What do you think?")
    await dialog.get_by_role("button", name="Forward").click()
    await expect(dialog).to_have_count(0)
    await alice.page.get_by_role("button", name="Open").click()
    row = alice.row("What do you think?")
    await expect(row.get_by_test_id("forwarded")).to_contain_text("Forwarded from Alice Arden")
    await expect(row.get_by_test_id("forwarded")).to_contain_text("The new frame")
    await expect(row.get_by_test_id("picture")).to_have_count(1)
    await row.hover()
    await row.get_by_role("button", name="More actions").click()
    await expect(alice.popover).to_contain_text("Forward")
    await expect(alice.popover).not_to_contain_text("Edit")


async def test_the_key_f_forwards_the_selected_message(world: World, enter: EnterRoom) -> None:
    world.seed("room", "porch", owner="alice")
    world.seed("say", "porch", [["alice", "Come in"]])
    alice = await enter("alice", "porch")
    await alice.row("Come in").focus()
    await alice.page.keyboard.press("f")
    await expect(alice.page.get_by_role("dialog").get_by_label("To", exact=True)).to_be_focused()
    await alice.page.keyboard.press("Escape")
    await expect(alice.row("Come in")).to_be_focused()
