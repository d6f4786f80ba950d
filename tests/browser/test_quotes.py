"""Links to messages of this server: cards for those who may read them."""

from playwright.async_api import Page, expect

from support.world import World
from tests.browser.conftest import EnterRoom


async def test_a_link_to_a_message_shows_it_to_those_who_may_read_it(world: World, enter: EnterRoom) -> None:
    world.seed("room", "quote-vault", owner="alice", kind="private")
    world.seed("room", "quote-hall", owner="alice", members=["bob"])
    world.seed("say", "quote-vault", [["alice", "The key is under the mat"]])
    world.seed("say", "quote-hall", [["alice", "The door is open"]])
    alice, bob = await enter("alice", "quote-hall"), await enter("bob", "quote-hall")
    url = world.server.url
    await alice.say(f"Both, {url}/rooms/quote-vault/#m1 and {url}/rooms/quote-hall/#m1")
    mine = alice.row("Both, ").get_by_test_id("quote")
    await expect(mine).to_have_count(2)
    await expect(mine.first).to_contain_text("The key is under the mat")
    theirs = bob.row("Both, ").get_by_test_id("quote")
    await expect(theirs).to_have_count(1)
    await expect(theirs).to_contain_text("The door is open")
    await expect(bob.page.locator("body")).not_to_contain_text("The key")

    first = alice.row("The door is open").first
    await first.hover()
    await first.get_by_role("button", name="More actions").click()
    await alice.page.get_by_role("menuitem", name="Delete", exact=True).click()
    await alice.confirm("Delete")
    await expect(theirs).to_have_count(0)
    await expect(mine).to_have_count(1)
    await mine.get_by_role("link", name="quote-vault").click()
    await expect(alice.page).to_have_url(f"{url}/rooms/quote-vault/")
    await expect(alice.row("The key is under the mat")).to_be_visible()


async def test_a_page_asks_for_a_linked_message_when_its_row_is_in_view(world: World, enter: EnterRoom) -> None:
    world.seed("room", "quote-yard", owner="alice")
    world.seed("room", "quote-loft", owner="alice")
    world.seed("say", "quote-yard", [["alice", "The gate"]])
    link = f"See {world.server.url}/rooms/quote-yard/#m1"
    filler = [["alice", f"line {n}\nand more\nand more"] for n in range(40)]
    world.seed("say", "quote-loft", [["alice", link], *filler])
    asked: list[str] = []

    def note(payload: str | bytes) -> None:
        if '"around"' in str(payload):
            asked.append(str(payload))

    async def listen(page: Page) -> None:
        page.on("websocket", lambda socket: socket.on("framesent", note))

    alice = await enter("alice", "quote-loft", prepare=listen)
    await alice.sees("line 39")
    assert asked == []
    quotes = alice.row("See ").get_by_test_id("quote")
    await alice.timeline.evaluate("(timeline) => { timeline.scrollTop = 0; }")
    await expect(quotes).to_contain_text("The gate")
    assert len(asked) == 1
    # The page does not request messages that it already has.
    await alice.say(f"Like {world.server.url}/rooms/quote-loft/#m41")
    await expect(alice.row("Like ").get_by_test_id("quote")).to_contain_text("line 39")
    assert len(asked) == 1
