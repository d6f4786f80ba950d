"""Mentions and reactions in one list, marking all rooms read, and jumping to a date."""

from playwright.async_api import expect

from support.world import World
from tests.browser.conftest import Elsewhere, EnterRoom


async def test_what_names_a_person_and_the_reactions_to_them_are_listed(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    # Not Bob: in other tests he is named, and others react to him.
    world.seed("people", {"ivo": "Ivo Inn"})
    world.seed("room", "named-here", owner="alice", members=["ivo"])
    alice, ivo = await elsewhere("alice"), await enter("ivo", "named-here")
    await alice.say("named-here", "@ivo, tea?")
    await expect(ivo.row("tea?")).to_be_visible()
    await ivo.page.keyboard.press("Control+Shift+m")
    pane = ivo.page.get_by_test_id("inbox-pane")
    await expect(pane.get_by_test_id("result").first).to_contain_text("tea?")
    await alice.say("named-here", "@ivo, or cake?")
    await expect(pane.get_by_test_id("result").first).to_contain_text("or cake?")
    await ivo.page.reload()
    await expect(pane.get_by_test_id("result").first).to_contain_text("or cake?")
    await pane.get_by_role("radio", name="Reactions").click()
    await expect(pane).to_contain_text("Reactions to your messages appear here.")
    await ivo.page.keyboard.press("Control+Shift+m")
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
