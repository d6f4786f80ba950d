"""The browser's translator and clipboard work on the conversation."""

from playwright.async_api import Page, expect

from support.world import World
from tests.browser.conftest import Elsewhere, EnterRoom

# Browser translators do the same: they move each translatable text into elements of their own.
_TRANSLATE = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const closest = parent.closest("[translate]");
    const wanted = walker.currentNode.data.trim() && !parent.closest("script, style, font, textarea");
    if (wanted && closest?.getAttribute("translate") !== "no") found.push(walker.currentNode);
  }
  for (const text of found) {
    const outer = document.createElement("font");
    const inner = outer.appendChild(document.createElement("font"));
    inner.textContent = text.data.toUpperCase();
    text.replaceWith(outer);
  }
  return found.length;
}"""


async def test_a_translated_page_still_follows_changes(world: World, enter: EnterRoom, elsewhere: Elsewhere) -> None:
    world.seed("room", "parlour", owner="alice", members=["bob"])
    world.seed("room", "kitchen", owner="alice", members=["bob"])
    alice, bob = await elsewhere("alice"), await enter("bob", "parlour")
    await alice.say("parlour", "good **morning**")
    await alice.say("parlour", "plain words")
    await bob.sees("plain words")
    # Drawn with what formats messages, which the page fetches for the first that has signs of it.
    await expect(bob.timeline.locator("strong")).to_have_text("morning")
    assert await bob.page.evaluate(_TRANSLATE) >= 3
    await expect(bob.timeline).to_contain_text("MORNING")
    await alice.do("edit_message", room="parlour", seq=1, message="good **evening**")
    await alice.do("edit_message", room="parlour", seq=2, message="other words")
    await expect(bob.texts_shown.first).to_have_text("good evening (edited)")
    await expect(bob.texts_shown.nth(1)).to_have_text("other words (edited)")
    await bob.room_links.filter(has_text="kitchen").click()
    await expect(bob.title).to_have_text("kitchen")
    await bob.say("still here")
    await bob.has_sent("still here")


async def test_a_copied_conversation_holds_names_and_words_only(world: World, enter: EnterRoom) -> None:
    world.seed("room", "copying", owner="alice", members=["bob"])
    world.seed("say", "copying", [("alice", "first line"), ("alice", "second **line**"), ("bob", "an answer @alice")])
    bob = await enter("bob", "copying")
    await bob.sees("an answer")
    await expect(bob.timeline.locator("strong")).to_have_text("line")
    copied: str = await bob.page.evaluate(
        """() => {
             getSelection().selectAllChildren(document.querySelector("[role=log]"));
             return getSelection().toString();
           }"""
    )
    lines = [line for line in copied.splitlines() if line.strip()]
    assert lines[-5:] == ["Alice Arden", "first line", "second line", "Bob Birch", "an answer @alice"]


# As over plain http at another address than this machine's.
_NO_CLIPBOARD = "Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined })"


async def test_links_and_code_are_copied_without_https(world: World, enter: EnterRoom) -> None:
    world.seed("room", "plain-copy", owner="alice")
    world.seed("say", "plain-copy", [("alice", "```\nfirst\n  second\n```")])

    async def over_http(page: Page) -> None:
        await page.add_init_script(_NO_CLIPBOARD)

    alice = await enter("alice", "plain-copy", prepare=over_http)
    await alice.page.get_by_role("figure").get_by_role("button", name="Copy").click()
    await expect(alice.page.get_by_role("button", name="Copied")).to_be_visible()
    await alice.composer.press("Control+v")
    await expect(alice.composer).to_have_value("first\n  second")

    await alice.page.get_by_role("button", name="Room options").click()
    await alice.page.get_by_role("menuitem", name="Copy link").click()
    await expect(alice.toasts).to_have_text("Link copied")
    await alice.composer.fill("")
    await alice.composer.press("Control+v")
    await expect(alice.composer).to_have_value(f"{world.server.url}/rooms/plain-copy/")


async def test_a_token_is_copied_without_https(world: World, enter: EnterRoom) -> None:
    async def over_http(page: Page) -> None:
        await page.add_init_script(_NO_CLIPBOARD)

    alice = await enter("alice", "base", prepare=over_http)
    await alice.page.goto(f"{world.server.url}/settings/#tokens")
    tokens = alice.page.get_by_role("region", name="Access tokens")
    await tokens.get_by_text("Make a token").click()
    await tokens.get_by_label("Name").fill("for a script")
    await tokens.get_by_role("button", name="Make token").click()
    await tokens.get_by_role("button", name="Copy", exact=True).click()
    await expect(tokens.get_by_role("button", name="Copied")).to_be_visible()
    token = await tokens.get_by_label("Access token", exact=True).input_value()
    await alice.open("base")
    await alice.composer.press("Control+v")
    await expect(alice.composer).to_have_value(token)
    await alice.composer.fill("")


async def test_a_browser_that_copies_nothing_says_so(world: World, enter: EnterRoom) -> None:
    world.seed("room", "no-copy", owner="alice")

    async def refusing(page: Page) -> None:
        await page.add_init_script(_NO_CLIPBOARD + "; document.execCommand = () => false")

    alice = await enter("alice", "no-copy", prepare=refusing)
    await alice.page.get_by_role("button", name="Room options").click()
    await alice.page.get_by_role("menuitem", name="Copy link").click()
    await expect(alice.toasts).to_have_text("This browser does not allow copying.")
