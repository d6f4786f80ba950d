"""What written marks mean: the tree that is shown, and never anything else."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.modules import module_page

_PARSE = """async ([text, mentions]) => {
  const { parseMarkdown } = await import("/static/js/markdown.js");
  const show = (node) => {
    if (typeof node === "string") return node;
    const inner = node.children?.map(show).join("") ?? "";
    switch (node.type) {
      case "p": return inner;
      case "br": return "\\n";
      case "quote": return `> ${inner}`;
      case "pre": return `[${node.language}|${node.text}]`;
      case "code": return `<code>${node.text}</code>`;
      case "link": return `<a ${node.href}>${node.text}</a>`;
      case "mention": return `<@${node.username}>`;
      case "room": return `<#${node.slug}>`;
      default: return `<${node.type}${node.type === "ol" ? ` ${node.start}` : ""}>${inner}</${node.type}>`;
    }
  };
  return parseMarkdown(text, { mentions }).map(show);
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page]:
    async with module_page(browser) as made:
        yield made


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("plain words", ["plain words"]),
        ("**bold** and *italic* and ~~struck~~", ["<strong>bold</strong> and <em>italic</em> and <del>struck</del>"]),
        ("***both***", ["<em><strong>both</strong></em>"]),
        ("_italic_ but snake_case_name and 2*3*4", ["<em>italic</em> but snake_case_name and 2*3*4"]),
        ("a * not* mark, ** nor this **", ["a * not* mark, ** nor this **"]),
        ("an open **mark stays", ["an open **mark stays"]),
        ("`code with **stars**`", ["<code>code with **stars**</code>"]),
        ("an empty `` is text", ["an empty `` is text"]),
        ("one\ntwo", ["one\ntwo"]),
        ("two\n\n\n\nparagraphs", ["two", "paragraphs"]),
        ("see https://a.example/x?y=1#z.", ["see <a https://a.example/x?y=1#z>https://a.example/x?y=1#z</a>."]),
        ("(https://a.example/w_(x))", ["(<a https://a.example/w_(x)>https://a.example/w_(x)</a>)"]),
        ("[notes](https://a.example/n)", ["<a https://a.example/n>notes</a>"]),
        ("[**the** notes](https://a.example/n)", ["<a https://a.example/n>the notes</a>"]),
        ("[notes](javascript:alert(1))", ["[notes](javascript:alert(1))"]),
        ("![a picture](https://a.example/p.png)", ["<a https://a.example/p.png>a picture</a>"]),
        (
            "javascript:alert(1) data:text/html,x ftp://a.example",
            ["javascript:alert(1) data:text/html,x ftp://a.example"],
        ),
        ("https://", ["https://"]),
        ("hello @bob, @nobody and a@bob.example", ["hello <@bob>, @nobody and a@bob.example"]),
        ("**@bob**", ["<strong><@bob></strong>"]),
        ("#garden, x#y and C&#60;", ["<#garden>, x#y and C&#60;"]),
        (":rocket: at 10:30:20, :nothing_known:", ["🚀 at 10:30:20, :nothing_known:"]),
        ("```py\na = 1\n\n\n\nb\n```", ["[py|a = 1\n\n\n\nb]"]),
        ("before\n```\n> **raw**\nnot quoted\n```\nafter", ["before", "[|> **raw**\nnot quoted]", "after"]),
        ("```\nnever closed", ["[|never closed]"]),
        ("> quoted\n> **twice**\nanswer", ["> quoted\n<strong>twice</strong>", "answer"]),
        ("- one\n- *two*\n\nafter", ["<ul><li>one</li><li><em>two</em></li></ul>", "after"]),
        ("- one\n  - deeper", ["<ul><li>one<ul><li>deeper</li></ul></li></ul>"]),
        ("3. three\n4. four", ["<ol 3><li>three</li><li>four</li></ol>"]),
        ("- [x] done\n- [ ] open", ["<ul><li>☑ done</li><li>☐ open</li></ul>"]),
        ("# no heading\n---\n| no | table |\n|---|---|", ["# no heading\n---\n| no | table |\n|---|---|"]),
        ("<b>1 < 2</b> &amp;", ["<b>1 < 2</b> &amp;"]),
        ("<div>\n**bold**\n</div>", ["<div>\n<strong>bold</strong>\n</div>"]),
    ],
)
async def test_marks_mean(page: Page, text: str, tree: list[str]) -> None:
    assert await page.evaluate(_PARSE, [text, ["bob"]]) == tree


@pytest.mark.parametrize(
    "text",
    [
        "*a " * 3000,
        "**a" * 3000,
        "[" * 9000,
        "`a" * 4000 + "`",
        "> " * 4000,
        "@" * 9000,
        "https://" * 1200,
        "~~*_" * 2400,
        "- a\n" * 2500,
        "> a\n- b\n" * 1200,
        "\n" * 9000 + "a",
        " " * 9000 + "a",
        "#a " * 3000,
        "[" * 990 + "a" * 9000,
    ],
)
async def test_a_text_made_to_be_slow_is_read_all_the_same(page: Page, text: str) -> None:
    shown: list[Any] = await page.evaluate(_PARSE, [text[:10_000], []])
    assert shown


async def test_what_no_mark_can_be_in_is_known_to_be_plain(page: Page) -> None:
    plain = await page.evaluate(
        """async (texts) => {
             const { isPlain } = await import("/static/js/text.js");
             return texts.filter(isPlain);
           }""",
        ["Morning!", "10:30, room 5 (b)", "one\ntwo", "*a*", "http://a", "@bob", "x\n> y", "1. a", "a\n\nb", ":tada:"],
    )
    assert plain == ["Morning!", "10:30, room 5 (b)", "one\ntwo"]


async def test_a_message_folds_by_what_it_fills(page: Page) -> None:
    folded = await page.evaluate(
        """async (texts) => {
             const { foldedText } = await import("/static/js/text.js");
             return texts.map((text) => foldedText(text)?.length ?? null);
           }""",
        ["a\n" * 24, "a\n" * 25, "W" * 10_000, "w " * 1000],
    )
    assert folded[0] is folded[3] is None
    assert folded[1:3] == [49, 2660]


async def test_code_is_coloured_in_a_language_that_is_known(page: Page) -> None:
    coloured = await page.evaluate(
        """async (codes) => {
             const { highlight } = await import("/static/js/highlight.js");
             return codes.map(([code, language]) => highlight(code, language));
           }""",
        [["def f(): pass", "py"], ["a < b && c", "nolanguage"], ["<b onclick=x>", "html"]],
    )
    assert coloured[0][0] == {"className": "hljs-keyword", "children": ["def"]}
    assert coloured[1] == ["a < b && c"]
    assert "onclick" in str(coloured[2])


async def test_emoji_by_name_are_signs_but_not_in_code_words_and_times(page: Page) -> None:
    texts = [
        "Done :tada:!",
        ":+1:",
        "**:heart:**",
        "`:tada:`",
        "10:30:45",
        "a:fire:b",
        "ü:fire:",
        ":nothing:",
        ":fire:s",
        "(:eyes:)",
    ]
    shown: list[Any] = [str(await page.evaluate(_PARSE, [text, []])) for text in texts]
    signs = ["🎉", "👍", "❤️", "", "", "", "", "", "", "👀"]
    assert [sign in tree for sign, tree in zip(signs, shown, strict=True)] == [True] * len(texts)
    assert [":" in tree.replace("': ", "") for tree in shown] == [not sign for sign in signs]


async def test_every_common_name_of_an_emoji_has_its_sign(page: Page) -> None:
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
    ]
    found: list[list[str]] = await page.evaluate(
        """async (names) => {
             const { emojiNamed, findEmoji } = await import("/static/js/emoji.js");
             return names.map((name) => [emojiNamed(name) ?? "", findEmoji(name, 1)[0]?.emoji ?? ""]);
           }""",
        common,
    )
    assert [named for named, _ in found].count("") == 0
    assert dict(zip(common, found, strict=True))["tada"] == ["🎉", "🎉"]
    assert await page.evaluate(
        """async () => {
             const { withEmoji } = await import("/static/js/emoji.js");
             const { mayBeEmojiOnly } = await import("/static/js/text.js");
             const texts = [":tada:", "🎉 :+1:", "so :tada:", "🎉", ":a::a::a::a:"];
             return [withEmoji(":tada: :zzz:"), texts.map(mayBeEmojiOnly)];
           }"""
    ) == ["🎉 :zzz:", [True, True, False, False, False]]


async def test_up_to_three_emoji_stand_large(page: Page) -> None:
    large = await page.evaluate(
        """async (texts) => {
             const { isEmojiOnly } = await import("/static/js/text.js");
             return texts.filter(isEmojiOnly);
           }""",
        ["🚢", "👍🏽 🎉", "👩‍👩‍👧 🇳🇴 ❤️", "🚢🚢🚢🚢", "ok 👍", "123", "#", "", "©"],
    )
    assert large[:3] == ["🚢", "👍🏽 🎉", "👩‍👩‍👧 🇳🇴 ❤️"]
    assert not {"🚢🚢🚢🚢", "ok 👍", "123", "#", ""} & set(large)
