"""A phone shows one pane at a time, with touch targets within reach of a thumb."""

import re

from playwright.async_api import expect

from support.world import World
from tests.browser.conftest import EnterRoom

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


async def test_a_phone_goes_from_the_room_to_the_list_and_to_another_room(world: World, enter: EnterRoom) -> None:
    world.seed("room", "pocket", owner="alice", members=["bob"], said=3)
    world.seed("room", "purse", owner="alice", members=["bob"], said=2)
    bob = await enter("bob", "pocket", **PHONE)
    await bob.sees("line 3")
    await expect(bob.sidebar).not_to_be_in_viewport()
    await bob.page.get_by_role("button", name=re.compile("^Rooms")).first.tap()
    await expect(bob.sidebar).to_be_in_viewport()
    await bob.page.get_by_role("button", name="Settings").tap()
    await expect(bob.page.get_by_role("menuitem", name="All settings")).to_be_visible()
    # A phone has no keyboard.
    await expect(bob.page.get_by_role("menuitem", name="Keyboard shortcuts")).to_be_hidden()
    await bob.page.keyboard.press("Escape")
    await bob.room_link("purse").tap()
    await expect(bob.title).to_have_text("purse")
    await expect(bob.sidebar).not_to_be_in_viewport()
    await bob.page.go_back()
    await expect(bob.title).to_have_text("pocket")


async def test_a_long_press_opens_the_actions_of_a_message(world: World, enter: EnterRoom) -> None:
    world.seed("room", "thumb", owner="alice", members=["bob"], said=2)
    bob = await enter("bob", "thumb", **PHONE)
    await bob.row("line 2").dispatch_event("touchstart")
    sheet = bob.popover
    await expect(sheet.get_by_role("menuitem", name="Reply", exact=True)).to_be_visible()
    await sheet.get_by_role("button", name="👍").tap()
    reaction = bob.reactions_of("line 2").first
    await expect(reaction).to_have_text("👍1")
    # A long press on a reaction shows who reacted, and does not remove it.
    await reaction.dispatch_event("touchstart")
    await expect(sheet).to_contain_text("You")
    await reaction.dispatch_event("click")
    await expect(reaction).to_have_text("👍1")
    await bob.page.keyboard.press("Escape")
    await bob.composer.fill("loud")
    await bob.composer.select_text()
    await bob.page.get_by_role("button", name="Add to the message").tap()
    await sheet.get_by_role("menuitem", name="Bold").tap()
    await expect(bob.composer).to_have_value("**loud**")
    await bob.page.get_by_role("button", name="Add to the message").tap()
    await sheet.get_by_role("menuitem", name="Insert emoji").tap()
    await expect(sheet.get_by_role("dialog", name="Pick an emoji")).to_be_visible()


async def test_nothing_scrolls_sideways(world: World, enter: EnterRoom) -> None:
    world.seed("room", "narrow", owner="alice", members=["bob"])
    long = "W" * 300
    world.seed(
        "say", "narrow", [("alice", long), ("alice", f"```\n{long}\n```"), ("alice", f"https://x.example/{long}")]
    )
    for width in (320, 390, 768):
        bob = await enter("bob", "narrow", viewport={"width": width, "height": 700})
        await expect(bob.rows).to_have_count(3)
        too_wide = await bob.page.evaluate(
            """() => [...document.querySelectorAll("html, body, body > *, main, [role=log]")]
                 .filter((element) => element.scrollWidth > element.clientWidth).length"""
        )
        assert too_wide == 0, width


async def test_the_members_are_a_drawer(world: World, enter: EnterRoom) -> None:
    world.seed("room", "drawer", owner="alice", members=["bob"])
    bob = await enter("bob", "drawer", **PHONE)
    await expect(bob.member_list).to_have_count(0)
    await bob.page.get_by_role("button", name=re.compile("2 members")).tap()
    await expect(bob.member_list).to_be_in_viewport()
    await bob.page.get_by_role("button", name="Close member list").tap()
    await expect(bob.member_list).to_have_count(0)


async def test_what_can_be_added_and_a_voice_note_stand_beside_the_text(world: World, enter: EnterRoom) -> None:
    world.seed("room", "pouch", owner="alice", members=["bob"])
    bob = await enter("bob", "pouch", **PHONE)
    await bob.dock.get_by_role("button", name="Record a voice note").click(trial=True)
    await bob.dock.get_by_role("button", name="Add to the message").tap()
    await expect(bob.page.get_by_role("menuitem", name="Attach files")).to_be_visible()
