"""The shared cases, read once, and the comparison of a reader's state with them."""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent


def read_cases(name: str) -> list[dict[str, Any]]:
    """The cases of one file, with its fixtures filled in."""
    content = json.loads((FOLDER / name).read_text("utf-8"))
    cases: list[dict[str, Any]] = _filled(content["cases"], content["fixtures"])
    return cases


def _filled(value: Any, fixtures: dict[str, Any]) -> Any:
    """Replace `"$name"` by that fixture, and `{"$name": {…}}` by that fixture with other values for those fields."""
    if isinstance(value, str) and value.startswith("$"):
        return _filled(fixtures[value[1:]], fixtures)
    if isinstance(value, list):
        return [_filled(one, fixtures) for one in value]
    if not isinstance(value, dict):
        return value
    match list(value.items()):
        case [(str(name), fields)] if name.startswith("$"):
            return {**_filled(name, fixtures), **_filled(fields, fixtures)}
    return {key: _filled(one, fixtures) for key, one in value.items()}


CASES = read_cases("cases.json")
COUNTS = read_cases("counts.json")

each_case = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
each_count = pytest.mark.parametrize("case", COUNTS, ids=[case["name"] for case in COUNTS])


def assert_expected(case: dict[str, Any], state: dict[str, Any]) -> None:
    """Compare a reader's state, in the format of the README, with what the case expects."""
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
