"""Chromium, by playwright."""

from typing import Any, Self
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Error, Page

from support.engines.engine import Engine, NotYet

_CALL = "(list) => { const run = function () { %s }; return run(...list); }"
_ACTION_MS = 10_000


class Chromium(Engine):
    name = "chromium"

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self._context = context
        self._page = page

    @classmethod
    async def start(cls, browser: Browser) -> Self:
        context = await browser.new_context(locale="en-GB", reduced_motion="reduce")
        return cls(context, await context.new_page())

    async def open(self, url: str) -> None:
        await self._page.goto(url)

    async def run(self, script: str, *arguments: Any) -> Any:
        try:
            found = await self._page.evaluate_handle(_CALL % script, list(arguments))
            return found.as_element() or await found.json_value()
        except Error as error:
            if "context was destroyed" in error.message:
                raise NotYet(error.message) from error
            raise

    async def keep(self, cookies: dict[str, str]) -> None:
        await self._context.clear_cookies()
        host = urlsplit(self._page.url).hostname or ""
        await self._context.add_cookies(
            [{"name": name, "value": value, "domain": host, "path": "/"} for name, value in cookies.items()]
        )

    async def resize(self, width: int, height: int) -> None:
        await self._page.set_viewport_size({"width": width, "height": height})

    async def press(self, key: str, *, control: bool = False) -> None:
        await self._page.keyboard.press(f"Control+{key}" if control else key)

    async def screenshot(self) -> bytes:
        return await self._page.screenshot(animations="disabled")

    async def close(self) -> None:
        await self._context.close()

    async def _click(self, element: Any) -> None:
        try:
            await element.click(timeout=_ACTION_MS, no_wait_after=True)
        except Error as error:
            raise NotYet(error.message) from error

    async def _type(self, element: Any, text: str) -> None:
        try:
            await element.type(text, timeout=_ACTION_MS)
        except Error as error:
            raise NotYet(error.message) from error
