"""The chat in German, and a right-to-left page."""

import re
from typing import Any, get_args

import pytest
from playwright.async_api import Browser, Page, expect

from chat.protocol.events import SystemEvent
from support.people import PASSWORD
from support.world import World
from tests.browser.conftest import EnterRoom
from tests.browser.modules import module_page

GERMAN: dict[str, Any] = {"locale": "de-DE", "viewport": {"width": 1280, "height": 800}}
TOO_WIDE = """() => [...document.querySelectorAll("html, body, body > *, main, [role=log]")]
  .filter((element) => element.scrollWidth > element.clientWidth).map((element) => element.className)"""
BOXES = """() => Object.fromEntries(
  ["[data-testid=sidebar]", "main", "[data-testid=members]", "article [data-testid=avatar]", "[data-testid=send]"]
  .map((selector) => {
    const box = document.querySelector(selector)?.getBoundingClientRect();
    return [selector, box && { left: box.left, right: box.right }];
  }))"""


async def test_a_german_signs_in_and_talks_in_german(world: World, enter: EnterRoom) -> None:
    world.seed("room", "garten", owner="alice", members=["bob"], said=2)
    context = await world.browser.new_context(**GERMAN)
    page = await context.new_page()
    await page.goto(f"{world.server.url}/accounts/login/?next=/rooms/garten/")
    await expect(page.locator("html")).to_have_attribute("lang", "de")
    await page.get_by_label("Benutzername").fill("bob")
    await page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Anmelden").click()
    await page.wait_for_url(re.compile("/rooms/garten/"))
    await context.close()

    bob = await enter("bob", "garten", **GERMAN)
    await expect(bob.page.locator("html")).to_have_attribute("lang", "de")
    await expect(bob.timeline.get_by_role("heading", level=2).first).to_have_text("Heute")
    await expect(bob.composer).to_have_attribute("placeholder", "Nachricht an #garten")
    await expect(bob.member_count).to_have_attribute("aria-label", re.compile(r"^2 Mitglieder, \d online$"))
    await bob.page.keyboard.press("Control+k")
    await expect(bob.page.get_by_placeholder("Zu einem Raum oder einer Person springen")).to_be_focused()


async def test_plurals_dates_and_refusals_are_german(browser: Browser) -> None:
    async with module_page(browser, "de") as page:
        said = await page.evaluate(
            """async () => {
                 const module = (name) => import(`/static/chat/js/i18n/${name}.js`);
                 const [words, times] = await Promise.all(["i18n", "dates", "i18n_deferred"].map(module));
                 return [
                   words.tn("{n} new message", "{n} new messages", 1),
                   words.tn("{n} new message", "{n} new messages", 1234),
                   words.t("A sentence that nobody translated"),
                   words.t("constructor"),
                   words.refusalText({ code: "forbidden", message: "Join the room first." }),
                   words.refusalText({ code: "not_found", message: "There is no such room, or you may not see it." }),
                   times.dayLabel(new Date(2024, 1, 29), new Date(2026, 0, 1)),
                 ];
               }"""
        )
    assert said == [
        "1 neue Nachricht",
        "1.234 neue Nachrichten",
        "A sentence that nobody translated",
        "constructor",
        "Tritt erst dem Raum bei.",
        "Das gibt es nicht, oder du darfst es nicht sehen.",
        "Donnerstag, 29. Februar 2024",
    ]


async def test_an_unknown_command_is_refused_in_german(world: World, enter: EnterRoom) -> None:
    world.seed("room", "zahlen", owner="alice", members=["bob"], said=1)
    bob = await enter("bob", "zahlen", **GERMAN)
    await bob.say("/teleport nach Hause")
    problem = bob.page.get_by_role("alert").filter(has_text="Den Befehl /teleport gibt es nicht.")
    await expect(problem).to_be_visible()


async def test_each_system_line_has_its_german_sentence(browser: Browser) -> None:
    facts = [
        {"event": event, "username": "bob", "by": "alice", "to": to}
        for event in get_args(SystemEvent)
        for to in ("Kräuter", "")
    ]
    tell = """async (facts) => {
      const { systemSentence } = await import("/static/chat/js/timeline/system_line.js");
      return facts.map((system) => systemSentence({ system, message: `bob ${system.event}` }, (username) => username));
    }"""
    sentences = {}
    for language in ("en", "de"):
        async with module_page(browser, language) as page:
            sentences[language] = await page.evaluate(tell, facts)
    for english, german, system in zip(sentences["en"], sentences["de"], facts, strict=True):
        assert german not in (english, f"bob {system['event']}")
        assert "bob" in german
        changed = bool(system["to"]) and system["event"] in {"topic", "renamed"}
        assert ("Kräuter" in german) == ("Kräuter" in english) == changed


async def test_the_settings_change_the_language_and_the_chat_follows(world: World, enter: EnterRoom) -> None:
    world.seed("room", "sprache", owner="alice", said=1)
    alice = await enter("alice", "/settings/")
    page = alice.page
    # A choice is saved at once, and the page reloads in the language.
    await page.get_by_role("radio", name="Deutsch").check()
    await expect(page.get_by_role("heading", name="Einstellungen", level=1)).to_be_visible()
    # Its longer words also fit on a phone.
    await page.set_viewport_size({"width": 320, "height": 640})
    lefts = await page.get_by_role("button").evaluate_all("all => all.map((one) => one.getBoundingClientRect().left)")
    assert min(lefts) >= 0
    await page.goto(f"{world.server.url}/rooms/sprache/")
    await expect(alice.composer).to_have_attribute("placeholder", "Nachricht an #sprache")


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_right_to_left_page_is_mirrored_and_not_too_wide(world: World, enter: EnterRoom, width: int) -> None:
    slug = f"mirror-{width}"
    world.seed("room", slug, owner="alice", members=["bob"], said=1)
    world.seed("say", slug, [("alice", "مرحبا بكم في الغرفة"), ("bob", "W" * 300), ("alice", "> quoted\n\n- listed")])
    bob = await enter("bob", slug, viewport={"width": width, "height": 800})
    await expect(bob.rows).to_have_count(4)
    before = await bob.page.evaluate(BOXES)
    await bob.page.evaluate("document.documentElement.dir = 'rtl'")
    after = await bob.page.evaluate(BOXES)
    drawers = ("[data-testid=sidebar]", "[data-testid=members]") if width < 720 else ()
    for selector, box in before.items():
        # The distance from one edge becomes the distance from the other.
        if box is not None and selector not in drawers:
            assert abs(after[selector]["right"] - (width - box["left"])) < 2, selector
    assert await bob.page.evaluate(TOO_WIDE) == []
    assert await runs(bob.page, "مرحبا") == "rtl"
    assert await runs(bob.page, "line 1") == "ltr", "a message runs as its own words do"
    if width < 720:
        await bob.page.get_by_role("button", name=re.compile("^Rooms")).first.click()
        await expect(bob.sidebar).to_be_in_viewport(ratio=1)
        await bob.page.keyboard.press("Escape")
        await expect(bob.sidebar).not_to_be_in_viewport()
        assert await bob.page.evaluate(TOO_WIDE) == []


async def runs(page: Page, text: str) -> str:
    found: str = (
        await page.get_by_test_id("message-text")
        .filter(has_text=text)
        .evaluate("element => getComputedStyle(element).direction")
    )
    return found
