"""The three engines people have, behind one interface: Chromium, Firefox and WebKitGTK, which stands for Safari.

Nothing drives all three: playwright needs a Firefox and a WebKit of its own make, and geckodriver is not in Debian 12.
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
    """One of NAMES with one window, ended after the block; a test that needs a missing one is skipped, as `need` says.

    `chromium`: the browser the run has anyway.
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
