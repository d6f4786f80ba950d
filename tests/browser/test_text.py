"""Excerpts and folding of texts, highlighted code, and emoji. Formatting: `test_formatting.py`."""

from collections.abc import AsyncGenerator

import pytest_asyncio
from playwright.async_api import Browser, Page

from chat.formatting.emoji import emoji_named
from tests.browser.modules import module_page


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page]:
    async with module_page(browser) as made:
        yield made


async def test_text_without_marks_is_known_to_be_plain(page: Page) -> None:
    plain = await page.evaluate(
        """async (texts) => {
             const { isPlain } = await import("/static/chat/js/text/excerpt.js");
             return texts.filter(isPlain);
           }""",
        [
            "Morning!",
            "10:30, room 5 (b)",
            "one\ntwo",
            "*a*",
            "http://a",
            "@bob",
            "x\n> y",
            "1. a",
            "a\n\nb",
            ":tada:",
            "a|b",
            "# a",
            "ü@ö.de",
            "WWW.a.b",
        ],
    )
    assert plain == ["Morning!", "10:30, room 5 (b)", "one\ntwo"]


async def test_a_message_folds_by_its_lines_and_its_length(page: Page) -> None:
    folded = await page.evaluate(
        """async (texts) => {
             const { foldedText } = await import("/static/chat/js/text/excerpt.js");
             return texts.map((text) => foldedText(text)?.length ?? null);
           }""",
        ["a\n" * 24, "a\n" * 25, "W" * 10_000, "w " * 1000],
    )
    assert folded[0] is folded[3] is None
    assert folded[1:3] == [49, 2660]


async def test_links_of_a_text_are_those_that_its_reader_sees(page: Page) -> None:
    found = await page.evaluate(
        """async (text) => (await import("/static/chat/js/text/links.js")).linksIn(text)""",
        """[tides](https://a.example/t) and https://a.example/t, **www.b.example/x**
> - <HTTP://c.example>
me@d.example `https://code.example` [safe](javascript:alert) [https://a.example](https://evil.example)
```
https://code.example
```""",
    )
    assert [(link["href"], link["text"]) for link in found] == [
        ("https://a.example/t", "tides"),
        ("http://www.b.example/x", "www.b.example/x"),
        ("HTTP://c.example", "HTTP://c.example"),
        ("https://evil.example", "https://evil.example"),
    ]


async def test_code_is_coloured_in_a_language_that_is_known(page: Page) -> None:
    coloured = await page.evaluate(
        """async (codes) => {
             const { highlight } = await import("/static/chat/js/text/highlight.js");
             return codes.map(([code, language]) => highlight(code, language));
           }""",
        [["def f(): pass", "py"], ["a < b && c", "nolanguage"], ["<b onclick=x>", "html"]],
    )
    assert coloured[0][0] == {"className": "hljs-keyword", "children": ["def"]}
    assert coloured[1] == ["a < b && c"]
    assert "onclick" in str(coloured[2])


async def test_every_common_emoji_name_is_known(page: Page) -> None:
    common = [
        "tada",
        "+1",
        "-1",
        "thumbsup",
        "heart",
        "smile",
        "joy",
        "fire",
        "eyes",
        "rocket",
        "white_check_mark",
        "100",
        "slight_smile",
        "idea",
    ]
    found: list[str] = await page.evaluate(
        """async (names) => {
             const { loadNames } = await import("/static/chat/js/text/emoji.js");
             const { named } = await loadNames();
             return names.map((name) => named(name) ?? "");
           }""",
        common,
    )
    assert "".join(found) == "🎉👍👎👍❤️😄😂🔥👀🚀✅💯🙂💡"
    assert found == [emoji_named(name) for name in common]
    assert await page.evaluate(
        """async () => {
             const { loadNames } = await import("/static/chat/js/text/emoji.js");
             const { mayBeEmojiOnly } = await import("/static/chat/js/text/excerpt.js");
             const texts = [":tada:", "🎉 :+1:", "so :tada:", "🎉", ":a::a::a::a:"];
             return [(await loadNames()).inText(":tada: :no_such:"), texts.map(mayBeEmojiOnly)];
           }"""
    ) == ["🎉 :no_such:", [True, True, False, False, False]]


async def test_all_emoji_are_found_in_both_languages_and_in_the_chosen_skin_tone(page: Page) -> None:
    found: dict[str, list[str]] = await page.evaluate(
        """async (queries) => {
             const { inTone, loadEmoji } = await import("/static/chat/js/text/emoji.js");
             const table = await loadEmoji("de");
             const first = queries.map((query) => table.find(query, 1)[0]?.emoji ?? "");
             const wave = table.find("winkende Hand", 1)[0];
             const counts = [table.groups.length, table.groups.flatMap(([, list]) => list).length];
             const tones = [0, 3, 5].map((tone) => inTone(wave, tone));
             return { first, tones, counts, back: [table.entryOf("👋🏾").label] };
           }""",
        ["rocket", "Rakete", "KÄSE", "kase", "cheese", "flag germany", "Deutschland", "tada", "zzzz"],
    )
    assert found["first"] == ["🚀", "🚀", "🧀", "🧀", "🧀", "🇩🇪", "🇩🇪", "🎉", ""]
    assert found["tones"] == ["👋", "👋🏽", "👋🏿"]
    assert found["back"] == ["winkende Hand"]
    assert int(found["counts"][0]) == 9
    assert int(found["counts"][1]) > 1_800


async def test_up_to_three_emoji_are_large(page: Page) -> None:
    large = await page.evaluate(
        """async (texts) => {
             const { isEmojiOnly } = await import("/static/chat/js/text/excerpt.js");
             return texts.filter(isEmojiOnly);
           }""",
        ["🚢", "👍🏽 🎉", "👩‍👩‍👧 🇳🇴 ❤️", "🚢🚢🚢🚢", "ok 👍", "123", "#", "", "©"],
    )
    assert large[:3] == ["🚢", "👍🏽 🎉", "👩‍👩‍👧 🇳🇴 ❤️"]
    assert not {"🚢🚢🚢🚢", "ok 👍", "123", "#", ""} & set(large)
