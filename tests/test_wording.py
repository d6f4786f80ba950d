"""Modules use the field's names, and comments use plain English as a native writer would."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from support.servers import ROOT

# Names that modules once had, or that say just as little; docs/architecture.md has a glossary for the others.
OLD_NAMES = {
    *("aims", "burst", "commits", "door", "entering", "guard", "hearing", "heap", "inviting", "journal"),
    *("leaving", "ledger", "lines", "link", "office", "plain", "pulse", "questions", "record", "relay", "roster"),
    *("rounds", "roundtrip", "scenes", "shell", "sizes", "states", "sweep", "telling", "visitors", "waiting", "writer"),
}
# The client has an outbox (unsent messages) and a feed (all its rooms).
OLD_NAMES_IN = {"accounts": {"devices", "sessions"}, "chat": {"feed", "outbox"}, "chat/lib": {"names", "threads"}}
PACKAGES = ("accounts", "bench", "chat", "chatclient", "playground", "your_project")

# Each has a plainer word: send, report or return; the client, the owner or no one; or the number itself.
OLD_PHRASES = re.compile(r"\b(whoever|nobody|so many|so long|as late|tells|told|heals?|healed)\b", re.IGNORECASE)
# The check covers docstrings and comments in these packages, tests included, and the names of tests.
WORDED = (*PACKAGES, "support", "tests", "tools")


@cache
def modules() -> list[str]:
    return subprocess.run(
        ["git", "ls-files", "--", *(f"{package}/*.py" for package in WORDED)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()


def texts(source: str) -> Iterator[str]:
    """The docstrings and comments of a module, without the code quoted in them, and the names of its tests."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield re.sub(r"`[^`]*`", "", ast.get_docstring(node) or "")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name.replace("_", " ")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield re.sub(r"`[^`]*`", "", token.string)


@pytest.mark.parametrize("package", [*PACKAGES, "chat/lib"])
def test_no_module_has_an_old_name(package: str) -> None:
    old = OLD_NAMES | OLD_NAMES_IN.get(package, set())
    parts = {path: set(Path(path).with_suffix("").parts) for path in modules() if path.startswith(f"{package}/")}
    assert {path: names & old for path, names in parts.items() if names & old} == {}


@pytest.mark.parametrize("package", WORDED)
def test_comments_docstrings_and_names_of_tests_have_no_old_phrase(package: str) -> None:
    # This file lists the phrases.
    paths = [path for path in modules() if path.startswith(f"{package}/") and path != "tests/test_wording.py"]
    assert paths
    found = [
        (path, match[0], text.strip()[:80])
        for path in paths
        if (ROOT / path).is_file()
        # Most files contain no old phrase: parsing each of them would take 3 s of a core.
        and OLD_PHRASES.search((source := (ROOT / path).read_text()).replace("_", " "))
        for text in texts(source)
        for match in OLD_PHRASES.finditer(text)
    ]
    assert found == []


@pytest.mark.parametrize("part", ["chat/live", "chat/server", "chat/consumers.py", "chat/metrics.py", "chat/lib"])
def test_every_public_class_and_function_has_a_docstring(part: str) -> None:
    paths = [path for path in modules() if path == part or path.startswith(f"{part}/")]
    assert paths
    assert [f"{path}: {name}" for path in paths for name in undocumented((ROOT / path).read_text())] == []


def undocumented(source: str) -> Iterator[str]:
    parts: list[tuple[str, ast.stmt]] = [("", statement) for statement in ast.parse(source).body]
    for prefix, node in parts:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        only_declared = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
        if not ast.get_docstring(node) and not only_declared:
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            parts += [(f"{prefix}{node.name}.", child) for child in node.body]
