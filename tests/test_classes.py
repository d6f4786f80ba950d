"""Class names are for style sheets and test ids for tests: pages, styles and tests agree on both."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.servers import ROOT

# Every file that drives a browser.
DRIVERS = [
    *(
        path
        for folder in ("tests/browser", "tools/screenshots", "bench/scenarios")
        for path in (ROOT / folder).rglob("*.py")
    ),
    *(ROOT / "support" / name for name in ("chat_page.py", "world.py")),
    *(ROOT / "support" / "engines").glob("*.py"),
]
# Every file that produces markup: scripts, templates, and the Python that renders messages for pages without scripts.
PAGES = [
    *(path for path in (ROOT / "chat" / "static" / "chat" / "js").rglob("*.js") if path.parent.name != "catalogue"),
    *(
        path
        for folder in (ROOT / "templates", ROOT / "chat" / "templates")
        for path in folder.rglob("*.html")
        if "admin" not in path.parts
    ),
    ROOT / "chat" / "static" / "chat" / "icons.svg",
    *(path for folder in ("chat", "accounts") for path in (ROOT / folder).rglob("*.py")),
]
# Without the admin's style sheet: its pages and styles are Django's, except for colours.
STYLES = [
    path
    for folder in ("css", "component")
    for path in (ROOT / "chat" / "static" / "chat" / folder).glob("*.css")
    if path.name != "admin.css"
]
# Names from highlight.js, hues by number, and the HTTP methods in the API reference.
_PUT_TOGETHER = re.compile(r"hljs-.*|h\d+|get|post|put|patch|delete")
# Methods of Playwright and of `support.engines` that find an element by a selector.
_BY_SELECTOR = {"locator", "query_selector", "query_selector_all", "wait_for_selector", "see", "miss", "click", "type"}
_BY_SELECTOR_IN_SCRIPTS = re.compile(r"(?:querySelector(?:All)?|closest|matches)\(([\"'`])(?P<selector>.*?)\1")
_BY_CLASS = re.compile(r"(?:to_have|to_contain)_class")


@pytest.mark.parametrize("path", DRIVERS, ids=lambda path: path.name)
def test_no_part_of_a_page_is_found_by_its_class(path: Path) -> None:
    assert [selector for selector in _selectors(ast.parse(path.read_text())) if _names_a_class(selector)] == []


def test_a_selector_by_class_is_seen() -> None:
    drivers = ['page.locator(".toast p")', 'page.locator(f"#a .b{c}")', "run(\"document.querySelector('.d')\")"]
    assert all(any(map(_names_a_class, _selectors(ast.parse(code)))) for code in drivers)
    assert not any(map(_names_a_class, _selectors(ast.parse("""page.locator('a[href="x.html"] > b')"""))))


def test_every_class_in_the_styles_is_used() -> None:
    pages = re.sub(r"\{%.*?%\}", " ", "\n".join(path.read_text() for path in PAGES))
    texts = re.findall(r"\"([^\"\n]*)\"", pages) + re.findall(r"`([^`$\n]*)", pages)
    used = {word for text in texts for word in text.split()}
    assert {name for name in _styled() if not _PUT_TOGETHER.fullmatch(name)} - used == set()


def test_every_class_on_a_page_has_a_style() -> None:
    assert {name for path in PAGES for name in _classes(path.read_text())} - _styled() == set()


def test_pages_give_the_test_ids_that_are_asked_for_and_no_others() -> None:
    drivers = "\n".join(path.read_text() for path in DRIVERS)
    asked = set(re.findall(r"(?:get_by_test_id\(\"|data-testid=)([a-z-]+)", drivers))
    # The names passed to `part(name)` in a script.
    asked |= {
        name for names in re.findall(r"\[(\"[^]]*\")\]\.map\(part\)", drivers) for name in re.findall(r"[a-z-]+", names)
    }
    asked |= set(re.findall(r"\bpart\(\"([a-z-]+)\"\)", drivers))
    given = {name for path in PAGES for name in re.findall(r"data-testid=\"([a-z-]+)\"", path.read_text())}
    assert given == asked


def _selectors(tree: ast.AST) -> Iterator[str]:
    """Selectors passed as the first argument of a call, and selectors in scripts for the page."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in _BY_SELECTOR and node.args:
                yield from filter(None, map(_text, ast.walk(node.args[0])))
            if _BY_CLASS.search(node.func.attr):
                yield f".{node.func.attr}"
        yield from (match["selector"] for match in _BY_SELECTOR_IN_SCRIPTS.finditer(_text(node)))


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _names_a_class(selector: str) -> bool:
    bare = re.sub(r"\[[^\]]*\]|\$\{[^}]*\}", "", selector)
    return re.search(r"\.[A-Za-z_]", bare) is not None


def _styled() -> set[str]:
    styles = "\n".join(path.read_text() for path in STYLES)
    rules = re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/", "", styles, flags=re.DOTALL))
    return {name for rule in rules for name in re.findall(r"\.([A-Za-z_][\w-]*)", rule)}


def _classes(page: str) -> Iterator[str]:
    """The names in `class="…"` and in the texts of `class=${…}`, without names that are built from parts."""
    plain = re.sub(r"\{%.*?%\}", " ", re.sub(r"\{\{.*?\}\}", "\0", page, flags=re.DOTALL), flags=re.DOTALL)
    texts = re.findall(r"\bclass=\"([^\"]*)\"", plain)
    for expression in re.findall(r"\bclass=\$\{((?:[^{}]|\{[^{}]*\})*)\}", plain):
        texts += re.findall(r"\"([^\"]*)\"", re.sub(r"\$\{[^}]*\}", "\0", expression))
    for text in texts:
        words = re.sub(r"\$\{[^}]*\}", "\0", text).split()
        yield from (word for word in words if re.fullmatch(r"[A-Za-z_][\w-]*", word))
