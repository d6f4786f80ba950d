"""Making rooms, finding them, and talking to one person alone."""

import re

from playwright.async_api import expect

from support.world import World
from tests.browser.conftest import EnterRoom


async def test_a_room_is_made_and_somebody_else_finds_and_joins_it(world: World, enter: EnterRoom) -> None:
    alice, bob = await enter("alice", "base"), await enter("bob", "base")
    await alice.page.get_by_role("button", name="Create room").click()
    name = alice.page.get_by_label("Name")
    await name.press_sequentially("Böok Club")
    await expect(name).to_have_value("Böok Club")
    await expect(alice.page.get_by_label("Address")).to_have_value("book-club")
    await alice.page.get_by_label("Topic").fill("Two chapters a week")
    await alice.page.get_by_role("dialog").get_by_role("button", name="Create room").click()
    await expect(alice.page).to_have_url(re.compile("/rooms/book-club/$"))
    await alice.say("Anybody here?")
    await alice.has_sent("Anybody here?")

    await bob.page.get_by_role("button", name="Browse rooms").click()
    await bob.page.get_by_label("Filter rooms").fill("club")
    await expect(bob.page.get_by_role("dialog")).to_contain_text("1 member. Two chapters a week")
    await bob.page.get_by_role("button", name="Join book-club").click()
    await bob.sees("Anybody here?")
    await expect(alice.page.locator(".log .sys")).to_contain_text("Bob Birch joined the room")
    await expect(alice.page.locator("#members h3").first).to_have_text("Online, 2")
    await bob.say("Me!")
    await alice.sees("Me!")


async def test_a_room_has_a_name_in_any_script_and_an_address_one_may_choose(world: World, enter: EnterRoom) -> None:
    alice = await enter("alice", "base")
    for name, address, made in (("日本語", "", "ribenyu"), ("Größe", "", "grosse"), ("Tee & mehr", "tee", "tee")):
        await alice.page.get_by_role("button", name="Create room").click()
        await alice.page.get_by_label("Name").fill(name)
        if address:
            await alice.page.get_by_label("Address").fill(address)
        await alice.page.get_by_role("dialog").get_by_role("button", name="Create room").click()
        await expect(alice.page).to_have_url(re.compile(f"/rooms/{made}/$"))
        await expect(alice.page.locator("header.head h1")).to_have_text(name)


async def test_a_name_that_is_taken_is_told_beside_the_field(world: World, enter: EnterRoom) -> None:
    world.seed("room", "taken", owner="bob")
    alice = await enter("alice", "base")
    await alice.page.get_by_role("button", name="Create room").click()
    await alice.page.get_by_label("Name").fill("taken")
    error = alice.page.get_by_role("dialog").get_by_text("A room called taken already exists.")
    await expect(error).to_be_visible()
    await expect(alice.page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    await expect(alice.page.get_by_role("dialog").get_by_role("button", name="Create room")).to_be_disabled()


async def test_a_public_room_can_be_looked_at_before_joining(world: World, enter: EnterRoom) -> None:
    world.seed("room", "window", owner="alice", said=3)
    bob = await enter("bob", "window")
    await bob.sees("line 3")
    await expect(bob.page.locator("#composer")).to_contain_text("You are previewing #window.")
    await bob.page.get_by_role("button", name="Join", exact=True).click()
    await expect(bob.composer).to_be_visible()
    await bob.say("I am in")
    await bob.has_sent("I am in")


async def test_who_is_alone_in_a_room_is_told_how_others_get_there(world: World, enter: EnterRoom) -> None:
    world.seed("room", "meadow", owner="alice")
    # Who is in no room yet would land in this one.
    world.seed("room", "yard", owner="bob")
    alice = await enter("alice", "meadow")
    await expect(alice.page.get_by_text("Anyone who opens the link can create an account and join.")).to_be_visible()
    await alice.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await alice.page.get_by_role("button", name="Copy link").click()
    link = await alice.page.evaluate("navigator.clipboard.readText()")
    assert link == f"{world.server.url}/rooms/meadow/"

    bob = await enter("bob", "meadow")
    await bob.page.get_by_role("button", name="Join", exact=True).click()
    await expect(alice.page.locator(".log .sys")).to_contain_text("Bob Birch joined the room")
    await expect(alice.page.get_by_text("Nobody else is here yet.")).to_have_count(0)
    await alice.say("There you are")
    await expect(alice.page.locator(".empty")).to_have_count(0)


async def test_a_private_room_of_others_is_not_there(world: World, enter: EnterRoom) -> None:
    world.seed("room", "vault", owner="alice", kind="private")
    bob = await enter("bob", "base")
    response = await bob.page.goto(f"{world.server.url}/rooms/vault/")
    absent = await bob.page.request.get(f"{world.server.url}/rooms/no-such-room/")
    assert response is not None
    assert response.status == absent.status == 404
    assert await response.text() == await absent.text()
    await expect(bob.page.get_by_role("heading")).to_have_text("Page not found")
    bob.errors.clear()


async def test_two_people_talk_alone(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"fay": "Fay Fern", "gil": "Gil Gorse"})
    world.seed("room", "hall", owner="fay", members=["gil"])
    fay, gil = await enter("fay", "hall"), await enter("gil", "hall")
    await fay.page.get_by_role("button", name="New message").click()
    await fay.page.get_by_label("Find a person").fill("gil")
    await fay.page.get_by_role("dialog").get_by_role("button", name="Gil Gorse").click()
    await fay.page.get_by_label("Message to Gil Gorse").fill("Just between us")
    await fay.page.get_by_role("button", name="Send message").last.click()
    await fay.has_sent("Just between us")
    entry = gil.page.locator("#sidebar a.room").filter(has_text="Fay Fern")
    await expect(entry.locator(".badge.at")).to_have_text("1")
    await entry.click()
    await gil.sees("Just between us")
    await gil.say("Nobody else reads this")
    await fay.sees("Nobody else reads this")
    await expect(fay.page.locator(".head h1")).to_contain_text("Gil Gorse")


async def test_who_is_removed_is_told_and_sees_nothing_more(world: World, enter: EnterRoom) -> None:
    world.seed("room", "door", owner="alice", members=["bob"], said=1)
    alice, bob = await enter("alice", "door"), await enter("bob", "door")
    await alice.page.locator("#members .member").filter(has_text="Bob Birch").click()
    await alice.page.get_by_role("menuitem", name="Remove").click()
    await alice.page.get_by_label("Reason").fill("Off topic")
    await alice.page.get_by_role("button", name="Remove Bob Birch").click()
    await expect(bob.page.locator("#composer")).to_contain_text("You were removed from #door.")
    await expect(bob.page.locator('#sidebar a[href="/rooms/door/"]')).to_have_count(0)
    await alice.say("Now we can talk")
    await alice.has_sent("Now we can talk")
    await expect(alice.page.locator(".log .sys")).to_contain_text("Alice Arden removed Bob Birch from the room")
    await bob.sees("Now we can talk", times=0)


async def test_who_is_banned_reads_why_and_until_when_and_nothing_else(world: World, enter: EnterRoom) -> None:
    world.seed("room", "gate", owner="alice", members=["bob"], said=1, kind="public")
    alice, bob = await enter("alice", "gate"), await enter("bob", "gate")
    await alice.say("/ban @bob 30 too loud")
    await expect(alice.page.locator("dialog")).to_contain_text("cannot rejoin for 30 minutes")
    await expect(alice.page.get_by_label("Reason")).to_have_value("too loud")
    await alice.page.get_by_role("button", name="Ban Bob Birch").click()
    bar = bob.page.locator("#composer .banner")
    await expect(bar).to_contain_text("You were banned from #gate until")
    await expect(bar).to_contain_text("Reason: too loud")
    await expect(bob.page.get_by_role("button", name="Retry")).to_have_count(0)


async def test_whom_a_message_names_outside_the_room_its_writer_may_add(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"kit": "Kit Kay"})
    world.seed("room", "inner", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "inner"), await enter("bob", "inner")
    await alice.say("ask @kit and @bob now")
    line = alice.page.locator("#composer .composer-context")
    await expect(line).to_contain_text("@kit is not in this room and was not notified.")
    await expect(bob.page.locator("#composer .composer-context")).to_have_count(0)
    await line.get_by_role("button", name="Add").click()
    await expect(bob.page.locator(".log .sys")).to_contain_text("Alice Arden added Kit Kay to the room")
    await expect(line).to_have_count(0)


async def test_a_room_says_what_it_notifies_of_apart_from_being_muted(world: World, enter: EnterRoom) -> None:
    world.seed("room", "levels-of-one", owner="bob")
    bob = await enter("bob", "levels-of-one")
    await bob.page.get_by_role("button", name="Room options").click()
    await bob.page.get_by_role("menuitem", name="Notifications Default (Mentions)").click()
    dialog = bob.page.get_by_role("dialog")
    await expect(dialog.get_by_role("radio", name="Default (Mentions)")).to_be_checked()
    await dialog.get_by_role("radio", name="All").check()
    await dialog.get_by_role("button", name="Close").click()
    await bob.page.get_by_role("button", name="Room options").click()
    await expect(bob.page.get_by_role("menuitem", name="Notifications All")).to_be_visible()


async def test_a_room_is_muted_and_left(world: World, enter: EnterRoom) -> None:
    world.seed("room", "noise", owner="alice", members=["bob"])
    world.seed("room", "quiet", owner="bob")
    bob = await enter("bob", "noise")
    await bob.page.get_by_role("button", name="Mute room", exact=True).click()
    await expect(bob.page.locator('#sidebar a[href="/rooms/noise/"]')).to_contain_text("muted")
    await bob.page.get_by_role("button", name="Room options").click()
    await bob.page.get_by_role("menuitem", name="Leave room").click()
    await expect(bob.page.locator('#sidebar a[href="/rooms/noise/"]')).to_have_count(0)
    await expect(bob.page.locator(".toast")).to_contain_text("Left #noise")


async def test_staff_tell_everybody(world: World, enter: EnterRoom) -> None:
    world.seed("room", "speakers", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "speakers"), await enter("bob", "speakers")
    await alice.say("/broadcast The server restarts at noon")
    bar = bob.page.locator(".over .banner").filter(has_text="The server restarts at noon")
    await expect(bar).to_contain_text("Alice Arden to everyone")
    await bar.get_by_role("button", name="Dismiss").click()
    await expect(bar).to_have_count(0)


async def test_a_command_that_does_not_exist_keeps_what_was_typed(world: World, enter: EnterRoom) -> None:
    world.seed("room", "commands", owner="alice")
    alice = await enter("alice", "commands")
    await alice.say("/teleport home")
    await expect(alice.page.locator("#composer").get_by_text("Unknown command /teleport")).to_be_visible()
    await expect(alice.composer).to_have_value("/teleport home")
    await alice.say("//teleport home")
    await alice.has_sent("/teleport home")


async def test_a_theme_that_was_chosen_is_there_before_the_first_paint(world: World, enter: EnterRoom) -> None:
    world.seed("room", "night", owner="alice")
    alice = await enter("alice", "night", color_scheme="light")
    await alice.page.get_by_role("button", name="Settings").click()
    async with alice.page.expect_response("**/settings/preferences/"):
        await alice.page.get_by_role("radio", name="Dark").click()
        await expect(alice.page.locator("html")).to_have_attribute("data-theme", "dark")
    await alice.page.goto(f"{world.server.url}/rooms/night/", wait_until="commit")
    await expect(alice.page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(alice.page.locator("html")).to_have_css("background-color", "rgb(20, 26, 27)")


async def test_a_private_room_is_entered_by_invitation(world: World, enter: EnterRoom) -> None:
    world.seed("room", "den", owner="alice", kind="private", said=1)
    alice, bob = await enter("alice", "den"), await enter("bob", "base")
    await alice.page.get_by_role("button", name="Room options").click()
    await alice.page.get_by_role("menuitem", name="Add people").click()
    await alice.page.get_by_label("Find a person").fill("bob")
    await alice.page.get_by_role("dialog").get_by_role("button", name="Bob Birch").click()
    entry = bob.page.locator('#sidebar a[href="/rooms/den/"]')
    await expect(entry).to_contain_text("private")
    await entry.click()
    await bob.sees("line 1")
    await expect(alice.page.locator(".log .sys")).to_contain_text("Alice Arden added Bob Birch to the room")


async def test_who_is_muted_can_be_unmuted_and_only_they(world: World, enter: EnterRoom) -> None:
    world.seed("room", "unmuted-again", owner="alice", members=["bob"])
    alice = await enter("alice", "unmuted-again")
    bob = alice.page.locator("#members .member", has_text="Bob Birch")
    mutes = alice.page.get_by_role("menuitem", name=re.compile("^(Mute|Unmute)"))
    await bob.click()
    assert await mutes.all_inner_texts() == ["Mute for 10 min", "Mute for 1 h", "Mute for 1 day"]
    await mutes.first.click()
    await expect(alice.page.locator(".toast")).to_contain_text("Muted Bob Birch for 10 minutes")
    await expect(bob.locator('use[href="#i-belloff"]')).to_be_attached()
    await alice.page.locator(".toast").get_by_role("button", name="Undo").click()
    await expect(alice.page.locator(".toast").last).to_contain_text("has been unmuted")
    await expect(bob.locator('use[href="#i-belloff"]')).to_have_count(0)
    await alice.say("/mute BOB 90")
    await expect(alice.page.locator(".toast").last).to_contain_text("Muted Bob Birch for 90 minutes")
    await bob.click()
    await expect(mutes).to_have_text(["Unmute"])
    await mutes.click()
    await expect(alice.page.locator(".toast").last).to_contain_text("has been unmuted")
    await bob.click()
    await expect(mutes.first).to_have_text("Mute for 10 min")
    await alice.page.keyboard.press("Escape")


async def test_an_owner_makes_a_moderator(world: World, enter: EnterRoom) -> None:
    world.seed("room", "deputy", owner="alice", members=["bob"], said=1)
    alice, bob = await enter("alice", "deputy"), await enter("bob", "deputy")
    await alice.page.locator("#members .member").filter(has_text="Bob Birch").click()
    await alice.page.get_by_role("menuitem", name="Make a moderator").click()
    await expect(alice.page.locator("#members .member").filter(has_text="Bob Birch")).to_contain_text("Moderator")
    await bob.act("line 1", "Delete")
    await bob.confirm("Delete message")
    await expect(alice.page.locator(".gone")).to_have_text("Deleted by a moderator")
