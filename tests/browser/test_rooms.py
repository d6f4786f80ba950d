"""Rooms are created, found, moderated, muted and left; two people write directly."""

import re

from playwright.async_api import expect

from support.world import World
from tests.browser.conftest import Elsewhere, EnterRoom


async def test_a_room_is_created_and_another_person_finds_and_joins_it(world: World, enter: EnterRoom) -> None:
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
    await expect(alice.system_lines).to_contain_text("Bob Birch joined the room")
    await expect(alice.member_list.get_by_role("heading", level=3).first).to_have_text("Online, 2")
    await bob.say("Me!")
    await alice.sees("Me!")


async def test_a_long_list_of_rooms_scrolls_below_the_field_that_filters_it(world: World, enter: EnterRoom) -> None:
    for number in range(12):
        world.seed("room", f"shelf-{number}", owner="alice")
    bob = await enter("bob", "base")
    await bob.page.get_by_role("button", name="Browse rooms").click()
    field, rows = bob.page.get_by_label("Filter rooms"), bob.page.get_by_role("button", name="Join shelf-")
    await expect(rows).to_have_count(12)
    await rows.last.scroll_into_view_if_needed()
    dialog = await bob.page.get_by_role("dialog").get_by_role("document").bounding_box()
    row, typed = await rows.last.bounding_box(), await field.bounding_box()
    assert dialog
    assert row
    assert typed
    assert row["y"] + row["height"] <= dialog["y"] + dialog["height"]
    # No row covers the field.
    await field.click(position={"x": 30, "y": typed["height"] - 2}, trial=True, timeout=2_000)


async def test_a_room_name_may_use_any_script_and_its_address_can_be_chosen(world: World, enter: EnterRoom) -> None:
    alice = await enter("alice", "base")
    for name, address, made in (("日本語", "", "ribenyu"), ("Größe", "", "grosse"), ("Tee & mehr", "tee", "tee")):
        await alice.page.get_by_role("button", name="Create room").click()
        await alice.page.get_by_label("Name").fill(name)
        if address:
            await alice.page.get_by_label("Address").fill(address)
        await alice.page.get_by_role("dialog").get_by_role("button", name="Create room").click()
        await expect(alice.page).to_have_url(re.compile(f"/rooms/{made}/$"))
        await expect(alice.title).to_have_text(name)


async def test_a_taken_name_is_refused_beside_the_field(world: World, enter: EnterRoom) -> None:
    world.seed("room", "taken", owner="bob")
    alice = await enter("alice", "base")
    await alice.page.get_by_role("button", name="Create room").click()
    await alice.page.get_by_label("Name").fill("taken")
    error = alice.page.locator("dialog").get_by_role("paragraph").filter(has_text="A room called taken already exists.")
    await expect(error).to_be_visible()
    await expect(alice.page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    await expect(alice.page.get_by_role("dialog").get_by_role("button", name="Create room")).to_be_disabled()


async def test_a_public_room_can_be_looked_at_before_joining(world: World, enter: EnterRoom) -> None:
    world.seed("room", "window", owner="alice", said=3)
    bob = await enter("bob", "window")
    await bob.sees("line 3")
    await expect(bob.dock).to_contain_text("You are previewing #window.")
    await bob.page.get_by_role("button", name="Join", exact=True).click()
    await expect(bob.composer).to_be_visible()
    await bob.say("I am in")
    await bob.has_sent("I am in")


async def test_the_only_member_of_a_room_can_copy_its_link(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("room", "meadow", owner="alice")
    # A person who is in no room yet would be sent to this one.
    world.seed("room", "yard", owner="bob")
    alice = await enter("alice", "meadow")
    await expect(alice.page.get_by_text("Anyone who opens the link can create an account and join.")).to_be_visible()
    await alice.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await alice.page.get_by_role("button", name="Copy link").click()
    link = await alice.page.evaluate("navigator.clipboard.readText()")
    assert link == f"{world.server.url}/rooms/meadow/"

    bob = await elsewhere("bob")
    await bob.ask("join_room", room="meadow")
    await expect(alice.system_lines).to_contain_text("Bob Birch joined the room")
    await expect(alice.page.get_by_text("Nobody else is here yet.")).to_have_count(0)
    await alice.say("There you are")
    await expect(alice.page.get_by_test_id("empty-room")).to_have_count(0)


async def test_a_private_room_of_others_is_not_found(world: World, enter: EnterRoom) -> None:
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
    entry = gil.room_links.filter(has_text="Fay Fern")
    await expect(entry.get_by_test_id("unread")).to_have_text("1")
    await expect(entry).to_have_attribute("data-calls", "1")
    await entry.click()
    await gil.sees("Just between us")
    await gil.say("Nobody else reads this")
    await fay.sees("Nobody else reads this")
    await expect(fay.title).to_contain_text("Gil Gorse")


async def test_a_few_people_have_a_conversation_of_their_own_and_one_more_begins_another(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("people", {"hektor": "Hektor Heath", "ilse": "Ilse Iris", "joop": "Joop Juniper", "kalle": "Kalle Knot"})
    world.seed("room", "quayside", owner="hektor", members=["ilse", "joop", "kalle"])
    hektor, ilse = await enter("hektor", "quayside"), await elsewhere("ilse")
    page, dialog = hektor.page, hektor.page.get_by_role("dialog")

    async def add(start: str, name: str) -> None:
        await page.get_by_label("Find a person").fill(start)
        await dialog.get_by_role("button", name=name).first.click()
        await expect(dialog.get_by_role("button", name=f"Leave out {name}")).to_be_visible()

    await page.get_by_role("button", name="New message").click()
    await dialog.get_by_role("button", name="Write to several people").click()
    await add("ilse", "Ilse Iris")
    await expect(dialog.get_by_role("button", name="Continue")).to_be_disabled()
    await add("joop", "Joop Juniper")
    await dialog.get_by_role("button", name="Continue").click()
    await page.get_by_label("Message to Ilse Iris and Joop Juniper").fill("Tea?")
    await page.get_by_role("button", name="Send message").last.click()
    await hektor.has_sent("Tea?")
    await expect(hektor.title).to_contain_text("Ilse Iris, Joop Juniper")
    [entry] = (await ilse.next("rooms"))["rooms"]
    assert entry["people"] == ["hektor", "joop"]
    await ilse.hears("message", room=entry["room"], message="Tea?")
    # Choosing the same people again opens the same conversation.
    await page.goto(f"{world.server.url}/rooms/quayside/")
    await page.get_by_role("button", name="New message").click()
    await dialog.get_by_role("button", name="Write to several people").click()
    await add("joop", "Joop Juniper")
    await add("ilse", "Ilse Iris")
    await dialog.get_by_role("button", name="Continue").click()
    await hektor.sees("Tea?")
    await page.get_by_role("button", name="Room options").click()
    await page.get_by_role("menuitem", name="Add somebody").click()
    await add("kalle", "Kalle Knot")
    await dialog.get_by_role("button", name="Continue").click()
    await page.get_by_label("Message to Ilse Iris, Joop Juniper").fill("And cake")
    await page.get_by_role("button", name="Send message").last.click()
    await hektor.has_sent("And cake")
    await expect(hektor.title).to_contain_text("Kalle Knot")
    await expect(hektor.row("Tea?")).to_have_count(0)


async def test_a_removed_member_is_informed_and_receives_no_more_messages(world: World, enter: EnterRoom) -> None:
    world.seed("room", "door", owner="alice", members=["bob"], said=1)
    alice, bob = await enter("alice", "door"), await enter("bob", "door")
    await alice.member("Bob Birch").click()
    await alice.page.get_by_role("menuitem", name="Remove").click()
    await alice.page.get_by_label("Reason").fill("Off topic")
    await alice.page.get_by_role("button", name="Remove Bob Birch").click()
    await expect(bob.dock).to_contain_text("You were removed from #door.")
    await expect(bob.room_link("door")).to_have_count(0)
    await alice.say("Now we can talk")
    await alice.has_sent("Now we can talk")
    await expect(alice.system_lines).to_contain_text("Alice Arden removed Bob Birch from the room")
    await bob.sees("Now we can talk", times=0)


async def test_a_banned_member_reads_the_reason_and_the_end(world: World, enter: EnterRoom) -> None:
    world.seed("room", "barrier", owner="alice", members=["bob"], said=1, kind="public")
    alice, bob = await enter("alice", "barrier"), await enter("bob", "barrier")
    await alice.say("/ban @bob 30 too loud")
    await expect(alice.dialog).to_contain_text("cannot rejoin for 30 minutes")
    await expect(alice.page.get_by_label("Reason")).to_have_value("too loud")
    await alice.page.get_by_role("button", name="Ban Bob Birch").click()
    bar = bob.dock
    await expect(bar).to_contain_text("You were banned from #barrier until")
    await expect(bar).to_contain_text("Reason: too loud")
    await expect(bob.page.get_by_role("button", name="Retry")).to_have_count(0)


async def test_the_writer_can_add_a_mentioned_person_who_is_not_in_the_room(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("people", {"kit": "Kit Kay"})
    world.seed("room", "inner", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "inner"), await elsewhere("bob")
    await alice.say("ask @kit and @bob now")
    line = alice.not_in_room
    await expect(line).to_contain_text("@kit is not in this room and was not notified.")
    assert "outside" not in await bob.hears("message", room="inner", message="ask @kit and @bob now")
    await line.get_by_role("button", name="Add").click()
    assert (await bob.hears("message", room="inner", kind="system"))["system"]["username"] == "kit"
    await expect(line).to_have_count(0)


async def test_the_notification_level_of_a_room_is_chosen_apart_from_muting(world: World, enter: EnterRoom) -> None:
    world.seed("room", "levels-of-one", owner="bob")
    bob = await enter("bob", "levels-of-one")
    await bob.page.get_by_role("button", name="Room options").click()
    await bob.page.get_by_role("menuitem", name="Notifications Default (Mentions)").click()
    await expect(bob.page.get_by_role("menuitemradio", name="Default (Mentions)")).to_be_checked()
    await bob.page.get_by_role("menuitemradio", name="All", exact=True).click()
    await bob.page.get_by_role("button", name="Room options").click()
    await expect(bob.page.get_by_role("menuitem", name="Notifications All")).to_be_visible()


async def test_a_room_is_muted_and_left(world: World, enter: EnterRoom) -> None:
    world.seed("room", "noise", owner="alice", members=["bob"])
    world.seed("room", "quiet", owner="bob")
    bob = await enter("bob", "noise")
    await bob.page.get_by_role("button", name="Notifications", exact=True).click()
    await bob.page.get_by_role("menuitem", name="Mute until tomorrow").click()
    await expect(bob.room_link("noise")).to_contain_text("muted")
    await bob.page.get_by_role("button", name="Notifications, muted").click()
    end = bob.page.get_by_role("menuitem", name=re.compile("^Unmute room Muted until")).get_by_text("Muted until")
    await expect(end).to_be_visible()
    # The text is not truncated.
    assert await end.evaluate("words => words.scrollWidth <= words.clientWidth")
    await bob.page.keyboard.press("Escape")
    await bob.page.get_by_role("button", name="Room options").click()
    await bob.page.get_by_role("menuitem", name="Leave room").click()
    await expect(bob.room_link("noise")).to_have_count(0)
    await expect(bob.toasts).to_contain_text("Left #noise")


async def test_a_staff_announcement_reaches_other_people(world: World, enter: EnterRoom) -> None:
    world.seed("room", "speakers", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "speakers"), await enter("bob", "speakers")
    await alice.say("/broadcast The server restarts at noon")
    bar = bob.announcement.filter(has_text="The server restarts at noon")
    await expect(bar).to_contain_text("Alice Arden to everyone")
    await bar.get_by_role("button", name="Dismiss").click()
    await expect(bar).to_have_count(0)


async def test_a_command_that_does_not_exist_keeps_what_was_typed(world: World, enter: EnterRoom) -> None:
    world.seed("room", "commands", owner="alice")
    alice = await enter("alice", "commands")
    await alice.say("/teleport home")
    await expect(alice.dock.get_by_text("Unknown command /teleport")).to_be_visible()
    await expect(alice.composer).to_have_value("/teleport home")
    await alice.say("//teleport home")
    await alice.has_sent("/teleport home")


async def test_the_chosen_theme_applies_before_the_first_paint(world: World, enter: EnterRoom) -> None:
    world.seed("room", "night", owner="alice")
    alice = await enter("alice", "night", color_scheme="light")
    await alice.page.get_by_role("button", name="Settings").click()
    async with alice.page.expect_response("**/settings/preferences/"):
        await alice.page.get_by_role("radio", name="Dark").click()
        await expect(alice.page.locator("html")).to_have_attribute("data-theme", "dark")
    await alice.page.goto(f"{world.server.url}/rooms/night/", wait_until="commit")
    await expect(alice.page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(alice.page.locator("html")).to_have_css("background-color", "rgb(20, 26, 27)")


async def test_several_people_are_added_to_a_private_room_which_is_open_to_them(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"wren1": "Wren Wood", "wren2": "Wren West"})
    world.seed("room", "choir", owner="alice", kind="private", said=1)
    alice, wood = await enter("alice", "choir"), await enter("wren1", "base")
    await alice.page.get_by_role("button", name="Room options").click()
    await alice.page.get_by_role("menuitem", name="Add people").click()
    dialog, field = alice.page.get_by_role("dialog"), alice.page.get_by_label("Find a person")
    await field.fill("wren")
    for name in ("Wren West", "Wren Wood"):
        await dialog.get_by_role("button", name=name).click()
        await expect(dialog.get_by_text(re.compile(f"^Added: .*{name}"))).to_be_visible()
        await expect(dialog.get_by_role("button", name=name)).to_have_count(0)
        await expect(field).to_be_focused()
    await dialog.get_by_role("button", name="Done").click()
    await expect(dialog).to_have_count(0)
    await expect(alice.system_lines.last).to_contain_text("Alice Arden added Wren Wood to the room")
    entry = wood.room_link("choir")
    await expect(entry).to_contain_text("private")
    await entry.click()
    await wood.sees("line 1")


async def test_a_muted_member_can_be_unmuted(world: World, enter: EnterRoom) -> None:
    world.seed("room", "unmuted-again", owner="alice", members=["bob"])
    alice = await enter("alice", "unmuted-again")
    bob = alice.member("Bob Birch")
    mutes = alice.page.get_by_role("menuitem", name=re.compile("^(Mute|Unmute)"))
    await bob.click()
    await expect(mutes).to_have_text(["Mute for 10 min", "Mute for 1 h", "Mute for 1 day"])
    await mutes.first.click()
    await expect(alice.toasts).to_contain_text("Muted Bob Birch for 10 minutes")
    await expect(bob).to_contain_text("muted")
    await alice.toasts.get_by_role("button", name="Undo").click()
    await expect(alice.toasts.last).to_contain_text("has been unmuted")
    await expect(bob).not_to_contain_text("muted")
    await alice.say("/mute BOB 90")
    await expect(alice.toasts.last).to_contain_text("Muted Bob Birch for 90 minutes")
    await bob.click()
    await expect(mutes).to_have_text(["Unmute"])
    await mutes.click()
    await expect(alice.toasts.last).to_contain_text("has been unmuted")
    await bob.click()
    await expect(mutes.first).to_have_text("Mute for 10 min")
    await alice.page.keyboard.press("Escape")


async def test_an_owner_makes_a_moderator(world: World, enter: EnterRoom) -> None:
    world.seed("room", "deputy", owner="alice", members=["bob"], said=1)
    alice, bob = await enter("alice", "deputy"), await enter("bob", "deputy")
    await alice.member("Bob Birch").click()
    await alice.page.get_by_role("menuitem", name="Make a moderator").click()
    await expect(alice.member("Bob Birch")).to_contain_text("Moderator")
    await bob.act("line 1", "Delete")
    await bob.confirm("Delete message")
    await expect(alice.timeline.get_by_text("Deleted by a moderator")).to_be_visible()
