"""The browser's translator and clipboard work on the conversation."""

from playwright.async_api import expect

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
