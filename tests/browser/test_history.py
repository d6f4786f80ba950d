"""History loads in pages while scrolling up, and the line being read does not move."""

from playwright.async_api import expect

from support.world import Window, World
from tests.browser.conftest import EnterRoom

# The first row that is fully in view, and its distance from the top edge.
_READ_LINE = """() => {
  const top = document.querySelector("[role=log]").getBoundingClientRect().top;
  const row = [...document.querySelectorAll("article")].find((row) => row.getBoundingClientRect().top >= top);
  return [row.querySelector("[data-testid=message-text]").innerText, row.getBoundingClientRect().top - top];
}"""
_OFFSET_OF = """(text) => {
  const top = document.querySelector("[role=log]").getBoundingClientRect().top;
  const row = [...document.querySelectorAll("article")]
    .find((row) => row.querySelector("[data-testid=message-text]").innerText === text);
  return row.getBoundingClientRect().top - top;
}"""


async def _scroll_to(window: Window, top: int) -> None:
    await window.page.evaluate("(top) => { document.querySelector('[role=log]').scrollTop = top; }", top)
    # The page receives the scroll event with the next frame.
    await window.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


async def test_older_messages_load_without_moving_the_line_being_read(world: World, enter: EnterRoom) -> None:
    world.seed("room", "long", owner="alice", said=180)
    alice = await enter("alice", "long")
    await alice.sees("line 180")
    await alice.sees("line 130", times=0)
    # Held back until the position is read, so that the older page cannot arrive before.
    world.server.pause()
    try:
        await _scroll_to(alice, 300)
        text, offset = await alice.page.evaluate(_READ_LINE)
    finally:
        world.server.resume()
    await alice.sees("line 130")
    moved = await alice.page.evaluate(_OFFSET_OF, text) - offset
    assert abs(moved) < 1


async def test_the_beginning_is_reached_and_named(world: World, enter: EnterRoom) -> None:
    world.seed("room", "deep", owner="alice", said=120)
    alice = await enter("alice", "deep")
    beginning = alice.page.get_by_text("This is the start of #deep")
    for _ in range(20):
        if await beginning.count():
            break
        await _scroll_to(alice, 0)
    await expect(beginning).to_be_visible()
    rows = await alice.texts()
    assert rows == [f"line {number}" for number in range(1, 121)]


async def test_new_messages_do_not_move_a_reader_further_up(world: World, enter: EnterRoom) -> None:
    world.seed("room", "busy", owner="alice", members=["bob"], said=60)
    alice, bob = await enter("alice", "busy"), await enter("bob", "busy")
    await _scroll_to(bob, 200)
    text, offset = await bob.page.evaluate(_READ_LINE)
    await alice.say("Down here")
    await alice.say("And here")
    pill = bob.latest
    await expect(pill).to_have_text("2 new")
    assert abs(await bob.page.evaluate(_OFFSET_OF, text) - offset) < 1
    await pill.click()
    await expect(bob.row("And here")).to_be_in_viewport()
    await expect(pill).to_have_count(0)


async def test_a_reader_with_90_unread_messages_is_led_to_the_first(world: World, enter: EnterRoom) -> None:
    world.seed("room", "backlog", owner="alice", members=["bob"], said=5)
    world.seed("say", "backlog", [("alice", f"news {number}") for number in range(1, 91)])
    bob = await enter("bob", "backlog")
    await bob.sees("news 90")
    above = bob.new_above
    await expect(above).to_contain_text("90 new")
    await above.get_by_role("button", name="90 new").click()
    await expect(bob.first_new).to_contain_text("news 1")
    await expect(bob.new_rule).to_be_in_viewport()
    # Back down: the rows between are rendered as they are needed.
    await bob.latest.click()
    await expect(bob.row("news 90")).to_be_in_viewport()


async def test_a_link_to_a_message_opens_the_room_there(world: World, enter: EnterRoom) -> None:
    world.seed("room", "linked", owner="alice", said=150)
    alice = await enter("alice", "linked#m20")
    await expect(alice.page.locator('[data-seq="20"]')).to_be_in_viewport()
    await expect(alice.page.locator('[data-seq="20"]')).to_contain_text("line 20")
