"""The three engines people have, behind one interface: Chromium, Firefox and WebKitGTK, in place of Safari.

Nothing drives all three: playwright needs its own builds of Firefox and WebKit, and geckodriver is not in Debian 12.
Chromium is driven by playwright as in all other browser tests; Firefox by Marionette, the protocol that geckodriver
speaks to it; WebKitGTK by WebDriver (https://www.w3.org/TR/webdriver2/).
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Browser

from support.engines.engine import DESKTOP, PHONE, Engine
from support.engines.firefox import Firefox
from support.engines.playwright import Chromium
from support.engines.webkit import WebKit

__all__ = ["DESKTOP", "NAMES", "PHONE", "Engine", "start_engine"]

NAMES = ("chromium", "firefox", "webkit")


@asynccontextmanager
async def start_engine(name: str, chromium: Browser) -> AsyncGenerator[Engine]:
    """Start one of NAMES with one window, and end it after the block; without it the test is skipped, see `need`.

    `chromium`: the browser that the run already has.
    """
    if name == "chromium":
        engine: Engine = await Chromium.start(chromium)
    elif name == "firefox":
        engine = await Firefox.start()
    else:
        engine = await WebKit.start()
    try:
        await engine.resize(*DESKTOP)
        yield engine
    finally:
        await engine.close()
