"""No text that people write becomes markup, script or a request.

`hostile.json` contains texts that attempt it. Nothing in it may run, and nothing may even be tried: a violation of the
page's policy is a failure too (every window is checked for violations at the end of its test).
"""

import json
import re
import unicodedata
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Page, Request, expect

from support.chat_page import ChatPage
from support.world import World
from tests.browser.conftest import Elsewhere, EnterRoom
from tests.browser.modules import ORIGIN, module_page

VECTORS: list[str] = json.loads((Path(__file__).parent / "hostile.json").read_text())
# Long texts made only of marks.
HEAVY = ["*" * 500 + "_" * 500 + "~" * 500 + "`" * 500, "[" * 2000 + "](" * 500, "> " * 400 + "deep"]

ELEMENTS = {"P", "BR", "STRONG", "EM", "DEL", "BLOCKQUOTE", "UL", "OL", "LI", "FIGURE", "FIGCAPTION", "BUTTON", "PRE", "CODE", "A", "SPAN", "DIV", "TABLE", "TR", "TH", "TD"}  # fmt: skip # noqa: E501
ATTRIBUTES = {
    "class",
    "data-testid",
    "dir",
    "href",
    "title",
    "target",
    "rel",
    "tabindex",
    "type",
    "value",
    "translate",
    "scope",
    "role",
    "aria-haspopup",
    "aria-label",
}
DANGEROUS = "script, img, iframe, style, link, base, meta, form, details, math, object, embed, video, audio, template"

_LOOK = """(selector) => {
  const inside = [...document.querySelectorAll(`${selector} *`)];
  return {
    elements: [...new Set(inside.map((element) => element.nodeName))],
    attributes: [...new Set(inside.flatMap((element) => [...element.attributes].map(({ name }) => name)))],
    links: inside.filter((one) => one.matches("a:not([href^='/rooms/'])")).map((link) => [link.protocol, link.rel]),
    stolen: typeof stolen,
  };
}"""
# Renders each text as a message without any policy in the way.
_DRAW = """async (texts) => {
  const { render } = await import("preact");
  const { html } = await import("/static/chat/js/components/html.js");
  const { AppContext } = await import("/static/chat/js/components/context.js");
  const { RichText } = await import("/static/chat/js/components/rich_text.js");
  const markdown = await import("/static/chat/js/components/markdown_view.js");
  const highlight = await import("/static/chat/js/text/highlight.js");
  const { Toasts } = await import("/static/chat/js/components/toasts.js");
  const store = { me: { value: { username: "alice" } }, nameOf: (name) => name, room: (slug) => ({ room: slug }) };
  const toasts = { value: texts.map((text, id) => ({ id, text, showFor: 60_000 })) };
  const lazy = { markdown: { value: markdown }, highlight: { value: highlight }, emojiNames: { value: null } };
  const app = { store, lazy, first: { textOf: () => undefined }, ui: { toasts }, factsOf: store.room };
  const rows = texts.map((text) => html`<${RichText} message=${{ message: text, mentions: ["alice"] }} />`);
  document.body.replaceChildren();
  render(html`<${AppContext.Provider} value=${app}><main>${rows}</main><${Toasts} /><//>`, document.body);
  for (const element of document.querySelectorAll("main *")) {
    for (const kind of ["pointerenter", "mouseover", "focus", "toggle"]) element.dispatchEvent(new Event(kind));
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bare_page(browser: Browser) -> AsyncGenerator[Page]:
    async with module_page(browser) as made:
        yield made


def test_the_corpus_is_large() -> None:
    assert len(set(VECTORS)) >= 100


async def test_even_without_a_policy_nothing_runs_and_nothing_is_fetched(bare_page: Page) -> None:
    requests: list[str] = []
    bare_page.on("request", lambda request: requests.append(request.url))
    await bare_page.evaluate(_DRAW, VECTORS + HEAVY)
    seen = await bare_page.evaluate(_LOOK, "main")
    assert len(seen["links"]) > 10
    _is_harmless(seen)
    assert [url for url in requests if not url.startswith(f"{ORIGIN}/static/")] == []
    # Toasts show every character.
    assert await ChatPage(bare_page).toasts.get_by_role("paragraph").all_text_contents() == [
        *VECTORS,
        *HEAVY,
    ]
    assert await bare_page.get_by_test_id("toasts").locator(DANGEROUS).count() == 0


async def test_hostile_messages_and_answers_to_them_are_only_text(world: World, enter: EnterRoom) -> None:
    texts = VECTORS + HEAVY
    rooms = {f"hostile-{at}": ["**marks are read**", *texts[at : at + 40]] for at in range(0, len(texts), 40)}
    for slug, said in rooms.items():
        world.seed("room", slug, owner="alice", members=["bob"])
        world.seed("say", slug, [("alice", text) for text in said])
    bob = await enter("bob", "/settings/")
    requests = _heard(bob.page)
    for slug, said in rooms.items():
        await bob.open(slug)
        await expect(bob.rows).to_have_count(len(said))
        await expect(bob.timeline.locator("strong").filter(has_text="marks are read")).to_be_visible()
        # Reply to the first messages of the room: each reply quotes its original in the line above.
        await bob.page.evaluate(_ANSWER, [slug, min(5, len(said))])
        await expect(bob.timeline.get_by_test_id("reply")).to_have_count(min(5, len(said)))
        _is_harmless(await bob.page.evaluate(_LOOK, "[data-testid=message-text]"))
        assert await bob.timeline.locator(DANGEROUS).count() == 0
        assert await bob.refused_by_policy() == []
    assert [url for url in requests if not url.startswith(world.server.url)] == []


async def test_hostile_names_titles_and_topics_are_only_text(world: World, enter: EnterRoom) -> None:
    world.seed("hostile_names", VECTORS, owner="bob")
    bob = await enter("bob", "named-0")
    requests = _heard(bob.page)
    # The members of the room and their messages, the sidebar with a room for each text, the header with a topic.
    members = bob.members
    # A long list is rendered as it scrolls.
    await expect(members).to_have_count(100)
    await members.last.scroll_into_view_if_needed()
    await expect(members).to_have_count(len(VECTORS) + 1)
    await expect(bob.room_links.filter(has_text="stolen")).not_to_have_count(0)
    assert await bob.header.get_by_test_id("topic").text_content() == VECTORS[0]
    shown = await bob.room_links.locator("b").all_text_contents()
    # Titles are stored in NFC.
    titles = {unicodedata.normalize("NFC", text)[:100].strip() for text in VECTORS}
    assert titles <= {name.strip() for name in shown}
    # The same names and topics again: in the quick switch, the list of all rooms and the suggestions.
    await bob.page.keyboard.press("Control+k")
    await bob.page.keyboard.type("stolen")
    await expect(bob.page.get_by_role("option")).not_to_have_count(0)
    await bob.page.keyboard.press("Escape")
    await bob.page.get_by_role("button", name="Browse rooms").first.click()
    await expect(bob.dialog).to_contain_text("stolen")
    assert await bob.dialog.locator(DANGEROUS).count() == 0
    await bob.page.keyboard.press("Escape")
    await bob.composer.press_sequentially("@")
    await expect(bob.suggestions).to_be_visible()
    for area in (bob.sidebar, bob.header, bob.member_list, bob.suggestions, bob.timeline):
        assert await area.locator(DANGEROUS).count() == 0, area
    assert await bob.page.evaluate("typeof stolen") == "undefined"
    await bob.composer.fill("")
    # A toast that contains a title.
    await bob.page.get_by_role("button", name="Room options").click()
    await bob.page.get_by_role("menuitem", name="Leave room").click()
    await expect(bob.toasts.get_by_role("paragraph")).to_have_text(f"Left #{VECTORS[0]}")
    assert await bob.page.evaluate("typeof stolen") == "undefined"
    assert [url for url in requests if not url.startswith(world.server.url)] == []


async def test_a_hostile_notification_is_only_text(world: World, enter: EnterRoom, elsewhere: Elsewhere) -> None:
    world.seed("people", {"prue": "<img src=x onerror=stolen=1>", "rui": "Rui Reed"})
    world.seed("prefer", "rui", notify="all")
    world.seed("room", "bell", owner="prue", members=["rui"])
    rui = await enter("rui", "bell", prepare=lambda page: page.add_init_script(_NOTIFICATIONS))
    await rui.page.evaluate("document.hasFocus = () => false")
    said = [text for text in VECTORS if len(text) < 200][::12]
    prue = await elsewhere("prue")
    for text in said:
        await prue.say("bell", text)
    await rui.page.wait_for_function("(count) => window.notified.length >= count", arg=len(said))
    notified: list[dict[str, Any]] = await rui.page.evaluate("window.notified")
    assert all(one["title"] == "<img src=x onerror=stolen=1> in #bell" for one in notified)
    assert all(
        isinstance(one["body"], str) and re.fullmatch(r"/static/[\w/]*favicon\.svg", one["icon"]) for one in notified
    )
    assert all(set(one) <= {"title", "body", "tag", "renotify", "silent", "icon"} for one in notified)
    assert await rui.page.evaluate("typeof stolen") == "undefined"


async def test_the_policy_lets_no_foreign_script_run(world: World, enter: EnterRoom) -> None:
    world.seed("room", "policy", owner="alice")
    alice = await enter("alice", "policy")
    response = await alice.page.request.get(alice.page.url)
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    # Even if markup got in, it would not run.
    await alice.page.evaluate(
        """async () => {
             const slip = document.createElement("div");
             slip.innerHTML = `<img src=${document.querySelector("link[rel=icon]").href} onload=stolen=1>`;
             document.body.append(slip);
             await slip.firstChild.decode();
             const script = document.createElement("script");
             script.textContent = "stolen = 1";
             document.body.append(script);
           }"""
    )
    assert await alice.page.evaluate("typeof stolen") == "undefined"
    assert sorted(await alice.refused_by_policy()) == ["script-src-attr inline", "script-src-elem inline"]
    await alice.page.evaluate("refusedByPolicy.length = 0")
    alice.errors.clear()


_ANSWER = """async ([slug, count]) => {
  const token = /csrftoken=([^;]+)/.exec(document.cookie)[1];
  for (let seq = 1; seq <= count; seq += 1) {
    const body = JSON.stringify({ message: `answer ${seq}`, reply_to: seq });
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
    const answer = await fetch(`/api/v1/rooms/${slug}/messages`, { method: "POST", body, headers });
    if (!answer.ok) throw new Error(await answer.text());
  }
}"""
_NOTIFICATIONS = """
window.notified = [];
window.Notification = class extends EventTarget {
  static permission = "granted";
  constructor(title, options) {
    super();
    notified.push({ title, ...options });
  }
  close() {}
};"""


def _is_harmless(seen: dict[str, Any]) -> None:
    assert seen["stolen"] == "undefined"
    assert set(seen["elements"]) <= ELEMENTS
    assert set(seen["attributes"]) <= ATTRIBUTES
    assert all(protocol in {"https:", "http:", "mailto:"} for protocol, _ in seen["links"])
    assert all(rel == "noopener noreferrer nofollow" for _, rel in seen["links"])


def _heard(page: Page) -> list[str]:
    requests: list[str] = []

    def hear(request: Request) -> None:
        requests.append(request.url.replace("ws://", "http://"))

    page.on("request", hear)
    return requests
