"""The page's modules without a browser: runs this folder's `*.test.mjs` with node's own test runner."""

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
# The node that bin/setup installs for the checks of scripts.
NODE = Path(sys.executable).with_name("node")


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.test.mjs")))
def test_the_modules_do_what_their_tests_say(name: str) -> None:
    done = subprocess.run(
        [NODE, "--test", "--test-isolation=none", "--test-reporter=spec", "--import", "./page.mjs", name],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # A file without tests also passes.
    assert "tests 0\n" not in done.stdout
