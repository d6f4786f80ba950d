"""The shared cases, read once."""

import json
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).with_name("cases.json")
CASES: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["cases"]

each_case = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])


def assert_expected(case: dict[str, Any], state: dict[str, Any]) -> None:
    """Compare a reader's state, in the words of the README, with what the case expects."""
    expected = case["expect"]
    if "epoch" in expected:
        assert state["epoch"] == expected["epoch"]
    assert sorted(state["rooms"]) == sorted(expected["rooms"])
    for name, wanted in expected["rooms"].items():
        room = state["rooms"][name]
        for key in wanted.keys() - {"messages"}:
            assert room[key] == wanted[key], f"{name}.{key}"
        if "messages" in wanted:
            kept = {
                seq: {field: room["messages"].get(seq, {}).get(field) for field in fields}
                for seq, fields in wanted["messages"].items()
            }
            assert sorted(room["messages"]) == sorted(wanted["messages"])
            assert kept == wanted["messages"]
