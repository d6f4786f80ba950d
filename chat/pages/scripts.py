"""URLs of the pages' scripts and styles: single files during development, bundles after `collectstatic`."""

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static as static_url
from django.utils.translation import get_language

from chat.pages import linker

CHAT = "js/main.js"
ENTRIES = (CHAT, "js/settings.js", "js/sign_in.js", "js/live_lists.js", "js/import_upload.js")
# The groups of styles, each in cascade order.
_BASE = ("tokens", "base", "buttons", "forms", "empty", "avatars")
STYLES = {
    "base": _BASE,
    # This group and `sign_in` include the base: the pages that are visited first load one file.
    "chat": (
        *_BASE,
        *("layout", "sidebar", "room_link", "unread_overflow", "header", "conversation"),
        *("message", "message_text", "files", "tray", "lightbox", "code", "reactions", "message_toolbar"),
        *("system_line", "composer"),
        *(
            "pane",
            "settings_pane",
            "search_pane",
            "pinned_pane",
            "thread",
            "saved_pane",
            "scheduled_pane",
            "members",
            "menu",
            "dialog",
            "banner",
            "toast",
            "palette",
        ),
        "emoji_picker",
        "first_steps",
        "first_page",
    ),
    "sign_in": (
        *_BASE,
        *("conversation", "message", "message_text", "reactions", "sign_in", "password", "product_look"),
    ),
    "no_script": (
        *("sidebar", "room_link", "header", "conversation", "message", "message_text", "files", "code", "system_line"),
        "no_script",
    ),
    "settings": ("dialog", "settings", "room_settings", "choices", "password"),
}
# The app's folder in STATIC_ROOT and below STATIC_URL.
PREFIX = "chat/"
# Written last: if it is missing, collecting the folder was interrupted.
COMPLETE = f"{PREFIX}{linker.FOLDER}/complete"

# Minified: `import{h as n}from"preact"`.
_VENDORED_IMPORT = re.compile(r'\bfrom\s*"([^"./][^"]*)"')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_INDENTATION = re.compile(r"^\s+", re.MULTILINE)


def collected() -> bool:
    """Whether STATIC_ROOT holds the files of this version, including bundles and compressed files."""
    return not settings.DEBUG and (Path(settings.STATIC_ROOT) / COMPLETE).exists()


def bundles() -> Iterator[tuple[str, str]]:
    """Yield every bundle, as its path below STATIC_URL and its content.

    Raises:
        linker.UnknownSyntaxError: unsupported module syntax.
    """
    for entry in ENTRIES:
        for path, text in linker.link(entry, own_file):
            yield PREFIX + path, text
    for group, names in STYLES.items():
        yield f"{PREFIX}{linker.FOLDER}/{group}.css", "\n".join(_rules(own_file(f"css/{name}.css")) for name in names)


def _rules(css: str) -> str:
    """The styles without comments and indentation, which are a sixth of the compressed size."""
    return _INDENTATION.sub("", _COMMENT.sub("", css))


def static(name: str) -> str:
    """Return the URL of a static file of the chat."""
    return static_url(PREFIX + name)


def script(entry: str) -> str:
    """Return the URL of an entry module."""
    return static(linker.Bundle(entry).path if collected() else entry)


def styles(group: str) -> list[str]:
    """Return the URLs of a group of styles."""
    paths = [f"{linker.FOLDER}/{group}.css"] if collected() else [f"css/{name}.css" for name in STYLES[group]]
    return [static(path) for path in paths]


def import_map() -> str:
    """Return the import map as JSON: the URLs of vendored modules and of this language's catalogues.

    It includes the integrity of vendored modules: the browser does not run a changed module.
    """
    return _import_map(_language())


def preloaded() -> list[tuple[str, str]]:
    """Return the modules that the chat needs first, so that they load at once instead of one import after another.

    Each is its URL and its integrity, which is empty for our own files. The integrity must equal that in the import
    map, otherwise the browser requests the module a second time.
    """
    return _preloaded(_language(), collected())


@functools.cache
def own_file(name: str) -> str:
    """Return the text of a static file of the chat."""
    path = finders.find(PREFIX + name)
    assert isinstance(path, str), f"chat/static/chat/{name} is part of the app"
    return Path(path).read_text()


@functools.cache
def _import_map(language: str) -> str:
    found: dict[str, dict[str, str]] = json.loads(own_file("vendor/manifest.json"))
    addresses = {name: static(module["path"]) for name, module in found.items()}
    integrity = {addresses[name]: module["integrity"] for name, module in found.items()}
    words = {
        "catalogue": static(f"js/i18n/catalogue/{language}.initial.js"),
        "catalogue/deferred": static(f"js/i18n/catalogue/{language}.deferred.js"),
        "catalogue/requested": static(f"js/i18n/catalogue/{language}.requested.js"),
    }
    return json.dumps({"imports": addresses | words, "integrity": integrity})


@functools.cache
def _preloaded(language: str, combined: bool) -> list[tuple[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(_import_map(language))
    first = linker.first(CHAT, own_file)
    addresses = [static(path) for path in ([first.path] if combined else first.modules)]
    addresses += [found["imports"][name] for name in _with_vendored(linker.externals(first, own_file))]
    return [(address, found["integrity"].get(address, "")) for address in addresses]


def _with_vendored(names: list[str]) -> list[str]:
    """These modules, plus the modules that the vendored ones import: otherwise the browser discovers those only after
    reading the others, a round trip later."""
    vendored: dict[str, dict[str, str]] = json.loads(own_file("vendor/manifest.json"))
    found = list(names)
    for name in found:
        source = own_file(vendored[name]["path"]) if name in vendored else ""
        found += [one for one in dict.fromkeys(_VENDORED_IMPORT.findall(source)) if one not in found]
    return found


def _language() -> str:
    """The catalogue language closest to that of the page: "en" for Django's own "en-us"."""
    wanted = get_language() or settings.LANGUAGE_CODE
    return next((one for one in (wanted, wanted.partition("-")[0]) if one in _catalogues()), "en")


@functools.cache
def _catalogues() -> frozenset[str]:
    folder = Path(str(finders.find(f"{PREFIX}js/i18n/catalogue")))
    return frozenset(path.name.partition(".")[0] for path in folder.glob("*.initial.js"))
