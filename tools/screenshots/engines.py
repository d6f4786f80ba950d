"""`bin/screens --engines`: the core screens as Chromium, Firefox and WebKitGTK show them, side by side."""

from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser

from support.chat_page import CONNECTED
from support.engines import DESKTOP, NAMES, PHONE, Engine, start_engine
from support.world import World
from tools.screenshots.cast import TRIAL, VIEWER
from tools.screenshots.sheet import THEMES, Picture
from tools.screenshots.stage import start_workspace

# Waits for animations to finish: a picture shows one moment.
_STILL = """
document.documentElement.dataset.theme = arguments[0];
return Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))).then(() => true);
"""


async def engine_pictures(browser: Browser, folder: Path) -> AsyncIterator[Picture]:
    """Take them one by one, as `ENGINE-SCREEN-WIDTH-THEME.png`."""
    with start_workspace() as server:
        world = World(browser, server)
        for name in NAMES:
            async with start_engine(name, browser) as engine:
                for width, height in (DESKTOP, PHONE):
                    await engine.resize(width, height)
                    async for screen in _screens(engine, world):
                        for theme in THEMES:
                            await engine.run(_STILL, theme)
                            path = Path(f"{name}-{screen.replace(' ', '-')}-{width}-{theme}.png")
                            (folder / path).write_bytes(await engine.screenshot())
                            yield Picture(path, screen, name, width, theme)
        await world.close()


async def _screens(engine: Engine, world: World) -> AsyncIterator[str]:
    url = world.server.url
    await engine.open(f"{url}/healthz")
    await engine.keep({})
    await engine.open(f"{url}/accounts/signup/")
    yield "sign up"
    await engine.keep(world.seed("signed_in", VIEWER))
    await engine.open(f"{url}/rooms/{TRIAL}/")
    await engine.until(CONNECTED)
    # The colours of code appear last.
    await engine.see("[role=log] pre span")
    yield "room"
    await engine.press("k", control=True)
    await engine.see("[role=option]")
    yield "quick switch"
    await engine.press("Escape")
    await engine.miss("[role=option]")
    await engine.run("document.querySelector('[role=log]').scrollTop = 0")
    await engine.see("[role=log] figure")
    yield "older messages"
    await engine.open(f"{url}/settings/")
    yield "settings"
