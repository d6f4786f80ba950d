"""What prose can forget, a test remembers: the protocol's page names everything that goes over the wire."""

import re
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
    """The words in code in the first column of all tables of a section."""
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


# The table of formatting.md holds links as people write them.
@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "formatting.md"], ids=lambda page: page.name)
def test_a_link_to_a_file_of_ours_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_file_of_the_walk_through_exists() -> None:
    text = (ROOT / "docs" / "adding_a_feature.md").read_text()
    paths = re.findall(r"`([\w./-]+/[\w./-]+\.\w+|[A-Z]+\.md)`", text)
    assert len(paths) > 80
    assert [path for path in paths if not (ROOT / path).is_file()] == []
