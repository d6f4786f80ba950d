"""Two people talk: what one does, the other sees."""

import re

from playwright.async_api import expect

from support.world import Window, World
from tests.browser.conftest import EnterRoom


async def test_two_people_talk(world: World, enter: EnterRoom) -> None:
    world.seed("room", "talk", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "talk"), await enter("bob", "talk")
    await alice.say("Good morning, Bob")
    await bob.sees("Good morning, Bob")
    await expect(bob.row("Good morning, Bob").locator(".message__head b")).to_have_text("Alice Arden")
    await bob.say("Morning!")
    await alice.sees("Morning!")
    await alice.has_sent("Good morning, Bob")
    assert await alice.texts() == ["Good morning, Bob", "Morning!"]


async def test_a_message_is_on_the_screen_before_the_server_has_it(world: World, enter: EnterRoom) -> None:
    world.seed("room", "prompt", owner="alice")
    alice = await enter("alice", "prompt")
    world.server.pause()
    try:
        await alice.say("Already here")
        await alice.sees("Already here")
        await expect(alice.row("Already here").locator(".state")).to_have_text("Sending")
    finally:
        world.server.resume()
    await alice.has_sent("Already here")
    await expect(alice.row("Already here").locator(".state")).to_have_count(0)


async def test_a_new_name_is_shown_at_once_by_old_messages_members_and_conversations(
    world: World, enter: EnterRoom
) -> None:
    world.seed("people", {"nina": "Nina North"})
    world.seed("room", "renamed", owner="alice", members=["nina"])
    world.seed("say", "renamed", [["nina", "Before the wedding"]])
    alice, nina = await enter("alice", "renamed"), await enter("nina", "renamed")
    await expect(alice.row("Before the wedding").locator(".message__head b")).to_have_text("Nina North")
    settings = await nina.page.context.new_page()
    await settings.goto(f"{world.server.url}/settings/")
    await settings.get_by_label("Display name").fill("Nina South")
    await settings.get_by_label("Display name").press("Enter")
    for window in (alice, nina):
        await expect(window.row("Before the wedding").locator(".message__head b")).to_have_text("Nina South")
        await expect(window.page.locator("#members").get_by_text("Nina South")).to_be_visible()
    await expect(nina.page.locator("#sidebar .who b")).to_have_text("Nina South")


async def test_an_edit_reaches_the_other(world: World, enter: EnterRoom) -> None:
    world.seed("room", "edit", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "edit"), await enter("bob", "edit")
    await alice.say("The meeting is at nine")
    await alice.act("The meeting", "Edit")
    field = alice.page.get_by_label("Edit message")
    await field.fill("The meeting is at ten")
    await field.press("Enter")
    await bob.sees("The meeting is at ten")
    await expect(bob.row("at ten")).to_contain_text("(edited)")
    await expect(alice.composer).to_be_focused()


async def test_the_arrow_up_in_an_empty_box_edits_ones_last_message(world: World, enter: EnterRoom) -> None:
    world.seed("room", "last", owner="alice")
    alice = await enter("alice", "last")
    await alice.say("Helo")
    await alice.has_sent("Helo")
    await alice.composer.press("ArrowUp")
    field = alice.page.get_by_label("Edit message")
    await expect(field).to_have_value("Helo")
    await field.press("Escape")
    await expect(field).to_have_count(0)
    await alice.sees("Helo")


async def test_a_deleted_message_is_gone_for_both(world: World, enter: EnterRoom) -> None:
    world.seed("room", "gone", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "gone"), await enter("bob", "gone")
    await bob.say("My password is hunter2")
    await alice.sees("hunter2")
    await alice.act("hunter2", "Delete")
    await alice.confirm("Delete message")
    await expect(bob.page.locator(".gone")).to_have_text("Deleted by a moderator")
    await expect(alice.page.locator(".gone")).to_have_count(1)
    assert "hunter2" not in await bob.page.content()


async def test_somebody_elses_message_cannot_be_edited_or_deleted_by_a_member(world: World, enter: EnterRoom) -> None:
    world.seed("room", "hands-off", owner="alice", members=["bob"], said=1)
    bob = await enter("bob", "hands-off")
    await bob.row("line 1").hover()
    await bob.row("line 1").get_by_role("button", name="More actions").click()
    items = bob.page.get_by_role("menuitem")
    assert await items.all_inner_texts() == ["Reply", "Copy text", "Copy link", "Mark unread"]
    await bob.page.keyboard.press("Escape")


async def test_what_is_marked_unread_stays_so_until_the_room_is_entered_anew(world: World, enter: EnterRoom) -> None:
    world.seed("room", "later", owner="alice", members=["bob"], said=6)
    world.seed("room", "sooner", owner="alice", members=["bob"])
    bob = await enter("bob", "later")
    other = Window(world, "bob", bob.context, await bob.context.new_page())
    await other.open("sooner")
    entry, there = (window.page.locator('#sidebar a[href="/rooms/later/"]') for window in (bob, other))
    await expect(entry).not_to_have_class(re.compile("unread"))
    await expect(there).not_to_have_class(re.compile("unread"))
    await bob.page.bring_to_front()
    await bob.act("line 4", "Mark unread")
    await expect(there.locator(".badge")).to_have_text("3")
    await expect(entry.locator(".badge")).to_have_text("3")
    await expect(bob.page.locator(".new + article")).to_contain_text("line 4")
    await bob.row("line 6").focus()
    await bob.page.keyboard.press("ArrowUp")
    await bob.page.keyboard.press("u")
    await expect(bob.page.locator(".new + article")).to_contain_text("line 5")
    await expect(there.locator(".badge")).to_have_text("2")
    # It is in view, the window has the focus, and all the same nobody says that it was read.
    await bob.page.wait_for_timeout(1_000)
    await expect(entry.locator(".badge")).to_have_text("2")
    await bob.page.locator('#sidebar a[href="/rooms/sooner/"]').click()
    await expect(entry.locator(".badge")).to_have_text("2")
    await entry.click()
    await expect(bob.page.locator(".new + article")).to_contain_text("line 5")
    await expect(entry.locator(".badge")).to_have_count(0)
    await expect(there.locator(".badge")).to_have_count(0)


async def test_emoji_by_name_stand_large_when_they_stand_alone(world: World, enter: EnterRoom) -> None:
    world.seed("room", "by-name", owner="alice")
    alice = await enter("alice", "by-name")
    await alice.say(":tada: :+1:")
    await expect(alice.page.locator(".message__text.emoji")).to_have_text("🎉 👍")
    await alice.say("Done :rocket: at 10:30:45, `:rocket:`")
    await expect(alice.row("Done").locator(".message__text")).to_have_text("Done 🚀 at 10:30:45, :rocket:")


async def test_a_reply_names_what_it_answers_and_leads_there(world: World, enter: EnterRoom) -> None:
    world.seed("room", "answers", owner="alice", members=["bob"], said=60)
    alice, bob = await enter("alice", "answers"), await enter("bob", "answers")
    await bob.act("line 57", "Reply")
    await expect(bob.page.locator(".composer-context")).to_contain_text("Replying to Alice Arden: line 57")
    await bob.say("Seventh from the end")
    reply = alice.row("Seventh from the end")
    await expect(reply.locator(".message__reply")).to_contain_text("line 57")
    await reply.locator(".message__reply").click()
    await expect(alice.page.locator(".message.tint")).to_contain_text("line 57")
    # An answer to what is not loaded is quoted all the same.
    await bob.page.reload()
    await bob.is_connected()
    await expect(bob.row("Seventh from the end").locator(".message__reply")).to_contain_text("line 57")


async def test_a_reaction_is_counted_for_both_and_taken_back(world: World, enter: EnterRoom) -> None:
    world.seed("room", "cheers", owner="alice", members=["bob"], said=1)
    alice, bob = await enter("alice", "cheers"), await enter("bob", "cheers")
    await bob.row("line 1").hover()
    await bob.row("line 1").get_by_role("button", name="Add reaction").first.click()
    await bob.page.get_by_label("Search emoji").fill("rocket")
    await bob.page.get_by_label("Search emoji").press("Enter")
    seen = alice.row("line 1").locator(".reactions button").first
    await expect(seen).to_have_text("🚀1")
    await expect(seen).to_have_attribute("aria-pressed", "false")
    await seen.click()
    mine = bob.row("line 1").locator(".reactions button").first
    await expect(mine).to_have_text("🚀2")
    await expect(mine).to_have_attribute("title", re.compile("You"))
    await mine.click()
    await expect(alice.row("line 1").locator(".reactions button").first).to_have_text("🚀1")


async def test_typing_is_seen_and_ends_with_the_message(world: World, enter: EnterRoom) -> None:
    world.seed("room", "keys", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "keys"), await enter("bob", "keys")
    await bob.composer.press_sequentially("Wait")
    await expect(alice.page.locator(".typing")).to_have_text("Bob Birch is typing")
    await bob.composer.press("Enter")
    await alice.sees("Wait")
    await expect(alice.page.locator(".typing p")).to_have_count(0)


async def test_presence_follows_a_person_who_comes(world: World, enter: EnterRoom) -> None:
    world.seed("room", "doorbell", owner="alice", members=["charlie"])
    alice = await enter("alice", "doorbell")
    charlie_row = alice.page.locator("#members .member").filter(has_text="Charlie Cole")
    await expect(charlie_row.locator(".dot")).to_have_class("dot off")
    charlie = await enter("charlie", "doorbell")
    await expect(charlie_row.locator(".dot")).to_have_class("dot on")
    await expect(charlie.page.locator("#members h3").first).to_have_text("Online, 2")


async def test_mentions_are_counted_in_the_sidebar_and_the_title(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"erin": "Erin Elm"})
    world.seed("room", "calls", owner="alice", members=["erin"])
    world.seed("room", "elsewhere", owner="erin", members=["alice"])
    alice, erin = await enter("alice", "calls"), await enter("erin", "elsewhere")
    entry = erin.page.locator('#sidebar a[href="/rooms/calls/"]')
    await alice.say("Nothing for anybody")
    await expect(entry.locator(".badge")).to_have_text("1")
    await alice.say("@erin have a look")
    await expect(entry.locator(".badge.at")).to_have_text("@ 1")
    await expect(erin.page).to_have_title("(1) #elsewhere · Backchannel")
    await entry.click()
    await expect(erin.page.locator(".new")).to_be_visible()
    await expect(erin.row("have a look")).to_have_class(re.compile(r"\bmentioned\b"))
    await expect(erin.page).to_have_title("#calls · Backchannel")
    await expect(entry.locator(".badge")).to_have_count(0)


async def test_a_line_marks_what_is_new_until_it_was_looked_at(world: World, enter: EnterRoom) -> None:
    world.seed("room", "line", owner="alice", members=["bob"], said=1)
    alice, bob = await enter("alice", "line"), await enter("bob", "line")
    line = "(row) => getComputedStyle(row, '::before').opacity"
    await alice.page.evaluate("document.hasFocus = () => false")
    await bob.say("Look here")
    row = alice.row("Look here")
    await expect(row).to_have_class(re.compile(r"\bfresh\b"))
    await alice.page.wait_for_function(f"(row) => ({line})(row) === '1'", arg=await row.element_handle())
    assert await alice.row("line 1").evaluate(line) == "0"
    await alice.page.evaluate("delete document.hasFocus, dispatchEvent(new Event('focus'))")
    await alice.page.wait_for_function(f"(row) => ({line})(row) === '0'", arg=await row.element_handle())
