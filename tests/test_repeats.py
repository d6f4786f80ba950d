"""Every test left out without `--long` exists, and so do the tests that prove the same."""

import json
import re

from support.servers import ROOT
from tests.repeats import REPEATS


def is_there(test: str) -> bool:
    """Whether the file contains the function, or the test of node's runner."""
    file, _, name = test.partition("::")
    path = ROOT / file
    if not path.is_file() or not name:
        return path.is_file()
    code = path.read_text()
    if path.suffix == ".mjs":
        return f"test({json.dumps(name)}," in code
    return re.search(rf"^\s*(async )?def {re.escape(name.partition('[')[0])}\(", code, re.MULTILINE) is not None


def test_repeats_and_what_proves_the_same_are_there() -> None:
    named = {name for test, proofs in REPEATS.items() for name in (test, *proofs)}
    assert sorted(name for name in named if not is_there(name)) == []


def test_what_proves_the_same_is_run_without_being_asked_for() -> None:
    proofs = {proof for proofs in REPEATS.values() for proof in proofs}
    assert proofs & set(REPEATS) == set()
    assert {proof.partition("[")[0] for proof in proofs} & set(REPEATS) == set()


def test_a_name_that_is_not_there_is_noticed() -> None:
    assert not is_there("tests/test_repeats.py::test_of_nothing")
    assert not is_there("tests/js/store.test.mjs::nothing")
    assert not is_there("tests/test_nothing.py::test_a_name_that_is_not_there_is_noticed")
