"""A module or package of the project called `chat`, which hides the app, and the output of `python -m backchannel`."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.servers import clean_environment
from tests.embedding.shop import installed


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    env = clean_environment(PYTHONPATH=str(installed()))
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("name", "is_app"), [("chat.py", False), ("chat/__init__.py", True)])
def test_what_hides_the_app_is_named_with_the_way_out(tmp_path: Path, name: str, is_app: bool) -> None:
    theirs = tmp_path / name
    theirs.parent.mkdir(exist_ok=True)
    theirs.touch()
    # Python's own message names neither the app nor the way out.
    status, said = run(tmp_path, "-c", "import chat.urls")
    assert (status, "No module named 'chat.urls'" in said) == (1, True)

    status, said = run(tmp_path, "-m", "backchannel")
    hides = theirs.parent if is_app else theirs
    assert status == 1
    assert said.startswith(f"{hides} hides Backchannel's app: Python imports it as `chat`.\nRename it, or move it")
    assert ("django_migrations" in said) == is_app

    theirs.rename(theirs.with_name("shop_chat.py"))
    if is_app:
        theirs.parent.rename(tmp_path / "shop_chat")
    assert run(tmp_path, "-m", "backchannel")[0] == 0


def test_where_nothing_hides_it_the_place_of_the_app_is_named(tmp_path: Path) -> None:
    status, said = run(tmp_path, "-m", "backchannel")
    assert (status, said.split(". ")[0]) == (0, f"`chat` is the app of Backchannel, in {installed() / 'chat'}")
