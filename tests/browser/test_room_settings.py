"""Owners set up their rooms beside the conversation; people report, block and set a status."""

import re

from playwright.async_api import expect

from support.world import World
from tests.browser.conftest import Elsewhere, EnterRoom


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


async def test_an_owner_says_who_mentions_everybody_who_adds_people_and_who_finds_the_room(
    world: World, enter: EnterRoom
) -> None:
    # Not Bob: other tests give him roles.
    world.seed("people", {"otto": "Otto Ohm"})
    world.seed("room", "crew", owner="alice", members=["otto"])
    alice, otto = await enter("alice", "crew?settings=conversation"), await enter("otto", "crew")
    options = otto.page.get_by_role("button", name="Room options")
    adds = otto.page.get_by_role("menuitem", name="Add people")
    await options.click()
    await expect(adds).to_be_visible()
    await expect(otto.page.get_by_role("menuitem", name="Export this room")).to_have_count(0)
    await otto.page.keyboard.press("Escape")
    await otto.composer.press_sequentially("@roo")
    await expect(otto.page.get_by_role("option", name="@room")).to_have_count(0)
    await otto.composer.fill("")
    pane = alice.page.get_by_test_id("settings-pane")
    await pane.get_by_label("Who can mention everybody").select_option("everyone")
    await expect(pane.get_by_label("Who can mention everybody")).to_have_value("everyone")
    await pane.get_by_label("Who can add people").select_option("moderators")
    await expect(pane.get_by_label("Who can add people")).to_have_value("moderators")
    await otto.composer.press_sequentially("@roo")
    await expect(otto.page.get_by_role("option", name="@room")).to_be_visible()
    await otto.page.keyboard.press("Escape")
    await options.click()
    await expect(otto.page.get_by_role("menuitem", name="Copy link")).to_be_visible()
    await expect(adds).to_have_count(0)
    await otto.page.keyboard.press("Escape")
    # Nothing is deleted or made public before the confirmation.
    await pane.get_by_label("Keep messages").select_option("30")
    await alice.dialog.get_by_role("button", name="Cancel").click()
    await expect(pane.get_by_label("Keep messages")).to_have_value("0")
    await pane.get_by_role("button", name="About").click()
    kind = pane.get_by_label("Who can find it")
    await kind.select_option("private")
    await expect(kind).to_have_value("private")
    await expect(otto.timeline).to_contain_text("Alice Arden made the room private")
    await kind.select_option("public")
    await alice.page.get_by_role("alertdialog").get_by_role("button", name="Make it public").click()
    await expect(otto.timeline).to_contain_text("Alice Arden made the room public")


async def test_an_archived_room_is_found_and_brought_back_by_its_owner(world: World, enter: EnterRoom) -> None:
    world.seed("room", "shed", owner="alice", members=["bob"])
    alice = await enter("alice", "shed?settings=about")
    pane = alice.page.get_by_test_id("settings-pane")
    await pane.get_by_role("button", name="Archive room").click()
    await alice.page.get_by_role("alertdialog").get_by_role("button", name="Archive room").click()
    await expect(alice.dock).to_contain_text("was archived")
    await alice.page.get_by_role("button", name="Browse rooms").first.click()
    await alice.dialog.get_by_role("radio", name="Archived").click()
    await alice.dialog.get_by_role("button", name="Bring shed back").click()
    await expect(alice.composer).to_be_editable()
    await expect(alice.dialog).to_have_count(0)


async def test_a_moderator_chooses_for_how_long_somebody_is_banned(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("people", {"sven": "Sven Sund"})
    world.seed("room", "pub", owner="alice", members=["sven"])
    alice, sven = await enter("alice", "pub"), await elsewhere("sven")
    await alice.member("Sven Sund").first.click()
    await alice.page.get_by_role("menuitem", name="Ban").click()
    question = alice.page.get_by_role("alertdialog")
    await expect(question).to_contain_text("until a moderator lifts the ban")
    await question.get_by_label("How long").select_option("1 day")
    await expect(question).to_contain_text("cannot rejoin for 1 day")
    await question.get_by_label("Reason").fill("noise")
    await question.get_by_role("button", name="Ban Sven Sund").click()
    await sven.hears("left_room", room="pub", reason="banned", why="noise")
    await alice.page.goto(f"{alice.page.url}?settings=bans")
    pane = alice.page.get_by_test_id("settings-pane")
    await expect(pane).to_contain_text("Sven Sund")
    await expect(pane).to_contain_text("until ")
    await pane.get_by_role("button", name="Lift ban").click()
    await expect(pane.get_by_test_id("no-records")).to_be_visible()


async def test_a_report_reaches_the_owner_who_ends_it(world: World, enter: EnterRoom) -> None:
    # Not Bob: in other tests he reads what Alice writes.
    world.seed("people", {"rosa": "Rosa Rowan"})
    world.seed("room", "court", owner="alice", members=["rosa"])
    world.seed("say", "court", [["alice", "That was rude"]])
    rosa = await enter("rosa", "court")
    await rosa.act("That was rude", "Report")
    await rosa.dialog.get_by_label("Harassment").check()
    await rosa.dialog.get_by_label("Also block").check()
    await rosa.dialog.get_by_role("button", name="Send report").click()
    await expect(rosa.toasts.filter(has_text="Thank you.")).to_be_visible()
    await expect(rosa.timeline).to_contain_text("Message from somebody you blocked.")
    alice = await enter("alice", "court?settings=reports")
    pane = alice.page.get_by_test_id("settings-pane")
    await expect(pane).to_contain_text("Reported by Rosa Rowan: Harassment")
    await pane.get_by_role("button", name="Dismiss").click()
    await expect(pane.get_by_test_id("no-records")).to_be_visible()


async def test_a_ban_by_a_report_is_asked_for_first(world: World, enter: EnterRoom, elsewhere: Elsewhere) -> None:
    world.seed("people", {"rolf": "Rolf Rust", "rita": "Rita Rain"})
    world.seed("room", "forum", owner="alice", members=["rolf", "rita"])
    world.seed("say", "forum", [["rolf", "That was rude"]])
    async with world.elsewhere("rita") as rita:
        await rita.do("report", room="forum", seq=1, reason="Harassment")
    alice, rolf = await enter("alice", "forum?settings=reports"), await elsewhere("rolf")
    pane, question = alice.page.get_by_test_id("settings-pane"), alice.page.get_by_role("alertdialog")
    await pane.get_by_role("button", name="Ban", exact=True).click()
    await question.get_by_role("button", name="Cancel").click()
    await expect(question).to_have_count(0)
    await expect(pane).to_contain_text("That was rude")
    await pane.get_by_role("button", name="Ban", exact=True).click()
    await expect(question.get_by_label("Reason")).to_have_value("Harassment")
    await question.get_by_role("button", name="Ban Rolf Rust").click()
    await rolf.hears("left_room", room="forum", reason="banned", why="Harassment")
    await expect(pane.get_by_test_id("no-records")).to_be_visible()


async def test_a_status_is_shown_to_those_who_share_the_room(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("people", {"stan": "Stan Stone", "suse": "Suse Sand"})
    world.seed("room", "canteen", owner="stan", members=["suse"])
    stan, suse = await enter("stan", "canteen"), await elsewhere("suse")
    await stan.page.get_by_role("button", name="Settings").click()
    await stan.popover.get_by_role("menuitem", name="Set a status").click()
    await stan.dialog.get_by_role("button", name="Lunch").click()
    await stan.dialog.get_by_role("button", name="Save").click()
    await expect(stan.member("Stan Stone")).to_contain_text("🍽️")
    assert (await suse.hears("person"))["status"]["emoji"] == "🍽️"
    await suse.do("status", emoji="🌴")
    await expect(stan.member("Suse Sand")).to_contain_text("🌴")

    # Who changes the words keeps the end.
    async with world.elsewhere("stan") as phone:
        await phone.do("status", emoji="🌴", until="2030-01-02T12:00:00+00:00")
    await stan.page.get_by_role("button", name="Settings").click()
    await stan.popover.get_by_role("menuitem", name="Set a status").click()
    await stan.dialog.get_by_role("textbox", name="Status").fill("Skiing")
    await stan.dialog.get_by_role("button", name="Save").click()
    while (status := (await suse.next("person"))["status"])["text"] != "Skiing":
        pass
    assert status["until"].startswith("2030-01-02T12:00")


async def test_an_owner_changes_the_address_and_links_of_before_lead_there(world: World, enter: EnterRoom) -> None:
    world.seed("room", "dock", owner="alice", members=["bob"])
    world.seed("room", "wharf", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "dock?settings=about"), await enter("bob", "dock")
    pane = alice.page.get_by_test_id("settings-pane")
    address = pane.get_by_label("Address")
    await expect(address).to_have_value("dock")
    await address.fill("Pier 7")
    await address.blur()
    await expect(pane.get_by_text("Saved")).to_be_visible()
    await expect(address).to_have_value("pier-7")
    # People in the room stay there; the next visit uses the new address, and so does Back.
    link = bob.page.get_by_test_id("room-link").filter(has_text="Dock")
    await expect(link).to_have_attribute("href", "/rooms/pier-7/")
    await bob.composer.fill("still in the same room")
    await bob.composer.press("Enter")
    await expect(alice.timeline).to_contain_text("still in the same room")
    await bob.page.get_by_test_id("room-link").filter(has_text="Wharf").click()
    await expect(bob.title).to_have_text("wharf")
    await link.click()
    await expect(bob.page).to_have_url(re.compile(r"/rooms/pier-7/$"))
    await expect(bob.timeline).to_contain_text("still in the same room")
    await bob.page.go_back()
    await expect(bob.title).to_have_text("wharf")
    await bob.page.go_forward()
    await expect(bob.title).to_have_text("dock")
    await bob.page.goto(bob.page.url.replace("pier-7", "dock") + "?pinned")
    await expect(bob.page).to_have_url(re.compile(r"/rooms/pier-7/\?pinned$"))
    # An address of another room is refused, and the field returns to the saved one.
    await address.fill("wharf")
    await address.blur()
    await expect(alice.toasts).to_contain_text("Another room has or had that address")
    await expect(address).to_have_value("pier-7")


async def test_an_emoji_stands_for_a_room_without_a_picture(world: World, enter: EnterRoom) -> None:
    world.seed("room", "sails", owner="alice", members=["bob"])
    alice = await enter("alice", "sails?settings=about")
    pane = alice.page.get_by_test_id("settings-pane")
    await pane.get_by_role("button", name="Choose an emoji").click()
    await alice.page.get_by_label("Search emoji").fill("sailboat")
    await alice.page.get_by_role("gridcell").first.get_by_role("button").click()
    link = alice.page.get_by_test_id("room-link").filter(has_text="Sails")
    await expect(link).to_contain_text("⛵")
    await expect(alice.title).to_contain_text("⛵")
    await pane.get_by_role("button", name="Remove emoji").click()
    await expect(link).not_to_contain_text("⛵")


async def test_roles_of_a_large_room_are_found_by_names(world: World, enter: EnterRoom) -> None:
    world.seed("people", {f"rower{n}": f"Rower {n}" for n in range(12)})
    world.seed("room", "regatta", owner="alice", members=[f"rower{n}" for n in range(12)])
    alice = await enter("alice", "regatta?settings=people")
    pane = alice.page.get_by_test_id("settings-pane")
    await expect(pane.get_by_role("combobox")).to_have_count(13)
    await pane.get_by_label("Filter members").fill("rower 11")
    await expect(pane.get_by_role("combobox")).to_have_count(1)
    await pane.get_by_label("Role of Rower 11").select_option("moderator")
    await expect(pane.get_by_label("Role of Rower 11")).to_have_value("moderator")
    await pane.get_by_role("button", name="Add people").click()
    await expect(alice.page.get_by_label("Find a person")).to_be_focused()
