"""Long, many and unusual texts, names and members: no element leaves its container."""

import re

import pytest
from playwright.async_api import Page, expect

from support.world import Window, World
from tests.browser.conftest import EnterRoom

FAMILY = "👩‍👩‍👧‍👦"
WIDE = "W" * 64
NAMES = [WIDE, FAMILY * 9, "\u202emoor\u202c", "Ana"]
CHARS_MAX = 10_000
TEXTS = [
    "W" * CHARS_MAX,
    FAMILY * 400,
    "\u202e" + "abc " * 200,
    "word " * 2_000,
    "**bold** " * 1_100,
    "> quoted\n" * 380,
    "```py\n" + "def f(x): return x\n" * 500 + "```",
    "https://example.org/" + "a" * 3_000,
    "`" + "c" * 5_000 + "`",
    "- one\n  - two\n" * 190,
    "@crowd-0 " * 1_000,
    "> " + "W" * 3_000,
]
# Elements wider than their container, or reaching out of it.
OUTSIDE = """() => {
  const named = (element) => `${element.tagName}.${element.className}`;
  const part = (name) => `[data-testid=${name}]`;
  const places = ["html", "body", "body > *", "main", "[role=log]", "[role=log] > *", `${part("sidebar")} *:has(> ul)`,
    `${part("members")} > *`, "[aria-label=Reactions]",
    ...["room-header", "composer", "message-text", "system-line"].map(part)].join();
  const wide = [...document.querySelectorAll(places)].filter((place) => place.scrollWidth > place.clientWidth + 1);
  const within = (selector, place) => [...document.querySelectorAll(selector)].filter((element) => {
    const [box, edge] = [element, element.closest(place)].map((one) => one.getBoundingClientRect());
    return box.width && (box.left < edge.left - 1 || box.right > edge.right + 1);
  });
  const out = [...within("article, article *:not(pre *)", "[role=log]"), ...within("header > *", "header"),
    ...within(`${part("member")}, ${part("member")} b`, part("members")),
    ...within(`${part("room-link")}, ${part("room-link")} > *`, part("sidebar"))];
  return [...wide, ...out].map(named);
}"""


@pytest.fixture(scope="module")
def crowded(world: World) -> World:
    world.seed("room", "crowded", owner="alice", title="T" * 100, topic="W" * 500)
    world.seed("crowd", "crowded", NAMES, size=5_000)
    world.seed("say", "crowded", [(f"crowd-{number}", text[:CHARS_MAX]) for number, text in enumerate(TEXTS)])
    world.seed("say", "crowded", [("crowd-0", "many kinds"), ("crowd-1", "many people")])
    world.seed("react", "crowded", len(TEXTS) + 1, [chr(0x1F300 + number) for number in range(500)])
    world.seed("react", "crowded", len(TEXTS) + 2, ["👍"] * 500)
    return world


@pytest.mark.parametrize("width", [1280, 768, 320])
async def test_no_element_leaves_its_container(crowded: World, enter: EnterRoom, width: int) -> None:
    alice = await enter("alice", "crowded", viewport={"width": width, "height": 800})
    await alice.sees("many people")
    assert await alice.page.evaluate(OUTSIDE) == []
    await unfold_all(alice)
    kinds = alice.reactions_of("many kinds")
    await expect(kinds).to_have_count(12 + 2)
    await kinds.filter(has_text="+488").click()
    await expect(kinds).to_have_count(500 + 1)
    people = alice.reactions_of("many people").first
    await expect(people).to_have_text(re.compile("500$"))
    await expect(people).to_have_attribute("title", re.compile("and 470 others$"))
    assert await alice.page.evaluate(OUTSIDE) == []
    await alice.composer.fill("W" * (CHARS_MAX + 1))
    await expect(alice.page.get_by_role("button", name="Send message")).to_be_disabled()
    assert await alice.page.evaluate(OUTSIDE) == []
    await alice.composer.fill("")
    if width < 1_100:
        await alice.member_count.click()
        await expect(alice.members.first).to_be_visible()
        assert await alice.page.evaluate(OUTSIDE) == []


async def test_of_5000_members_only_those_scrolled_to_are_drawn(crowded: World, enter: EnterRoom) -> None:
    alice = await enter("alice", "crowded")
    members = alice.members
    await expect(members).to_have_count(100)
    await expect(alice.member_count).to_have_text("2,000+")
    await members.last.scroll_into_view_if_needed()
    await expect(members).to_have_count(200)
    await alice.page.get_by_label("Filter members").fill("crowd-1")
    await expect(members).to_have_count(100)
    await alice.page.get_by_label("Filter members").fill("crowd-155")
    await expect(members).to_have_count(11)
    await alice.page.get_by_label("Filter members").fill("")
    await expect(members).to_have_count(100)
    assert await nodes(alice.page) < 4_000


async def test_100000_unread_messages_are_a_number_and_one_page(world: World, enter: EnterRoom) -> None:
    world.seed("room", "flooded", owner="alice", members=["bob"], said=20)
    world.seed("unread", "flooded", 100_000)
    world.seed("say", "flooded", [("bob", f"late {number}") for number in range(80)])
    world.seed("room", "dry", owner="alice")
    alice = await enter("alice", "dry")
    entry = alice.room_link("flooded")
    await expect(entry.get_by_test_id("unread")).to_have_text("99+")
    await entry.click()
    above = alice.new_above
    await expect(above).to_contain_text("100,060 new")
    assert await alice.rows.count() <= 100
    await above.get_by_role("button", name="100,060 new").click()
    await alice.sees("late 0")


async def unfold_all(window: Window) -> None:
    more = window.timeline.get_by_role("button", name=re.compile("^Show all"))
    while left := await more.count():
        await more.first.click()
        await expect(more).to_have_count(left - 1)


async def nodes(page: Page) -> int:
    count: int = await page.evaluate("document.querySelectorAll('*').length")
    return count
