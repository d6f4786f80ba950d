"""The page parses formatting as docs/formatting.md says, and as the server does."""

from collections.abc import AsyncGenerator

import pytest_asyncio
from playwright.async_api import Browser, Page

from chat.formatting.tree import parse
from tests.browser.modules import module_page
from tests.formatting.hostile import SLOW, mixed
from tests.formatting.table import IN_PAGE, MEMBERS, OWN_EMOJI, neutral, rows


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page]:
    async with module_page(browser) as made:
        yield made


async def test_marks_are_shown_as_the_table_says(page: Page) -> None:
    table = rows()
    shown: list[str] = await page.evaluate(IN_PAGE, [[written for written, _ in table], MEMBERS, OWN_EMOJI])
    assert [(written, seen) for (written, _), seen in zip(table, shown, strict=True)] == table


async def test_the_page_and_the_server_read_marks_alike(page: Page) -> None:
    texts = mixed(1_500, seed=11) + [text[:10_000] for text in SLOW]
    shown: list[str] = await page.evaluate(IN_PAGE, [texts, MEMBERS, OWN_EMOJI])
    differing = [
        text for text, seen in zip(texts, shown, strict=True) if neutral(parse(text, MEMBERS, own=OWN_EMOJI)) != seen
    ]
    assert differing == []
