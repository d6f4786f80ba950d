"""The page's own modules in a browser without a server, for tests of what they compute."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation

from chat.pages import scripts

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, Route

ORIGIN = "http://page.test"


@asynccontextmanager
async def module_page(browser: "Browser", language: str = "en") -> AsyncGenerator["Page"]:
    """An empty page in a language that can import the files under `/static/`."""
    context = await browser.new_context()

    async def answer(route: "Route") -> None:
        path = route.request.url.removeprefix(ORIGIN)
        if path.startswith("/static/"):
            file = (
                Path(settings.BASE_DIR)
                / "chat"
                / "static"
                / path.removeprefix(settings.STATIC_URL).removeprefix("/static/")
            )
            await route.fulfill(path=file, content_type="text/javascript")
        else:
            with translation.override(language):
                addresses = scripts.import_map()
            shell = f'<!doctype html><html lang="{language}"><script type="importmap">{addresses}</script>'
            await route.fulfill(body=shell, content_type="text/html")

    await context.route("**/*", answer)
    page = await context.new_page()
    await page.goto(f"{ORIGIN}/")
    yield page
    await context.close()
