"""Pins: marked in the conversation, listed beside it, in the room's order."""

from playwright.async_api import expect

from support.world import World
from tests.browser.conftest import EnterRoom


async def test_pins_are_listed_for_everybody_and_put_in_order(world: World, enter: EnterRoom) -> None:
    world.seed("room", "board", owner="alice", members=["bob"])
    world.seed("say", "board", [["bob", "The plan"], ["bob", "The budget"]])
    alice, bob = await enter("alice", "board"), await enter("bob", "board")
    await expect(alice.page.get_by_test_id("pins")).to_have_count(0)
    await alice.act("The plan", "Pin to room")
    await expect(bob.row("The plan")).to_contain_text("Pinned by Alice Arden")
    await expect(bob.timeline).to_contain_text("Alice Arden pinned a message")
    await alice.row("The budget").focus()
    await alice.page.keyboard.press("p")
    await expect(bob.page.get_by_test_id("pins")).to_have_text("2")
    await bob.timeline.get_by_role("button", name="See all pins").first.click()
    listed = bob.page.get_by_test_id("pinned-pane").get_by_test_id("result")
    await expect(listed.nth(0)).to_contain_text("The budget")
    await expect(bob.page.get_by_test_id("pinned-pane").get_by_role("button", name="Unpin")).to_have_count(0)
    assert bob.page.url.endswith("?pinned")
    await alice.page.get_by_test_id("pins").click()
    pane = alice.page.get_by_test_id("pinned-pane")
    await pane.get_by_test_id("result").nth(1).focus()
    await alice.page.keyboard.press("Alt+ArrowUp")
    await expect(pane.get_by_test_id("result").nth(0)).to_contain_text("The plan")
    await expect(pane.get_by_test_id("result").nth(0)).to_be_focused()
    await expect(listed.nth(0)).to_contain_text("The plan")
    await pane.get_by_test_id("result").nth(0).hover()
    await pane.get_by_role("button", name="Unpin").nth(0).click()
    await expect(listed).to_have_count(1)
    await expect(bob.row("The plan")).not_to_contain_text("Pinned by")
    await listed.nth(0).click()
    await expect(bob.row("The budget")).to_have_attribute("data-linked", "true")


async def test_members_pin_where_the_settings_of_the_room_say_so(world: World, enter: EnterRoom) -> None:
    world.seed("room", "commons", owner="alice", members=["bob"])
    world.seed("say", "commons", [["alice", "Bring cake"]])
    alice, bob = await enter("alice", "commons?settings=conversation"), await enter("bob", "commons")
    await bob.row("Bring cake").hover()
    await bob.row("Bring cake").get_by_role("button", name="More actions").click()
    await expect(bob.popover).not_to_contain_text("Pin to room")
    await bob.page.keyboard.press("Escape")
    pane = alice.page.get_by_test_id("settings-pane")
    await pane.get_by_label("Who can pin").select_option("everyone")
    await expect(pane.get_by_text("Saved")).to_be_visible()
    await bob.act("Bring cake", "Pin to room")
    await expect(alice.row("Bring cake")).to_contain_text("Pinned by Bob Birch")
