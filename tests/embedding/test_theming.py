"""The component takes on the look of the page: each custom property of docs/embedding.md, under a strict policy."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from support.console import console_errors
from support.servers import ROOT
from tests.embedding.shop import HAS_BOTH_THEMES, PAGE, Shop, signed_in

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

STYLES = ROOT / "chat" / "static" / "chat" / "component" / "room.css"
NAME = re.compile(r"^ +(--bc-[a-z-]+):", re.MULTILINE)
# Custom property -> its value, and what then has that value: an element and a property of its computed style.
LOOKS = {
    "--bc-accent": (
        "rgb(122, 31, 162)",
        {
            (".bc-room__send", "backgroundColor"),
            (".bc-room__text", "outlineColor"),
            (".bc-room__row--mine .bc-room__name", "color"),
        },
    ),
    "--bc-on-accent": ("rgb(255, 250, 205)", {(".bc-room__send", "color")}),
    "--bc-text": ("rgb(34, 51, 68)", {(".bc-room", "color"), (".bc-room__text", "color")}),
    "--bc-background": ("rgb(250, 240, 230)", {(".bc-room", "backgroundColor")}),
    "--bc-muted": (
        "rgb(85, 86, 87)",
        {
            (".bc-room__time", "color"),
            (".bc-room__row--system", "color"),
            (".bc-room__text", "borderTopColor"),
        },
    ),
    "--bc-line": (
        "rgb(221, 222, 223)",
        {
            (".bc-room", "borderTopColor"),
            (".bc-room__title", "borderBottomColor"),
            (".bc-room__form", "borderTopColor"),
        },
    ),
    "--bc-radius": (
        "3px",
        {(selector, "borderTopLeftRadius") for selector in (".bc-room", ".bc-room__text", ".bc-room__send")},
    ),
    "--bc-height": ("300px", {(".bc-room", "maxHeight")}),
    "--bc-font": ("19px", {(selector, "fontSize") for selector in (".bc-room", ".bc-room__text", ".bc-room__send")}),
}
ALL = sorted(set().union(*(places for _, places in LOOKS.values())))
# Colours mixed from text and background where the page does not set them.
MIXED = LOOKS["--bc-muted"][1] | LOOKS["--bc-line"][1]
ALSO = {"--bc-text": MIXED, "--bc-background": MIXED}
WRITTEN = {"--bc-font": "19px/1.4 serif"}
# Sizes are the same in both themes.
COLOURS = [place for place in ALL if "olor" in place[1]]
COMPUTED = """places => {
  document.querySelector(".bc-room__text").focus();
  return places.map(([selector, name]) => getComputedStyle(document.querySelector(selector))[name]);
}"""


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[Shop, str]]:
    """The shop, with a stylesheet for each property."""
    styles = {name: WRITTEN.get(name, value) for name, (value, _) in LOOKS.items()}
    rule = "backchannel-room {{ {}: {}; }}"
    built = Shop(more={f"orders/static/look{name}.css": rule.format(name, value) for name, value in styles.items()})
    yield built, built.run("serve")
    built.stop()


async def computed(page: "Page") -> dict[tuple[str, str], str]:
    return dict(zip(ALL, await page.evaluate(COMPUTED, ALL), strict=True))


def test_the_page_has_each_property_of_the_component() -> None:
    [documented] = re.findall(r"```css\n(.*?)```", PAGE.read_text(), re.DOTALL)
    declared = NAME.findall(STYLES.read_text())
    assert sorted(NAME.findall(documented)) == sorted(declared) == sorted(LOOKS)


async def test_each_property_changes_what_it_names_in_both_themes(browser: "Browser", shop: tuple[Shop, str]) -> None:
    _, address = shop
    page = await signed_in(browser, address, "ada", "/orders/1/", color_scheme="light")
    problems = console_errors(page)
    answer = await page.reload()
    assert answer
    assert "style-src 'self';" in str(await answer.header_value("content-security-policy"))
    await page.locator("backchannel-room[data-live]").wait_for()

    light = await computed(page)
    await page.emulate_media(color_scheme="dark")
    assert await computed(page) == light, "a page without themes is light"
    await page.evaluate(HAS_BOTH_THEMES)
    dark = await computed(page)
    assert [place for place in COLOURS if dark[place] == light[place]] == []

    for theme, before in (("light", light), ("dark", dark)):
        await page.emulate_media(color_scheme="light" if theme == "light" else "dark")
        assert await computed(page) == before
        for name, (value, places) in LOOKS.items():
            # In the head, like a page's own styles: before those of the component.
            style = await page.add_style_tag(url=f"{address}/static/look{name}.css")
            after = await computed(page)
            await style.evaluate("style => style.remove()")
            assert {place: after[place] for place in places} == dict.fromkeys(places, value), (theme, name)
            assert {place for place in ALL if after[place] != before[place]} == places | ALSO.get(name, set())
    assert problems == []
