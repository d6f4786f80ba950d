"""What written marks mean: the tree that is shown, and never anything else."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.modules import module_page

_PARSE = """async ([text, mentions]) => {
  const { parseText } = await import("/static/js/text.js");
  const inline = (node) => typeof node === "string" ? node
    : node.type === "mention" ? `<@${node.username}>`
    : node.type === "link" ? `<a ${node.href}>${node.text}</a>`
    : node.type === "code" ? `<code>${node.text}</code>`
    : `<${node.type}>${node.children.map(inline).join("")}</${node.type}>`;
  const block = (node) => node.type === "code" ? `[${node.language}|${node.text}]`
    : node.type === "list" ? `(${node.ordered ? node.start : "-"} ${node.items.map((item) => item.map(inline).join("")).join("; ")})`
    : `${node.type === "quote" ? "> " : ""}${node.children.map(inline).join("")}`;
  return parseText(text, { mentions }).map(block);
}"""  # noqa: E501 -- a script


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page]:
    async with module_page(browser) as made:
        yield made


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("plain words", ["plain words"]),
        ("**bold** and *italic* and ~~struck~~", ["<strong>bold</strong> and <em>italic</em> and <del>struck</del>"]),
        ("***both***", ["<strong><em>both</em></strong>"]),
        ("_italic_ but snake_case_name and 2*3*4", ["<em>italic</em> but snake_case_name and 2*3*4"]),
        ("a * not* mark, ** nor this **", ["a * not* mark, ** nor this **"]),
        ("an open **mark stays", ["an open **mark stays"]),
        ("`code with **stars**`", ["<code>code with **stars**</code>"]),
        ("an empty `` is text", ["an empty `` is text"]),
        ("see https://a.example/x?y=1#z.", ["see <a https://a.example/x?y=1#z>https://a.example/x?y=1#z</a>."]),
        ("(https://a.example/w_(x))", ["(<a https://a.example/w_(x)>https://a.example/w_(x)</a>)"]),
        ("[notes](https://a.example/n)", ["<a https://a.example/n>notes</a>"]),
        ("[notes](javascript:alert(1))", ["[notes](javascript:alert(1))"]),
        (
            "javascript:alert(1) data:text/html,x ftp://a.example",
            ["javascript:alert(1) data:text/html,x ftp://a.example"],
        ),
        ("https://", ["https://"]),
        ("hello @bob, @nobody and a@bob.example", ["hello <@bob>, @nobody and a@bob.example"]),
        ("**@bob**", ["<strong><@bob></strong>"]),
        ("```py\na = 1\n\nb\n```", ["[py|a = 1\n\nb]"]),
        ("before\n```\n**raw**\n```\nafter", ["before", "[|**raw**]", "after"]),
        ("```\nnever closed", ["```\nnever closed"]),
        ("> quoted\n> **twice**\nanswer", ["> quoted\n<strong>twice</strong>", "answer"]),
        ("- one\n- *two*\n\nafter", ["(- one; <em>two</em>)", "\nafter"]),
        ("3. three\n4. four", ["(3 three; four)"]),
        ("two\n\nparagraphs", ["two\n\nparagraphs"]),
        ("<b>1 < 2</b> &amp;", ["<b>1 < 2</b> &amp;"]),
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
    ],
)
async def test_a_text_made_to_be_slow_is_read_all_the_same(page: Page, text: str) -> None:
    shown: list[Any] = await page.evaluate(_PARSE, [text, []])
    assert shown


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
