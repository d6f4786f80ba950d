"""Checks the documentation against the code: the protocol page names everything that goes over the wire."""

import re
import subprocess
from pathlib import Path
from typing import get_args

import pytest

from chat.protocol import commands, events
from chat.protocol.errors import Close, Code
from support.servers import ROOT

PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]


def protocol_section(title: str) -> str:
    text = (ROOT / "docs" / "protocol.md").read_text()
    match = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert match, title
    return match[1]


def first_cells(section: str) -> set[str]:
    """The words marked as code in the first column of every table of a section."""
    return {word for row in re.findall(r"^\| (.*?) \|", section, re.MULTILINE) for word in re.findall(r"`(\w+)`", row)}


def literals(model: type[commands.Command] | type[events.Event], field: str) -> set[str]:
    return set(get_args(model.model_fields[field].annotation))


def test_every_command_is_on_the_page_and_nothing_else_is() -> None:
    models = commands.COMMANDS
    known = {name for model in models for name in literals(model, "type")}
    known |= {name for model in models if "command" in model.model_fields for name in literals(model, "command")}
    assert first_cells(protocol_section("Commands")) - {"type"} == known


def test_every_event_is_on_the_page_and_nothing_else_is() -> None:
    def concrete(model: type[events.Event]) -> set[str]:
        own = literals(model, "type") if "type" in model.model_fields else set()
        return own.union(*(concrete(child) for child in model.__subclasses__()))

    durable = set(re.findall(r"^### `(\w+)`$", protocol_section("Durable events"), re.MULTILINE))
    assert durable | (first_cells(protocol_section("Other events")) - {"type"}) == concrete(events.Event)


def test_every_error_code_is_on_the_page_and_nothing_else_is() -> None:
    assert first_cells(protocol_section("Errors")) - {"code"} == {code.value for code in Code}


def test_every_close_code_is_on_the_page() -> None:
    written = {int(number) for number in re.findall(r"\b\d{4}\b", protocol_section("Close codes"))}
    assert written == {code.value for code in Close} | {1000}


# formatting.md is left out: it shows links and file names as people write them in messages.
OUR_FILES = pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name != "formatting.md"], ids=lambda page: page.name
)


@OUR_FILES
def test_a_link_to_a_file_of_ours_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_file_of_the_walk_through_exists() -> None:
    text = (ROOT / "docs" / "adding_a_feature.md").read_text()
    paths = re.findall(r"`([\w./-]+/[\w./-]+\.\w+|[A-Z]+\.md)`", text)
    assert len(paths) > 80
    assert [path for path in paths if not (ROOT / path).is_file()] == []


def map_of(title: str, level: str = "###") -> list[str]:
    """The names marked as code in the first column of the tables of a section of architecture.md."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    match = re.search(rf"^{level} {title}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert match, title
    return [name for row in re.findall(r"^\| (.*?) \|", match[1], re.MULTILINE) for name in re.findall(r"`(.+?)`", row)]


def parts_of(folder: str) -> set[str]:
    """The modules of a folder, committed or about to be, and its packages with a trailing slash."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", f"{folder}/*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    names = {line.removeprefix(f"{folder}/").partition("/") for line in listed if (ROOT / line).is_file()}
    return {name + stroke for name, stroke, _ in names} - {"__init__.py"}


@pytest.mark.parametrize("folder", ["chat/live", "chat/server", "chat/lib"])
def test_the_map_has_every_module_of_the_live_side_and_nothing_else(folder: str) -> None:
    named = map_of(folder)
    assert named == sorted(named)
    assert set(named) == parts_of(folder)


def test_the_map_has_every_part_of_the_chat_and_nothing_else() -> None:
    named = [name for name in map_of("Map of the folders", "##") if name.startswith("chat/") and name != "chat/"]
    assert sorted(named) == sorted(f"chat/{part}" for part in parts_of("chat"))


def test_the_map_has_every_folder_and_nothing_else() -> None:
    listed = subprocess.run(
        ["git", "-c", "core.quotePath=off", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    folders = {line.partition("/")[0] + "/" for line in listed.splitlines() if "/" in line}
    named = [name for name in map_of("Map of the folders", "##") if name.count("/") == 1 and name.endswith("/")]
    assert named == sorted(named)
    assert set(named) == {folder for folder in folders if not folder.startswith(".")}


@OUR_FILES
def test_a_module_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(r"(?<![\w/-])((?:[a-z_]+/)+[a-z_]+\.py)\b", page.read_text())
    # These belong to the shop of embedding.md, which its test creates.
    ours = [path for path in named if not path.startswith(("orders/", "shop/"))]
    assert [path for path in ours if not (ROOT / path).is_file() and not (ROOT / "chat" / path).is_file()] == []
