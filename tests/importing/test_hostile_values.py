"""Exports with bytes cut or changed, and with values of unexpected types: each error costs only the element itself."""

import itertools
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from chat.importing.stream import NotAnExport, Options
from chat.models import Message
from chat.pages.moments import Moments
from chat.protocol.events import stamp
from chat.services.imports.loading import Wanted, history_import
from tests.importing.samples import SAMPLES, Found
from tests.importing.test_samples import CASES

FOLDERS = [case for case in CASES if not case[2].endswith(".zip")]
IDS = [f"{case[1]}/{case[2]}" for case in FOLDERS]
ODD: tuple[Any, ...] = (None, True, -7, 2**70, 1e300, "", "x", "\0", "\ud800", "9" * 300, [], [1], ["x"], {}, {"a": 1})


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "expected.json")


def read(name: str, path: Path, options: Options) -> Found | None:
    """What is read, or None when the export is refused with a one-line message."""
    try:
        return Found(name, path, options)
    except NotAnExport as refused:
        sentence = str(refused)
    assert "\n" not in sentence
    return None


@pytest.mark.parametrize(("name", "sample", "path", "options"), FOLDERS, ids=IDS)
def test_bytes_that_are_cut_or_changed(name: str, sample: str, path: str, options: Options, tmp_path: Path) -> None:
    folder = shutil.copytree(SAMPLES / sample / path, tmp_path / "export")
    chance = random.Random(sample)
    for file in files(folder):
        whole = file.read_bytes()
        for _ in range(6):
            at = chance.randrange(len(whole) + 1)
            changed = bytearray(whole)
            for _ in range(min(8, len(whole))):
                changed[chance.randrange(len(whole))] = chance.randrange(256)
            for data in (whole[:at], bytes(changed), whole[:at] + b"\xff\x00\xfe" + whole[at:]):
                file.write_bytes(data)
                read(name, folder, options)
        file.write_bytes(whole)
    assert read(name, folder, options)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value, in the order of the file."""
    if path:
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    key, *rest = path
    changed = value.copy()
    changed[key] = replaced(value[key], tuple(rest), odd) if rest else odd
    return changed


def documents(file: Path) -> tuple[list[Any], bool]:
    """The values of a file, and whether it has one per line."""
    text = file.read_text(encoding="utf-8")
    try:
        return [json.loads(text)], False
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line], True


JSON_CASES = [
    case for case in FOLDERS if any(file.suffix in {".json", ".jsonl"} for file in files(SAMPLES / case[1] / case[2]))
]


@pytest.mark.parametrize(("name", "sample", "path", "options"), JSON_CASES, ids=[f"{c[1]}/{c[2]}" for c in JSON_CASES])
@pytest.mark.django_db
def test_values_of_other_kinds(
    name: str, sample: str, path: str, options: Options, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    places_of_a_file = 150 if pytestconfig.getoption("--long") else 50
    folder = shutil.copytree(SAMPLES / sample / path, tmp_path / "export")
    chance = random.Random(sample)
    written = 0
    for file in [one for one in files(folder) if one.suffix in {".json", ".jsonl"}]:
        whole = file.read_bytes()
        values, by_line = documents(file)
        every = [(number, place) for number, value in enumerate(values) for place in places(value)]
        odd = itertools.cycle(chance.sample(ODD, len(ODD)))
        for number, place in chance.sample(every, min(len(every), places_of_a_file)):
            changed = [*values]
            changed[number] = replaced(values[number], place, next(odd))
            text = [json.dumps(one) for one in changed]
            file.write_text("\n".join(text) if by_line else text[0], encoding="utf-8")
            read(name, folder, options)
            if written < 12 and chance.random() < 0.2:
                # Import some of them into the database.
                written += 1
                try:
                    history_import(Wanted(name, folder, options))
                except NotAnExport:
                    continue
        file.write_bytes(whole)
    assert written
    assert Message.objects.exists()


@pytest.mark.django_db
def test_times_that_no_one_can_have_written_at_become_ones_that_every_reader_has(tmp_path: Path) -> None:
    def said(number: int, at: int, **facts: Any) -> dict[str, Any]:
        text = {"msgtype": "m.text", "body": f"message {number}"} | facts
        event = {"type": "m.room.message", "sender": "@ada:a.example", "event_id": f"${number}", "content": text}
        return event | {"origin_server_ts": at}

    last, year = 253_402_300_799_000, 1_700_000_000_000
    (tmp_path / "export.json").write_text(
        json.dumps({"room_name": "Tea", "messages": [said(1, last), said(2, year), said(3, -62_135_596_800_000)]})
    )
    report = history_import(Wanted("matrix", tmp_path / "export.json", Options()))
    [lost] = [one for one in report["left_out"] if one["what"] == "time"]
    assert lost["count"] == 2
    found = {one.text: one.created_at for one in Message.objects.all()}
    assert found["message 1"] <= timezone.now()
    assert found["message 2"].year == 2023
    assert found["message 3"].year == 1970
    for at in found.values():
        assert [Moments(ZoneInfo(zone), clock="24").local(stamp(at)) for zone in ("Pacific/Kiritimati", "Etc/GMT+12")]
