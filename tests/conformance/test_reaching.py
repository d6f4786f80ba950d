"""Who is notified of what: the table, and random cases that the page's module decides as the server does."""

import json
import random
import subprocess
import sys
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from chat.reaching import Place, QuietHours, Reason, Said, Silence, Wishes, keyword_in, reach
from support.servers import ROOT

TABLE = json.loads((Path(__file__).parent / "reaching.json").read_text("utf-8"))
NODE = Path(sys.executable).with_name("node")
LEVELS = ["all", "mentions", "nothing"]


def decided(case: dict[str, Any]) -> list[str | None]:
    found = reach(Said(**case.get("said", {})), Place(**case.get("place", {})), Wishes(**case.get("wishes", {})))
    return [found.reason, found.silence]


def hours(name: str) -> QuietHours:
    facts = TABLE["hours"][name.removeprefix("$")]
    return QuietHours(**{**facts, "days": frozenset(facts["days"])})


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_a_message_reaches_a_member_or_says_why_not(case: dict[str, Any]) -> None:
    assert decided(case) == case["expect"]


@pytest.mark.parametrize("case", TABLE["quiet"], ids=lambda case: case["name"])
def test_quiet_hours_follow_the_clock_of_their_zone(case: dict[str, Any]) -> None:
    assert hours(case["hours"]).at(datetime.fromisoformat(case["now"])) is case["expect"]


@pytest.mark.parametrize("case", TABLE["keywords"], ids=lambda case: case["text"])
def test_a_keyword_is_a_whole_word(case: dict[str, Any]) -> None:
    assert keyword_in(case["text"], case["keywords"]) is case["expect"]


def test_every_reason_and_every_silence_is_in_the_table() -> None:
    reasons, silences = zip(*(case["expect"] for case in TABLE["cases"]), strict=True)
    assert set(reasons) == {None, *Reason}
    assert set(silences) == {None, *Silence}


def test_an_e_mail_has_what_calls_the_member_and_was_not_refused() -> None:
    mailed = {tuple(case["expect"]) for case in TABLE["cases"] if _by_mail(case)}
    calls = {"mention", "direct", "keyword"}
    assert {reason for reason, _ in mailed} == calls
    assert {silence for _, silence in mailed} == {None, "paused", "busy", "quiet"}


def _by_mail(case: dict[str, Any]) -> bool:
    return reach(Said(**case.get("said", {})), Place(**case.get("place", {})), Wishes(**case.get("wishes", {}))).by_mail


def _random_case(chance: random.Random) -> dict[str, Any]:
    def one(model: type[Said] | type[Place] | type[Wishes]) -> dict[str, Any]:
        # Most facts keep their default; otherwise a case is silent for three reasons at once.
        return {
            field.name: field.default if chance.random() < 0.7 else not field.default
            for field in fields(model)
            if field.name != "level"
        }

    return {
        "said": one(Said),
        "place": one(Place) | {"level": chance.choice(["default", "default", *LEVELS])},
        "wishes": one(Wishes) | {"level": chance.choice(LEVELS)},
    }


def test_the_page_decides_as_the_server_does(tmp_path: Path) -> None:
    chance = random.Random(16)
    generated = [_random_case(chance) for _ in range(3_000)]
    full = [
        {
            part: asdict(model(**case.get(part, {})))
            for part, model in (("said", Said), ("place", Place), ("wishes", Wishes))
        }
        | {"expect": case["expect"]}
        for case in TABLE["cases"]
    ]
    cases = full + [case | {"expect": decided(case)} for case in generated]
    (tmp_path / "cases.json").write_text(json.dumps({**TABLE, "cases": cases}))
    done = subprocess.run(
        [NODE, "--import", "./page.mjs", "reaching.mjs", tmp_path / "cases.json"],
        cwd=ROOT / "tests/js",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout.strip()) == (0, f"{len(cases)} 17 10 agree"), done.stdout + done.stderr
