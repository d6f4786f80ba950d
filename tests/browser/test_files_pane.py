"""The files shared in a room, beside the conversation, and the actions on a picture in a message."""

import asyncio

from playwright.async_api import expect

from support.world import Window, World
from tests.browser.conftest import EnterRoom
from tests.browser.test_files import attach, picture, text

FOUND = """async ([query, count]) => {
  const answer = await fetch(`/api/v1/search?q=${encodeURIComponent(query)}`);
  return answer.ok && (await answer.json()).results.length === count;
}"""


async def found(window: Window, query: str, count: int) -> None:
    """The index learns of messages within a second; frequent searches are refused."""
    for _ in range(30):
        if await window.page.evaluate(FOUND, [query, count]):
            return
        await asyncio.sleep(1)
    raise AssertionError(query)


async def test_links_of_a_room_or_of_a_person_are_listed_and_lead_to_their_messages(
    world: World, enter: EnterRoom
) -> None:
    world.seed("room", "charts", owner="alice", members=["bob"])
    said = [
        ("alice", "The tides: [tables](https://tides.example.org/2026), not `https://code.example.org`"),
        ("bob", "www.example.org/boats, https://example.org/pier and https://example.org/pier"),
    ]
    world.seed("say", "charts", [*said, *[("bob", f"filler {number}") for number in range(80)]])
    alice = await enter("alice", "charts")
    await found(alice, "in:charts has:link", 2)
    await alice.page.goto(f"{world.server.url}/rooms/charts/?files")
    # Not by key, which could go to the message box: it takes the focus when the page has loaded.
    await alice.files_pane.get_by_role("radio", name="Links").click()
    links = alice.shared_links
    names = links.locator("p > a")
    await expect(names).to_have_text(["www.example.org/boats", "example.org/pier", "tables"])
    await expect(links.nth(2)).to_contain_text("tides.example.org, Alice Arden")
    await expect(names.nth(2)).to_have_attribute("rel", "noopener noreferrer nofollow")
    await alice.files_pane.get_by_label("From").select_option("Bob Birch")
    await expect(names).to_have_text(["www.example.org/boats", "example.org/pier"])
    await alice.files_pane.get_by_label("From").select_option("Me")
    await expect(names).to_have_text(["tables"])
    # Messages that come and go while the pane is open.
    await alice.say("And https://example.org/new")
    await expect(names).to_have_text(["example.org/new", "tables"])
    await alice.act("And https", "Delete")
    await alice.confirm("Delete")
    await expect(names).to_have_text(["tables"])
    # The list may be drawn again: a key press could meet a link that is gone.
    await links.get_by_role("link", name="Show the message").click()
    await expect(alice.row("The tides")).to_be_in_viewport()


async def test_files_are_found_behind_many_pictures(world: World, enter: EnterRoom) -> None:
    world.seed("room", "slides", owner="alice")
    alice = await enter("alice", "slides")
    await attach(alice, text("plan.txt"))
    await alice.say("The plan")
    await alice.has_sent("The plan")
    for number in range(3):
        await attach(alice, picture(f"{number}.png"))
        await alice.say(f"Picture {number}")
        await alice.has_sent(f"Picture {number}")
    await found(alice, "in:slides has:file", 4)
    # One message per page: most pages have no file.
    await alice.page.route("**/api/v1/search?*", lambda route: route.continue_(url=_limited(route.request.url)))
    await alice.page.goto(f"{world.server.url}/rooms/slides/?files")
    await expect(alice.files_pane.get_by_role("img")).to_have_count(3)
    await alice.files_pane.get_by_role("radio", name="Files").click()
    await expect(alice.files_pane.get_by_test_id("file")).to_contain_text("plan.txt")
    await alice.files_pane.get_by_role("radio", name="Links").click()
    await expect(alice.files_pane).to_contain_text("Nothing has been shared here yet.")


async def test_a_picture_offers_its_buttons_to_the_pointer_and_to_the_keyboard(world: World, enter: EnterRoom) -> None:
    world.seed("room", "jetty", owner="alice", members=["bob"])
    alice = await enter("alice", "jetty")
    await attach(alice, picture("pier.png"))
    await alice.say("The pier")
    await alice.has_sent("The pier")
    row = alice.row("The pier")
    download = row.get_by_role("link", name="Download pier.png")
    await alice.pictures.hover()
    await expect(download).to_have_attribute("download", "pier.png")
    async with alice.page.expect_download() as begun:
        await download.click()
    assert (await begun.value).suggested_filename == "pier.png"
    await alice.composer.focus()
    await alice.composer.hover()
    await expect(download).to_have_count(0)
    await alice.pictures.focus()
    await expect(download).to_be_visible()
    await alice.page.keyboard.press("Tab")
    await expect(download).to_be_focused()
    await alice.page.keyboard.press("Tab")
    await alice.page.keyboard.press("Enter")
    await expect(alice.replying_to).to_contain_text("Alice Arden")
    await expect(alice.composer).to_be_focused()
    await expect(alice.lightbox).to_have_count(0)


def _limited(address: str) -> str:
    return address.replace("limit=30", "limit=1")
