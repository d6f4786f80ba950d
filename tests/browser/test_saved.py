"""Saved messages: visible to oneself only, listed beside the conversation, with reminders."""

from playwright.async_api import Locator, expect

from support.world import Window, World
from tests.browser.conftest import Elsewhere, EnterRoom


def saved_list(window: Window) -> Locator:
    return window.page.get_by_role("list", name="Over all rooms").get_by_role("button", name="Saved")


async def test_a_saved_message_is_marked_on_the_persons_devices_and_listed(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("room", "bookcase", owner="alice", members=["bob"])
    world.seed("say", "bookcase", [["bob", "The recipe"], ["bob", "The weather"]])
    alice, laptop = await enter("alice", "bookcase"), await enter("alice", "bookcase")
    bob = await elsewhere("bob")
    await expect(saved_list(alice)).to_have_count(0)
    await alice.act("The recipe", "Save")
    await expect(alice.toasts.filter(has_text="Saved")).to_be_visible()
    await expect(saved_list(laptop)).to_contain_text("1")
    await saved_list(laptop).click()
    pane = laptop.page.get_by_test_id("saved-pane")
    await expect(pane.get_by_test_id("saved")).to_have_count(1)
    await expect(pane).to_contain_text("The recipe")
    await alice.row("The weather").focus()
    await alice.page.keyboard.press("s")
    await expect(pane.get_by_test_id("saved")).to_have_count(2)
    # Not `check`, which reads the box again afterwards: by then its row is gone.
    await pane.get_by_test_id("saved").filter(has_text="The weather").get_by_role("checkbox").click()
    await expect(pane.get_by_test_id("saved")).to_have_count(1)
    await pane.get_by_role("radio", name="Done").click()
    await expect(pane).to_contain_text("The weather")
    await pane.get_by_role("radio", name="To do").click()
    await pane.get_by_role("button", name="Remind me").click()
    await laptop.popover.get_by_role("menuitem", name="In 1 hour").click()
    await expect(pane).to_contain_text("Reminder:")
    assert [event for event in await bob.rest() if event["type"].startswith("saved")] == []
    await alice.page.reload()
    await expect(saved_list(alice)).to_contain_text("1")
