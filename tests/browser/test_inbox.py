"""Mentions and reactions in one list, marking all rooms read, and jumping to a date."""

from playwright.async_api import expect

from support.world import World
from tests.browser.conftest import Elsewhere, EnterRoom


async def test_what_names_bob_and_the_reactions_to_alice_are_listed(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("room", "named-here", owner="alice", members=["bob"])
    alice, bob = await elsewhere("alice"), await enter("bob", "named-here")
    await alice.say("named-here", "@bob, tea?")
    await expect(bob.row("tea?")).to_be_visible()
    await bob.page.keyboard.press("Control+Shift+m")
    pane = bob.page.get_by_test_id("inbox-pane")
    await expect(pane.get_by_test_id("result").first).to_contain_text("tea?")
    await alice.say("named-here", "@bob, or cake?")
    await expect(pane.get_by_test_id("result").first).to_contain_text("or cake?")
    await bob.page.reload()
    await expect(pane.get_by_test_id("result").first).to_contain_text("or cake?")
    await pane.get_by_role("radio", name="Reactions").click()
    await expect(pane).to_contain_text("Reactions to your messages appear here.")
    await bob.page.keyboard.press("Control+Shift+m")
    await expect(pane).to_have_count(0)


async def test_a_day_label_leads_to_a_date(world: World, enter: EnterRoom) -> None:
    world.seed("room", "long-ago", owner="alice")
    alice = await enter("alice", "long-ago")
    await alice.say("First of all")
    await alice.page.get_by_role("button", name="Today").click()
    dialog = alice.page.get_by_role("dialog")
    await dialog.get_by_label("Day").fill("2020-01-01")
    await dialog.get_by_role("button", name="Jump").click()
    await expect(dialog).to_have_count(0)
    await expect(alice.row("First of all")).to_be_visible()
