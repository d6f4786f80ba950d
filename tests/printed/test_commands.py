"""Every command that a page prints runs as printed on a fresh clone, after the ones before it."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from bench.catalogue import SCENARIOS
from chatclient import cli
from support.processes import free_port, scratch
from support.servers import ROOT, clean_environment, migrated_sqlite
from tests.printed.classes import Way, row_of
from tests.printed.clone import Terminal, give_packages, make_clone
from tests.printed.pages import PAGES, printed
from tools.faults.catalogue import FAULTS

ALL = [command for page in PAGES for command in printed(page)]
RUN = [page for page in PAGES if any((row := row_of(one)) and row.way is not Way.CHECK for one in printed(page))]
# The files that parse the options of each script.
OPTIONS_OF = {
    "bench": ("bench/__main__.py", "bench/large_workspace.py", "bench/working_day.py"),
    "faults": ("tools/faults/__main__.py",),
    "screens": ("tools/screenshots/__main__.py",),
    "test": ("support/plugin.py",),
}
# Codes that move the cursor, which a person does not see on a terminal.
CODES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[78])|\r")


@pytest.fixture(scope="module")
def clone() -> Path:
    folder = make_clone()
    give_packages(folder)
    return folder


def test_every_command_is_run_or_is_said_why_not() -> None:
    unknown = [str(command) for command in ALL if row_of(command) is None]
    assert not unknown, (
        f"In no class: {unknown}. Add a row to tests/printed/classes.py: RUN or SERVE, and it is run in a fresh clone, "
        "or CHECK with the reason why it cannot run here."
    )
    assert len(ALL) > 100


# A dozen programs, one after the other: minutes on a machine that runs other tests.
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", RUN)
def test_a_page_from_top_to_bottom(page: str, clone: Path) -> None:
    ports = {printed_port: free_port() for printed_port in ("8000", "8003", "7890")}
    terminal = Terminal(clone, ports=ports, PORT=str(ports["8000"]))
    if page != "README.md":  # which starts from an empty folder
        terminal.env["DATA_DIR"] = folder = str(scratch("page"))
        shutil.copy(migrated_sqlite(), f"{folder}/backchannel.sqlite3")
    try:
        for command in printed(page):
            row = row_of(command)
            if row is None or row.way is Way.CHECK:
                continue
            served = command.text + (f" --port {ports['7890']}" if "playground" in command.text else "")
            shown = terminal.serve(served) if row.way is Way.SERVE else terminal.run(command.text, row.typed)
            # The output that the page shows, in that order; … matches anything.
            wanted = [".*".join(map(re.escape, terminal.here(line).split("…"))) for line in command.output]
            assert re.search(".*".join(wanted), CODES.sub("", shown), re.DOTALL), (command, shown)
        assert set(terminal.stop()) <= {0}
    finally:
        terminal.kill()


@pytest.mark.parametrize("page", PAGES)
def test_the_shell_can_read_every_command(page: str) -> None:
    for command in printed(page):
        if "…" not in command.text:
            done = subprocess.run(["bash", "-n", "-c", command.text], capture_output=True, text=True)
            assert done.returncode == 0, (command, done.stderr)


def test_files_that_a_command_names_are_there() -> None:
    for command in ALL:
        for name in re.findall(
            r"(?<![\w./:-])((?:deploy|tests|docs|requirements|bin|chatclient)/[\w./@-]+)", command.text
        ):
            assert (ROOT / name).exists(), command
        if "requirements" in command.page or ".in " in command.text:
            assert all(
                (ROOT / "requirements" / name).exists() for name in re.findall(r"[\w.-]+\.in\b", command.text)
            ), command


def test_management_commands_and_their_options_are_there() -> None:
    known = get_commands()
    for command in ALL:
        for name, rest in re.findall(r"manage\.py (\w+)([^|;&>]*)", command.text):
            assert name in known, command
            app = known[name]
            made = load_command_class(app, name) if isinstance(app, str) else app
            options = made.create_parser("manage.py", name)._option_string_actions
            assert [option for option in options_in(rest) if option not in options] == [], command


def test_options_of_the_client_are_there() -> None:
    for command in ALL:
        for load, rest in re.findall(r"-m chatclient( load)?([^|;&>]*)", command.text):
            parser = cli._load_parser() if load else cli._chat_parser()
            assert [option for option in options_in(rest) if option not in parser._option_string_actions] == [], command


def test_options_and_names_of_the_scripts_are_there() -> None:
    names = {"bench": set(SCENARIOS), "faults": {fault.name for fault in FAULTS}}
    for command in ALL:
        for name, rest in re.findall(r"(?<![\w./])bin/(\w+)([^#|;&>]*)", command.text):
            text = "".join((ROOT / path).read_text() for path in (f"bin/{name}", *OPTIONS_OF.get(name, ())))
            missing = [one for one in options_in(rest) if one not in text and one != "--help"]
            assert missing == [], command
            for word in re.findall(r"(?:^|--only) ([a-z][a-z-]+)", rest) if name in names else ():
                assert word in {*names[name], "textbook"}, command


def options_in(rest: str) -> list[str]:
    return re.findall(r"(?<!\S)--[a-z][a-z-]+", rest)


def test_what_the_client_needs_is_installed_by_the_run_script() -> None:
    needed = tomllib.loads((ROOT / "chatclient" / "pyproject.toml").read_text())["project"]["dependencies"]
    pinned = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert {re.split(r"\W", one)[0] for one in needed} <= set(pinned)


def test_help_installs_nothing() -> None:
    folder = make_clone()
    for script in sorted((folder / "bin").iterdir()):
        done = subprocess.run([script, "--help"], capture_output=True, text=True, env=clean_environment(), cwd="/")
        assert done.returncode == 0, (script.name, done.stderr)
        assert done.stdout.lower().startswith("usage:"), script.name
        # Not just the usage: also what it does.
        assert len(done.stdout.split("\n\n")) > 1, script.name
        assert not (folder / ".venv").exists(), script.name
