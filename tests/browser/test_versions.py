"""Earlier texts of an edited message, with the changes."""

from playwright.async_api import expect

from support.world import World
from tests.browser.conftest import Elsewhere, EnterRoom


async def test_the_author_reads_what_a_message_said_and_a_member_where_the_room_lets_them(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("room", "minutes", owner="alice", members=["bob"])
    world.seed("say", "minutes", [["alice", "See you at ten"]])
    author = await elsewhere("alice")
    for text in ("See you at nine", "See you at nine sharp"):
        await author.do("edit_message", room="minutes", seq=1, message=text)
    alice, bob = await enter("alice", "minutes?settings=conversation"), await enter("bob", "minutes")
    await bob.sees("nine sharp")
    dialog, other = alice.page.get_by_role("dialog"), bob.page.get_by_role("dialog")
    await alice.row("nine sharp").get_by_role("button", name="(edited)").click()
    texts = dialog.locator("section")
    await expect(texts).to_have_count(3)
    await expect(texts.nth(0)).to_contain_text("Now")
    await expect(texts.nth(0).locator("ins")).to_have_text(" sharp")
    await expect(texts.nth(1).locator("del")).to_have_text("ten")
    await expect(texts.nth(1).locator("ins")).to_have_text("nine")
    await expect(texts.nth(2)).to_contain_text("See you at ten")
    await dialog.get_by_role("button", name="Close").click()
    await expect(dialog).to_have_count(0)
    await bob.row("nine sharp").get_by_role("button", name="(edited)").click()
    await expect(other).to_contain_text("Only the author and moderators may read earlier texts.")
    await expect(other).not_to_contain_text("ten")
    await bob.page.keyboard.press("Escape")
    pane = alice.page.get_by_test_id("settings-pane")
    await pane.get_by_label("Earlier texts of edited messages").select_option("For all members")
    await bob.act("nine sharp", "Earlier texts")
    await expect(other.locator("section")).to_have_count(3)
