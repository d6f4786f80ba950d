"""The page of facts names tests that exist."""

import re
from pathlib import Path

from support.servers import ROOT

FACTS = Path(__file__).with_name("FACTS.md")


def test_each_test_that_the_facts_name_exists() -> None:
    known = {
        name for file in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
    }
    named = set(re.findall(r"`(test_\w+)`", FACTS.read_text(encoding="utf-8")))
    assert len(named) > 90
    assert sorted(named - known) == []
