"""Addresses of the pages' scripts and styles: single files while one works on them, bundles once they are collected."""

import functools
import json
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.translation import get_language

from chat.pages import linker

CHAT = "js/main.js"
ENTRIES = (CHAT, "js/settings.js", "js/gate.js")
# The groups of styles, each in the order in which its files apply.
STYLES = {
    "base": ("tokens", "base", "people"),
    "chat": ("app", "sidebar", "conversation", "messages", "composer", "members", "overlays"),
    "gate": ("conversation", "messages", "gate"),
    "plain": ("sidebar", "conversation", "messages", "plain"),
}
# Written last: a folder without it was not collected to its end.
COMPLETE = f"{linker.FOLDER}/complete"


def collected() -> bool:
    """Whether STATIC_ROOT holds the files of this version, bundles and compressed files included."""
    return not settings.DEBUG and (Path(settings.STATIC_ROOT) / COMPLETE).exists()


def bundles() -> Iterator[tuple[str, str]]:
    """Every combined file, as its path below STATIC_URL and its content. Raises linker.UnknownSyntaxError."""
    for entry in ENTRIES:
        yield from linker.link(entry, own_file)
    for group, names in STYLES.items():
        yield f"{linker.FOLDER}/{group}.css", "\n".join(own_file(f"css/{name}.css") for name in names)


def script(entry: str) -> str:
    """The address of an entry module."""
    return static(linker.Bundle(entry).path if collected() else entry)


def styles(group: str) -> list[str]:
    """The addresses of a group of styles."""
    paths = [f"{linker.FOLDER}/{group}.css"] if collected() else [f"css/{name}.css" for name in STYLES[group]]
    return [static(path) for path in paths]


def import_map() -> str:
    """JSON of where vendored modules and this language's catalogues are.

    The integrity of a vendored module is part of it: the browser does not run one that was changed.
    """
    return _import_map(_language())


def preloaded() -> list[tuple[str, str]]:
    """The modules that the chat begins with, fetched at once instead of one import after the other.

    Each as its address and its integrity, which is empty for files of our own. The browser would fetch a module again
    whose import map names an integrity that the preload did not.
    """
    return _preloaded(_language(), collected())


@functools.cache
def own_file(name: str) -> str:
    """The text of a static file of the project."""
    path = finders.find(name)
    assert isinstance(path, str), f"static/{name} is part of the project"
    return Path(path).read_text()


@functools.cache
def _import_map(language: str) -> str:
    found: dict[str, dict[str, str]] = json.loads(own_file("vendor/manifest.json"))
    addresses = {name: static(module["path"]) for name, module in found.items()}
    integrity = {addresses[name]: module["integrity"] for name, module in found.items()}
    words = {
        "catalogue": static(f"js/catalogue/{language}.begin.js"),
        "catalogue/others": static(f"js/catalogue/{language}.others.js"),
    }
    return json.dumps({"imports": addresses | words, "integrity": integrity})


@functools.cache
def _preloaded(language: str, combined: bool) -> list[tuple[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(_import_map(language))
    first = linker.plan(CHAT, own_file)[0]
    addresses = [static(path) for path in ([first.path] if combined else first.modules)]
    addresses += [found["imports"][name] for name in linker.externals(first, own_file)]
    return [(address, found["integrity"].get(address, "")) for address in addresses]


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE
