"""In a run of everything each process gets the files that are meant for it, and every test is run and heard."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support import workers
from support.processes import Child
from support.servers import ROOT

FILES = [f"tests/test_{letter}.py" for letter in "abcdefgh"]
TESTS = [f"{file}::test_{number}" for file in FILES for number in range(3)]


def file_for(plan: workers.Plan, number: int) -> str:
    """The letter of the file that this process is given; nothing when there is none."""
    return "".join(dict.fromkeys(TESTS[place].partition("::")[0][-4] for place in plan.next(number)))


def test_one_process_waits_for_the_other_database_and_two_begin_at_the_end(tmp_path: Path) -> None:
    plan = workers.Plan(TESTS, processes=4, beside=tmp_path)
    assert [*plan.begin()] == [0, 2, 3]
    assert [plan.is_last(number) for number in range(4)] == [False, False, True, True]
    assert [file_for(plan, number) for number in (0, 2, 3, 0)] == ["a", "h", "g", "b"]
    assert [*plan.begin()] == []
    (tmp_path / workers.OTHER_ENDED).touch()
    assert [*plan.begin()] == [1]
    assert [file_for(plan, number) for number in (1, 2, 0, 1, 1)] == ["c", "f", "d", "e", ""]


def test_the_one_that_waits_does_not_begin_when_nothing_is_left(tmp_path: Path) -> None:
    plan = workers.Plan(TESTS[:3], processes=4, beside=tmp_path)
    assert [*plan.begin()] == [0, 2, 3]
    assert [file_for(plan, number) for number in (0, 2)] == ["a", ""]
    (tmp_path / workers.OTHER_ENDED).touch()
    assert [*plan.begin()] == []


def test_a_process_that_comes_back_gets_what_it_had_not_begun() -> None:
    plan = workers.Plan(TESTS, processes=1)
    assert [*plan.begin()] == [0]
    first = plan.next(0)
    plan.came_back(0, first[1:])
    assert [*plan.begin()] == [0]
    assert plan.next(0) == first[1:]


def test_otherwise_all_are_alike() -> None:
    plan = workers.Plan(TESTS, processes=3)
    assert [*plan.begin()] == [0, 1, 2]
    assert [file_for(plan, number) for number in (0, 1, 2, 2)] == ["a", "b", "c", "d"]


def test_files_that_share_servers_go_to_one_process() -> None:
    names = ["tests/deployment/test_a.py::test_1", "tests/test_a.py::test_1", "tests/deployment/test_b.py::test_1"]
    plan = workers.Plan(names, processes=2)
    assert [plan.next(0), plan.next(1), plan.next(0)] == [[0, 2], [1], []]


RUN = {
    "conftest.py": """
import os, pytest
from pathlib import Path

@pytest.fixture(scope="session")
def made(tmp_path_factory):
    yield os.getpid()
    with Path("ended").open("a") as file:
        file.write(f"{os.getpid()}\\n")

@pytest.fixture(scope="session")
def badly_ended():
    yield
    raise ValueError("not well ended")
""",
    "test_a.py": """
import os, warnings
from pathlib import Path

def test_its_own(made, tmp_path):
    assert made == os.getpid() != int(os.environ["PARENT"])
    warnings.warn("so it is warned")

def test_wrong(made):
    print("what it has printed")
    assert 1 == 2
""",
    "test_b.py": """
import os

def test_dies():
    os._exit(9)

def test_after():
    pass
""",
    "test_c.py": """
def test_last(made, badly_ended):
    pass
""",
    "test_d.py": """
import pytest

@pytest.mark.skip("not here")
def test_left_out():
    pass
""",
}
LONG = """
import time
from pathlib import Path

def test_long(made):
    Path("began").touch()
    time.sleep(60)
"""
_START = "import os, runpy; os.environ['PARENT'] = str(os.getpid()); runpy.run_module('pytest', run_name='__main__')"


def command(folder: Path, *options: str) -> tuple[list[str], dict[str, str]]:
    """How to run these files by processes, and its environment."""
    for name, text in RUN.items():
        (folder / name).write_text(text)
    given = ["-q", "-rA", "-p", "support.workers", "-p", "no:cacheprovider", "--basetemp", str(folder / "temp")]
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    return [sys.executable, "-c", _START, *given, *options], env


@pytest.mark.parametrize("processes", [2, 4])
def test_what_happens_in_the_processes_is_reported_as_of_one(processes: int, tmp_path: Path) -> None:
    asked, env = command(tmp_path, "--processes", str(processes))
    done = subprocess.run(asked, cwd=tmp_path, env=env, capture_output=True, text=True)
    said = done.stdout
    assert done.returncode == 1, said + done.stderr
    assert done.stderr == ""
    found = sorted(re.findall(r"^(PASSED|FAILED) (\S+)", said, re.MULTILINE))
    assert found == [
        *(("FAILED", "test_a.py::test_wrong"), ("FAILED", "test_b.py::test_dies")),
        *(("PASSED", f"test_{test}") for test in ("a.py::test_its_own", "b.py::test_after", "c.py::test_last")),
    ]
    # What ends badly after the last test of a process is an error of that test, whichever it was.
    assert len(re.findall(r"^ERROR test_\w\.py::", said, re.MULTILINE)) == 1
    for part in (
        *("what it has printed", "assert 1 == 2", "the process of this test ended with 9", "not well ended"),
        *("so it is warned", "not here", "2 failed, 3 passed, 1 skipped, "),
    ):
        assert part in said
    # What was made for the session was ended once in each process that had it.
    ended = (tmp_path / "ended").read_text().split()
    assert len(ended) == len({*ended}) in (1, 2)


def test_interrupted_it_ends_what_was_made_for_the_session_and_leaves_no_process(tmp_path: Path) -> None:
    asked, env = command(tmp_path, "--processes", "2", "test_e.py", "test_a.py")
    (tmp_path / "test_e.py").write_text(LONG)
    child = Child(asked, log=tmp_path / "log", env=env, cwd=tmp_path)
    child.wait_until((tmp_path / "began").exists)
    assert child.stop(signal.SIGINT) == 2
    assert "KeyboardInterrupt" in child.output()
    for pid in (tmp_path / "ended").read_text().split():
        assert not Path("/proc", pid).exists()


def test_it_stops_after_the_first_failure_when_asked(tmp_path: Path) -> None:
    asked, env = command(tmp_path, "--processes", "2", "-x", "test_e.py", "test_a.py")
    (tmp_path / "test_e.py").write_text(LONG)
    done = subprocess.run(asked, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "stopping after 1 failures" in done.stdout
    # The one that was interrupted is neither.
    assert "1 failed, 1 passed" in done.stdout


HELD = {
    "test_f.py": """
import time
from pathlib import Path

def test_held():
    print("said by one")
    while not Path("go").exists():
        time.sleep(0.01)
""",
    "test_g.py": """
def test_other(made):
    print("said by the other")
""",
    "test_h.py": """
from pathlib import Path

def test_go(made):
    Path("go").touch()
""",
}


def test_what_is_made_for_the_session_stays_for_the_next_file_and_each_process_has_its_output(tmp_path: Path) -> None:
    asked, env = command(tmp_path, "--processes", "2", *HELD)
    for name, text in HELD.items():
        (tmp_path / name).write_text(text)
    done = subprocess.run(asked, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    for test, words in (("held", "said by one"), ("other", "said by the other")):
        assert re.search(
            rf"^_+ test_{test} _+\n-+ Captured stdout call -+\n{words}\n(?!said)", done.stdout, re.MULTILINE
        )
    # Both tests with it were in the process that was not held.
    assert len((tmp_path / "ended").read_text().split()) == 1
