"""The package itself: its dependencies, its exports, its documentation."""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import chatclient
from chatclient import ChatClient, ChatError, ConnectionPool, cli, errors

PACKAGE = Path(chatclient.__file__).parent
MANUAL = (PACKAGE.parent / "docs" / "python-client.md").read_text("utf-8")
EXCEPTIONS = [
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.ChatError)
]


def imported(file: Path) -> set[str]:
    """The packages that a module imports."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_it_needs_what_it_declares_and_nothing_of_the_server() -> None:
    declared = tomllib.loads((PACKAGE / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    needed = set().union(*map(imported, PACKAGE.rglob("*.py"))) - sys.stdlib_module_names - {"chatclient"}

    named = {re.split(r"[<>=]", requirement)[0] for requirement in declared}
    assert named == needed == {"httpx", "msgspec", "websockets"}


def test_it_runs_where_only_its_dependencies_are(tmp_path: Path) -> None:
    """Run it in a separate folder, without the repository on the path."""
    (tmp_path / "chatclient").symlink_to(PACKAGE)
    code = (
        "import sys, chatclient; print(*{name.split('.')[0] for name in sys.modules} & {'django', 'chat', 'accounts'})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout == "\n"


def test_exports_are_there_and_hold_every_exception() -> None:
    assert [name for name in chatclient.__all__ if not hasattr(chatclient, name)] == []
    assert set(EXCEPTIONS) <= set(chatclient.__all__)


@pytest.mark.parametrize("text", [chatclient.__doc__, errors.__doc__, MANUAL], ids=["package", "errors", "manual"])
def test_the_documented_tree_of_exceptions_is_complete(text: str) -> None:
    assert [name for name in EXCEPTIONS if not re.search(rf"\b{name}\b", text)] == []


def test_every_refusal_of_the_contract_has_an_exception() -> None:
    codes = ["invalid", "too_large", "not_found", "forbidden", "muted", "banned", "rate_limited", "conflict"]
    for code in [*codes, "unavailable", "server_error"]:
        kind = type(errors.refusal(code, "No."))
        assert kind is not errors.CommandRefused
        assert kind.code == code
    unknown = errors.refusal("from_later", "No.")
    assert (type(unknown), unknown.code) == (errors.CommandRefused, "from_later")


def test_the_manual_names_everything_public() -> None:
    names = set(chatclient.__all__) - {"RoomTranscript", "Position"}
    for kind in (ChatClient, ConnectionPool):
        names |= {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}
    for parser in (cli._chat_parser(), cli._load_parser()):
        names |= {option for action in parser._actions for option in action.option_strings if option.startswith("--")}
    names -= {"close", "wait_stopped", "--help"}

    assert [name for name in sorted(names) if not re.search(rf"(?<![\w-]){re.escape(name)}\b", MANUAL)] == []


def test_a_catcher_of_one_kind_catches_what_belongs_to_it() -> None:
    assert issubclass(errors.ServerUnreachable, errors.ConnectionFailed)
    assert issubclass(errors.SignedOut, errors.ConnectionEnded)
    assert issubclass(errors.OutboxFull, errors.OutboxError)
    assert all(issubclass(getattr(errors, name), ChatError) for name in EXCEPTIONS)
