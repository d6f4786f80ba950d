"""Threads: replies beside the room, unread replies, and the list of one's own threads."""

from playwright.async_api import expect

from support.world import World
from tests.browser.conftest import Elsewhere, EnterRoom


async def test_replies_grow_beside_the_room_and_are_counted_for_those_who_follow(
    world: World, enter: EnterRoom
) -> None:
    world.seed("room", "loom", owner="alice", members=["bob"])
    world.seed("say", "loom", [["alice", "The pattern"]])
    alice, bob = await enter("alice", "loom"), await enter("bob", "loom")
    await bob.act("The pattern", "Reply in thread")
    pane = bob.page.get_by_test_id("thread-pane")
    composer = pane.get_by_test_id("thread-composer")
    await composer.get_by_role("textbox").fill("Rather blue")
    await composer.get_by_role("textbox").press("Enter")
    await expect(pane.get_by_test_id("replies")).to_contain_text("Rather blue")
    assert "?thread=" in bob.page.url
    await expect(alice.row("The pattern").get_by_test_id("thread-line")).to_contain_text("1 reply")
    await expect(alice.row("Rather blue")).to_have_count(0)

    threads = alice.page.get_by_role("list", name="Over all rooms").get_by_role("button", name="Threads")
    # Alice wrote the root, so she follows the thread, and reading it clears the number.
    await expect(threads).to_contain_text("1")
    await threads.click()
    cards = alice.page.get_by_test_id("threads-pane").get_by_test_id("thread-card")
    card = cards.filter(has_text="Rather blue")
    await expect(card).to_be_visible()
    await card.get_by_role("link", name="loom").click()
    await expect(alice.page.get_by_test_id("thread-pane").get_by_test_id("replies")).to_contain_text("Rather blue")
    await expect(threads).not_to_contain_text("1")

    await composer.get_by_role("checkbox", name="Also send to").check()
    await composer.get_by_role("textbox").fill("With a red edge")
    await composer.get_by_role("textbox").press("Enter")
    await expect(alice.row("With a red edge").first).to_be_visible()
    await expect(composer.get_by_role("checkbox", name="Also send to")).not_to_be_checked()

    await bob.page.reload()
    await expect(pane.get_by_test_id("replies")).to_contain_text("With a red edge")
    await pane.get_by_role("button", name="Close").click()
    await expect(pane).to_have_count(0)


async def test_a_reply_that_names_me_counts_on_the_row_of_its_room_and_on_mentions(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    # A separate person: other tests mention Alice.
    world.seed("people", {"quentin": "Quentin Quill"})
    world.seed("room", "quilt", owner="quentin", members=["bob"])
    world.seed("room", "far-away-from", owner="quentin")
    world.seed("say", "quilt", [["quentin", "Which squares?"]])
    quentin, bob = await enter("quentin", "far-away-from"), await elsewhere("bob")
    row = quentin.page.get_by_role("link", name="Quilt")
    mentions = quentin.page.get_by_role("list", name="Over all rooms").get_by_role("button", name="Mentions")
    await expect(row.get_by_test_id("unread")).to_have_count(0)
    await expect(mentions).to_have_count(0)
    await bob.say("quilt", "The small ones", thread=1)
    threads = quentin.page.get_by_role("list", name="Over all rooms").get_by_role("button", name="Threads")
    await expect(threads).to_contain_text("1")
    await expect(row.get_by_test_id("unread")).to_have_count(0)
    await bob.say("quilt", "What do you say, @quentin?", thread=1)
    await expect(row.get_by_test_id("unread")).to_have_text("@ 1")
    await expect(mentions).to_contain_text("1")
    await expect(quentin.page).to_have_title("(1) #far-away-from · Backchannel")

    await quentin.page.reload()
    await expect(row.get_by_test_id("unread")).to_have_text("@ 1")
    await threads.click()
    await quentin.page.get_by_test_id("thread-card").get_by_role("button", name="Mark read").click()
    await expect(row.get_by_test_id("unread")).to_have_count(0)
    # The mention stays in the list after it is read.
    await mentions.click()
    await expect(quentin.page.get_by_test_id("inbox-pane")).to_contain_text("What do you say")


async def test_the_list_stands_in_place_of_the_conversation_and_answers_in_its_cards(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("people", {"filz": "Filz Felber"})
    world.seed("room", "felt", owner="filz", members=["bob"])
    world.seed("say", "felt", [["filz", "Which needle?"]])
    filz, bob = await enter("filz", "felt"), await elsewhere("bob")
    await filz.page.keyboard.press("Alt+t")
    pane = filz.page.get_by_test_id("threads-pane")
    await expect(pane).to_contain_text("Threads you start or answer appear here.")
    await expect(filz.composer).to_be_hidden()
    for text in ("The first", "The second", "The third"):
        await bob.say("felt", text, thread=1)
    await bob.say("felt", "And this is in the room")
    card = pane.get_by_test_id("thread-card")
    await expect(card).to_contain_text("1 earlier reply")
    await expect(card).to_contain_text("The third")
    await expect(card).not_to_contain_text("The first")
    # Messages behind the list are not marked read.
    await expect(filz.page.get_by_role("link", name="felt 1 unread")).to_be_visible()
    await filz.page.wait_for_timeout(1_000)
    await expect(filz.page.get_by_role("link", name="felt 1 unread")).to_be_visible()

    await card.get_by_role("button", name="Mark read").click()
    await expect(card.get_by_role("button", name="Mark read")).to_have_count(0)
    await pane.get_by_role("radio", name="Unread").click()
    await expect(pane).to_contain_text("You have read all threads that you follow.")
    assert "?threads=unread" in filz.page.url
    await pane.get_by_role("radio", name="All of mine").click()
    await card.get_by_role("button", name="Reply").click()
    await expect(card.get_by_role("textbox", name="Reply in thread")).to_be_focused()
    await filz.page.keyboard.type("The fourth")
    await filz.page.keyboard.press("Enter")
    await expect(card).to_contain_text("The fourth")
    await bob.hears("message", room="felt", thread=1, message="The fourth")

    # Opening the current room closes the list, and its new messages are read.
    await filz.page.get_by_test_id("sidebar").get_by_role("link", name="felt").click()
    await expect(pane).to_have_count(0)
    await expect(filz.composer).to_be_visible()
    await expect(filz.page.get_by_role("link", name="felt 1 unread")).to_have_count(0)


async def test_the_list_says_that_it_could_not_be_loaded(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"garn": "Garn Gerber"})
    world.seed("room", "darn", owner="garn")
    garn = await enter("garn", "darn")
    await garn.page.evaluate("""() => {
      const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (frame) {
        send.call(this, String(frame).replace('"filter":"following"', '"filter":"followed"'));
      };
      window.mend = () => (WebSocket.prototype.send = send);
    }""")
    await garn.page.keyboard.press("Alt+t")
    pane = garn.page.get_by_test_id("threads-pane")
    await expect(pane.get_by_role("alert")).to_contain_text("Could not load your threads.")
    await garn.page.evaluate("void mend()")
    await pane.get_by_role("button", name="Retry").click()
    await expect(pane).to_contain_text("No threads yet")


async def test_where_replies_go_to_a_thread_reply_opens_it(world: World, enter: EnterRoom) -> None:
    world.seed("room", "hem", owner="alice", members=["bob"])
    world.seed("say", "hem", [["alice", "How long?"]])
    alice = await enter("alice", "hem?settings=conversation")
    await alice.act("How long?", "Reply")
    await expect(alice.page.get_by_test_id("replying-to")).to_be_visible()
    await alice.page.get_by_role("button", name="Cancel reply").click()
    await alice.page.get_by_label("Replies go").select_option("To a thread")
    await expect(alice.page.get_by_test_id("settings-pane").get_by_text("Saved")).to_be_visible()
    await alice.act("How long?", "Reply")
    await expect(alice.page.get_by_test_id("thread-composer").get_by_role("textbox")).to_be_focused()
    await expect(alice.page.get_by_test_id("replying-to")).to_have_count(0)
    # The whole composer fits into the pane.
    send = alice.page.get_by_test_id("thread-composer").get_by_role("button", name="Send message")
    box, width = await send.bounding_box(), await alice.page.evaluate("innerWidth")
    assert box
    assert box["x"] + box["width"] <= width


async def test_a_reply_is_sent_later_and_a_message_is_forwarded_to_a_thread(world: World, enter: EnterRoom) -> None:
    world.seed("room", "bobbin", owner="alice")
    world.seed("say", "bobbin", [["alice", "The root"], ["alice", "Something else"]])
    alice = await enter("alice", "bobbin")
    await alice.act("The root", "Reply in thread")
    pane = alice.page.get_by_test_id("thread-pane")
    composer = pane.get_by_test_id("thread-composer")
    await composer.get_by_role("textbox").fill("In the morning")
    await composer.get_by_role("checkbox", name="Also send to").check()
    await composer.get_by_role("button", name="Send later").click()
    await alice.page.get_by_role("menuitem", name="Tomorrow").click()
    await expect(composer.get_by_role("textbox")).to_have_value("")
    await expect(composer.get_by_role("checkbox", name="Also send to")).not_to_be_checked()
    note = alice.page.get_by_test_id("scheduled-note")
    await expect(note).to_have_count(1)
    await composer.get_by_test_id("scheduled-note").get_by_role("button", name="Show").click()
    waiting = alice.page.get_by_test_id("scheduled-pane").get_by_test_id("scheduled")
    await waiting.get_by_role("button", name="Send now").click()
    await expect(waiting).to_have_count(0)
    await expect(alice.row("In the morning").first).to_be_visible()

    await alice.act("Something else", "Forward")
    dialog = alice.page.get_by_role("dialog")
    await dialog.get_by_label("Thread in #bobbin").check()
    await dialog.get_by_role("button", name="Forward").click()
    await alice.page.get_by_role("button", name="Open", exact=True).click()
    await expect(pane.get_by_test_id("replies")).to_contain_text(["In the morning"])
    await expect(pane.get_by_test_id("replies").get_by_test_id("forwarded")).to_contain_text("Something else")
