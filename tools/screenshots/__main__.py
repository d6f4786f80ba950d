"""`bin/screens`: a photograph of every screen and state, from a live server."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright, expect

from support.chromium import FLAGS, find_chromium
from support.servers import ROOT
from support.world import World
from tools.screenshots.engines import engine_pictures
from tools.screenshots.scenes import PICTURED
from tools.screenshots.sheet import THEMES, Picture, contact_sheet
from tools.screenshots.stage import SIZES, Scene, Size, played, start_workspace

# What the README shows: picture -> scene, state, width and theme.
README = {
    "chat-light.png": ("conversation", "room with new messages", 1280, "light"),
    "chat-dark.png": ("conversation", "room with new messages", 1280, "dark"),
    "chat-phone.png": ("conversation", "room with new messages", 390, "light"),
}
# Device pixels per CSS pixel, as on a good screen.
SCALE = 2
# Colours of a picture for the README.
PALETTE = 256
# Enough for a busy machine.
SCENE_MS = 30_000
# Hundreds of pictures on one page.
MONTAGE_MS = 300_000
# Space for two states beside each other, each at three sizes and in two themes.
SHEET_WIDTH = 2560


@dataclass(frozen=True, slots=True)
class Wish:
    folder: Path
    scenes: Sequence[Scene]
    sizes: Sequence[Size]
    readme: bool
    engines: bool


def main() -> int:
    wish = _parse()
    executable = find_chromium()
    if not executable:
        sys.exit("bin/screens: install chromium-headless-shell first: the pictures are of a real browser.")
    expect.set_options(timeout=SCENE_MS)
    wish.folder.mkdir(parents=True, exist_ok=True)
    count = asyncio.run(_photograph(wish, str(executable)))
    print(f"{count} pictures and contact-sheet.html are in {wish.folder}.")
    return 0


def _parse() -> Wish:
    names = {scene.__name__: scene for scene in PICTURED}
    widths = {str(size.width): size for size in SIZES}
    parser = argparse.ArgumentParser(
        prog="bin/screens",
        description="Photographs every screen and state in both themes, at 1280, 768 and 390 wide, and makes a contact "
        "sheet of them. The server, its workspace and the browsers are its own.",
    )
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "var" / "screens", help="(default var/screens)")
    parser.add_argument("--only", choices=names, metavar="SCENE", help=f"one scene alone: {', '.join(names)}")
    parser.add_argument("--width", choices=widths, help="one size of screen alone")
    parser.add_argument("--readme", action="store_true", help="write the pictures of the README, too")
    parser.add_argument(
        "--engines", action="store_true", help="the core screens alone, in Chromium, Firefox and WebKitGTK"
    )
    given = parser.parse_args()
    return Wish(
        folder=given.folder,
        scenes=[names[given.only]] if given.only else PICTURED,
        sizes=[widths[given.width]] if given.width else SIZES,
        readme=given.readme,
        engines=given.engines,
    )


async def _photograph(wish: Wish, executable: str) -> int:
    pictures: list[Picture] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=FLAGS)
        if wish.engines:
            async for picture in engine_pictures(browser, wish.folder):
                pictures.append(picture)
                _progress(picture, len(pictures))
            pictures.sort(key=lambda picture: picture.scene)
        for size in () if wish.engines else wish.sizes:
            with start_workspace() as server:
                world = World(browser, server)
                for scene in wish.scenes:
                    async for picture in _shots(scene, world, size, wish.folder):
                        pictures.append(picture)
                        _progress(picture, len(pictures))
                await world.close()
        sheet = wish.folder / "contact-sheet.html"
        sheet.write_text(contact_sheet(pictures))
        await _montage(browser, sheet)
        await browser.close()
    if wish.readme:
        for name, picture in _for_readme(pictures):
            _lighten(wish.folder / picture.path, ROOT / "docs" / "images" / name)
    return len(pictures)


async def _shots(scene: Scene, world: World, size: Size, folder: Path) -> AsyncIterator[Picture]:
    async with played(scene, world, size, scale=SCALE) as states:
        async for state, stage in states:
            for theme in THEMES:
                name = f"{scene.__name__}-{state.replace(' ', '-')}-{size.width}-{theme}.png"
                await _shoot(stage.page, folder / name, theme)
                yield Picture(Path(name), scene.__name__, state, size.width, theme)
            await stage.page.emulate_media(color_scheme="light")


async def _shoot(page: Page, path: Path, theme: str) -> None:
    await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    await page.screenshot(path=path, animations="disabled", caret="initial")


async def _montage(browser: Browser, sheet: Path) -> None:
    """The sheet as one picture, taken by the browser itself."""
    page = await browser.new_page(viewport={"width": SHEET_WIDTH, "height": 800})
    await page.goto(sheet.as_uri(), timeout=MONTAGE_MS)
    await page.screenshot(path=sheet.with_suffix(".png"), full_page=True, timeout=MONTAGE_MS)
    await page.close()


def _for_readme(pictures: Sequence[Picture]) -> Iterator[tuple[str, Picture]]:
    for name, wanted in README.items():
        for picture in pictures:
            if (picture.scene, picture.state, picture.width, picture.theme) == wanted:
                yield name, picture


def _lighten(picture: Path, target: Path) -> None:
    """Reduce a picture to a palette of colours: half the bytes for everyone who clones."""
    with Image.open(picture) as shot:
        shot.convert("RGB").quantize(PALETTE, dither=Image.Dither.NONE).save(target, optimize=True)


def _progress(picture: Picture, count: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K  {count}  {picture.scene}: {picture.state}, {picture.width}, {picture.theme}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
