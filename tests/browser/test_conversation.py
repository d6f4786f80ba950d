"""Two people talk: each sees what the other does."""

import re

from playwright.async_api import expect

from support.world import Window, World
from tests.browser.conftest import Elsewhere, EnterRoom


async def test_two_people_talk(world: World, enter: EnterRoom) -> None:
    world.seed("room", "talk", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "talk"), await enter("bob", "talk")
    await alice.say("Good morning, Bob")
    await bob.sees("Good morning, Bob")
    await expect(bob.author_of("Good morning, Bob")).to_have_text("Alice Arden")
    await bob.say("Morning!")
    await alice.sees("Morning!")
    await alice.has_sent("Good morning, Bob")
    assert await alice.texts() == ["Good morning, Bob", "Morning!"]


async def test_a_message_is_shown_before_the_server_has_it(world: World, enter: EnterRoom) -> None:
    world.seed("room", "prompt", owner="alice")
    alice = await enter("alice", "prompt")
    world.server.pause()
    try:
        await alice.say("Already here")
        await alice.sees("Already here")
        await expect(alice.delivery_of("Already here")).to_have_text("Sending")
    finally:
        world.server.resume()
    await alice.has_sent("Already here")
    await expect(alice.delivery_of("Already here")).to_have_count(0)


async def test_a_new_display_name_appears_in_messages_members_and_sidebar(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"nina": "Nina North"})
    world.seed("room", "renamed", owner="alice", members=["nina"])
    world.seed("say", "renamed", [["nina", "Before the wedding"]])
    alice, nina = await enter("alice", "renamed"), await enter("nina", "renamed")
    await expect(alice.author_of("Before the wedding")).to_have_text("Nina North")
    settings = await nina.page.context.new_page()
    await settings.goto(f"{world.server.url}/settings/")
    await settings.get_by_label("Display name").fill("Nina South")
    await settings.get_by_label("Display name").press("Enter")
    for window in (alice, nina):
        await expect(window.author_of("Before the wedding")).to_have_text("Nina South")
        await expect(window.member_list.get_by_text("Nina South")).to_be_visible()
    await expect(nina.account).to_contain_text("Nina South")


async def test_an_edit_reaches_the_other_person(world: World, enter: EnterRoom) -> None:
    world.seed("room", "edit", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "edit"), await enter("bob", "edit")
    await alice.say("The meeting is at nine")
    await alice.act("The meeting", "Edit")
    field = alice.page.get_by_label("Edit message")
    # The field moves the caret to the end on focus, which may fall between the two steps of `fill`.
    await expect(field).to_be_focused()
    await field.fill("The meeting is at ten")
    await field.press("Enter")
    await bob.sees("The meeting is at ten")
    await expect(bob.row("at ten")).to_contain_text("(edited)")
    await expect(alice.composer).to_be_focused()


async def test_arrow_up_in_an_empty_composer_edits_the_last_message(world: World, enter: EnterRoom) -> None:
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


async def test_a_deleted_message_disappears_for_both(world: World, enter: EnterRoom) -> None:
    world.seed("room", "gone", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "gone"), await enter("bob", "gone")
    await bob.say("My password is hunter2")
    await alice.sees("hunter2")
    await alice.act("hunter2", "Delete")
    await alice.confirm("Delete message")
    await expect(bob.timeline.get_by_text("Deleted by a moderator")).to_be_visible()
    await expect(alice.timeline.get_by_text("Deleted by a moderator")).to_be_visible()
    assert "hunter2" not in await bob.page.content()


async def test_a_member_cannot_edit_or_delete_the_message_of_another(world: World, enter: EnterRoom) -> None:
    world.seed("room", "hands-off", owner="alice", members=["bob"], said=1)
    bob = await enter("bob", "hands-off")
    await bob.row("line 1").hover()
    await bob.row("line 1").get_by_role("button", name="More actions").click()
    items = bob.page.get_by_role("menuitem")
    assert await items.all_inner_texts() == [
        "Reply",
        "Reply in thread",
        "Save",
        "Remind me",
        "Forward",
        "Copy text",
        "Copy link",
        "Mark unread",
        "Report",
    ]
    await bob.page.keyboard.press("Escape")


async def test_a_message_marked_unread_stays_unread_until_the_room_is_reopened(world: World, enter: EnterRoom) -> None:
    world.seed("room", "later", owner="alice", members=["bob"], said=6)
    world.seed("room", "sooner", owner="alice", members=["bob"])
    bob = await enter("bob", "later")
    other = Window(world, "bob", bob.context, await bob.context.new_page())
    await other.open("sooner")
    entry, there = (window.room_link("later") for window in (bob, other))
    await expect(entry.get_by_test_id("unread")).to_have_count(0)
    await expect(there.get_by_test_id("unread")).to_have_count(0)
    await bob.page.bring_to_front()
    await bob.act("line 4", "Mark unread")
    await expect(there.get_by_test_id("unread")).to_have_text("3")
    await expect(entry.get_by_test_id("unread")).to_have_text("3")
    await expect(bob.first_new).to_contain_text("line 4")
    await bob.row("line 6").focus()
    await bob.page.keyboard.press("ArrowUp")
    await bob.page.keyboard.press("u")
    await expect(bob.first_new).to_contain_text("line 5")
    await expect(there.get_by_test_id("unread")).to_have_text("2")
    # tests/js/reading.test.mjs proves with a fake clock that it stays unread while in view and focused.
    await expect(entry.get_by_test_id("unread")).to_have_text("2")
    await bob.room_link("sooner").click()
    await expect(entry.get_by_test_id("unread")).to_have_text("2")
    await entry.click()
    await expect(bob.first_new).to_contain_text("line 5")
    await expect(entry.get_by_test_id("unread")).to_have_count(0)
    await expect(there.get_by_test_id("unread")).to_have_count(0)


async def test_emoji_by_name_are_large_when_alone(world: World, enter: EnterRoom) -> None:
    world.seed("room", "by-name", owner="alice")
    alice = await enter("alice", "by-name")
    await alice.say(":tada: :+1:")
    await expect(alice.text_of("🎉 👍")).to_have_css("font-size", re.compile(r"^(2[4-9]|[3-9]\d)"))
    await alice.say("Done :rocket: at 10:30:45, `:rocket:`")
    await expect(alice.text_of("Done")).to_have_text("Done 🚀 at 10:30:45, :rocket:")


async def test_a_reply_quotes_and_links_the_original(world: World, enter: EnterRoom) -> None:
    world.seed("room", "answers", owner="alice", members=["bob"], said=60)
    bob = await enter("bob", "answers")
    await bob.act("line 57", "Reply")
    await expect(bob.replying_to).to_contain_text("Replying to Alice Arden: line 57")
    await bob.say("Seventh from the end")
    reply = bob.row("Seventh from the end")
    await expect(reply.get_by_test_id("reply")).to_contain_text("line 57")
    await reply.get_by_test_id("reply").click()
    await expect(bob.row("line 57").first).to_have_attribute("data-linked", "true")
    # A reply to a message that is not loaded has its quote all the same.
    await bob.page.reload()
    await bob.is_connected()
    await expect(bob.reply_of("Seventh from the end")).to_contain_text("line 57")


async def test_a_reaction_is_counted_for_both_and_can_be_removed(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("room", "cheers", owner="alice", members=["bob"], said=1)
    alice, bob = await elsewhere("alice"), await enter("bob", "cheers")
    await bob.row("line 1").hover()
    await bob.row("line 1").get_by_role("button", name="Add reaction").first.click()
    await bob.page.get_by_label("Search emoji").fill("rocket")
    await bob.page.get_by_label("Search emoji").press("Enter")
    assert (await alice.next("message", room="cheers"))["reactions"] == {"🚀": ["bob"]}
    await alice.do("react", room="cheers", seq=1, emoji="🚀", on=True)
    mine = bob.reactions_of("line 1").first
    await expect(mine).to_have_text("🚀2")
    await expect(mine).to_have_attribute("aria-pressed", "true")
    await expect(mine).to_have_attribute("title", re.compile("You"))
    await mine.click()
    await expect(mine).to_have_text("🚀1")
    await expect(mine).to_have_attribute("aria-pressed", "false")
    await alice.next("message", room="cheers", reactions={"🚀": ["alice"]})


async def test_typing_is_shown_and_ends_with_the_message(world: World, enter: EnterRoom) -> None:
    world.seed("room", "keys", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "keys"), await enter("bob", "keys")
    await bob.composer.press_sequentially("Wait")
    await expect(alice.typing).to_have_text("Bob Birch is typing")
    await bob.composer.press("Enter")
    await alice.sees("Wait")
    await expect(alice.typing).to_have_text("")


async def test_presence_shows_a_person_who_connects(world: World, enter: EnterRoom) -> None:
    world.seed("room", "doorbell", owner="alice", members=["charlie"])
    alice = await enter("alice", "doorbell")
    charlie_row = alice.member("Charlie Cole")
    await expect(charlie_row).to_contain_text("offline")
    charlie = await enter("charlie", "doorbell")
    await expect(charlie_row).to_contain_text("online")
    await expect(charlie.member_list.get_by_role("heading", level=3).first).to_have_text("Online, 2")


async def test_mentions_are_counted_in_the_sidebar_and_the_title(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"erin": "Erin Elm"})
    world.seed("room", "calls", owner="alice", members=["erin"])
    world.seed("room", "elsewhere", owner="erin", members=["alice"])
    alice, erin = await enter("alice", "calls"), await enter("erin", "elsewhere")
    entry = erin.room_link("calls")
    await alice.say("Nothing for anybody")
    await expect(entry.get_by_test_id("unread")).to_have_text("1")
    await alice.say("@erin have a look")
    await expect(entry.get_by_test_id("unread")).to_have_text("@ 1")
    await expect(erin.page).to_have_title("(1) #elsewhere · Backchannel")
    await entry.click()
    await expect(erin.new_rule).to_be_visible()
    await expect(erin.row("have a look")).to_have_attribute("data-mentioned", "true")
    await expect(erin.page).to_have_title("#calls · Backchannel")
    await expect(entry.get_by_test_id("unread")).to_have_count(0)


async def test_new_messages_are_marked_until_the_window_has_the_focus(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("room", "line", owner="alice", members=["bob"], said=1)
    alice, bob = await enter("alice", "line"), await elsewhere("bob")
    line = "(row) => getComputedStyle(row, '::before').opacity"
    await alice.page.evaluate("document.hasFocus = () => false")
    await bob.say("line", "Look here")
    row = alice.row("Look here")
    await expect(row).to_have_attribute("data-unread", "true")
    await alice.page.wait_for_function(f"(row) => ({line})(row) === '1'", arg=await row.element_handle())
    assert await alice.row("line 1").evaluate(line) == "0"
    await alice.page.evaluate("delete document.hasFocus, dispatchEvent(new Event('focus'))")
    await alice.page.wait_for_function(f"(row) => ({line})(row) === '0'", arg=await row.element_handle())
