"""Owners set their rooms up beside the conversation; people report, block and say how they are."""

from playwright.async_api import expect

from support.world import World
from tests.browser.conftest import EnterRoom


async def test_an_owner_sets_up_a_room_and_a_member_is_shown_what_changed(world: World, enter: EnterRoom) -> None:
    world.seed("room", "news", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "news"), await enter("bob", "news")
    await alice.page.get_by_role("button", name="Room options").click()
    await alice.page.get_by_role("menuitem", name="Room settings").click()
    pane = alice.page.get_by_test_id("settings-pane")
    await pane.get_by_label("Name", exact=True).fill("Büro-News")
    await pane.get_by_label("Name", exact=True).blur()
    await expect(pane.get_by_text("Saved")).to_be_visible()
    await expect(bob.title).to_have_text("Büro-News")
    await pane.get_by_role("button", name="Conversation").click()
    await pane.get_by_label("Who can write").select_option("moderators")
    await expect(bob.dock).to_contain_text("Only moderators write in this room.")
    await pane.get_by_role("button", name="People").click()
    await pane.get_by_label("Role of Bob Birch").select_option("moderator")
    await expect(bob.composer).to_be_visible()
    await pane.get_by_role("button", name="Log").click()
    await expect(pane).to_contain_text("Alice Arden changed the role of Bob Birch")
    await alice.page.keyboard.press("Escape")
    await expect(pane).to_be_hidden()


async def test_a_report_reaches_the_owner_who_ends_it(world: World, enter: EnterRoom) -> None:
    # Not Bob: in the other tests he reads what Alice writes.
    world.seed("people", {"rosa": "Rosa Rowan"})
    world.seed("room", "court", owner="alice", members=["rosa"])
    alice, rosa = await enter("alice", "court"), await enter("rosa", "court")
    await alice.say("That was rude")
    await rosa.act("That was rude", "Report")
    await rosa.dialog.get_by_label("Harassment").check()
    await rosa.dialog.get_by_label("Also block").check()
    await rosa.dialog.get_by_role("button", name="Send report").click()
    await expect(rosa.toasts.filter(has_text="Thank you.")).to_be_visible()
    await expect(rosa.timeline).to_contain_text("Message from somebody you blocked.")
    await alice.page.goto(f"{alice.page.url}?settings=reports")
    pane = alice.page.get_by_test_id("settings-pane")
    await expect(pane).to_contain_text("Reported by Rosa Rowan: Harassment")
    await pane.get_by_role("button", name="Dismiss").click()
    await expect(pane.get_by_test_id("no-records")).to_be_visible()


async def test_a_status_is_shown_to_those_who_share_the_room(world: World, enter: EnterRoom) -> None:
    alice, bob = await enter("alice", "base"), await enter("bob", "base")
    await bob.page.get_by_role("button", name="Settings").click()
    await bob.popover.get_by_role("menuitem", name="Set a status").click()
    await bob.dialog.get_by_role("button", name="Lunch").click()
    await bob.dialog.get_by_role("button", name="Save").click()
    await expect(alice.member("Bob Birch")).to_contain_text("🍽️")
