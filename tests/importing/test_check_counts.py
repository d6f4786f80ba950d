"""The check before an import reports the same counts as the import."""

import json
from pathlib import Path
from typing import Any

import pytest

from chat.importing.stream import Options
from chat.models import CustomEmoji, EmojiName, File, ImportRun, Message, Participant, Reaction
from chat.services.imports.loading import Wanted, history_import
from support.people import person
from tests.importing.samples import SAMPLES
from tests.importing.test_quirks import written
from tests.importing.test_samples import CASES

pytestmark = pytest.mark.django_db


def compared(report: dict[str, Any]) -> dict[str, Any]:
    """What both reports must have in common; only the import assigns addresses of rooms."""
    rooms = [{name: value for name, value in row.items() if name != "room"} for row in report["rooms"]]
    return {name: report[name] for name in ("counts", "emoji")} | {"rooms": rooms}


@pytest.mark.parametrize(("name", "sample", "path", "options"), CASES, ids=[f"{c[1]}/{c[2]}" for c in CASES])
def test_the_check_of_a_sample_counts_what_is_imported(name: str, sample: str, path: str, options: Options) -> None:
    def imported(*, dry: bool) -> dict[str, Any]:
        return history_import(Wanted(name, SAMPLES / sample / path, options, dry_run=dry))

    before = imported(dry=True)
    assert (ImportRun.objects.count(), Message.objects.count(), Participant.objects.count()) == (0, 0, 0)
    after = imported(dry=False)
    assert compared(before) == compared(after)
    assert after["counts"]["reactions"] == Reaction.objects.count()
    assert after["counts"]["files"] == File.objects.count()
    again = imported(dry=True)
    assert compared(again) == compared(imported(dry=False))
    assert (again["counts"]["new"], again["counts"]["reactions"], again["counts"]["files"]) == (0, 0, 0)


def slack(folder: Path, *said: dict[str, Any]) -> Path:
    users = [{"id": "U1", "name": "ada"}, {"id": "U2", "name": "bob"}]
    rows = [{"type": "message", "user": "U1", "ts": f"17041104{n:02}.000100", **one} for n, one in enumerate(said)]
    channels = [{"id": "C1", "name": "tea", "members": ["U1"]}]
    return written(folder, {"users.json": users, "channels.json": channels, "tea/2024-01-01.json": rows})


def reacted(name: str, *users: str) -> dict[str, Any]:
    return {"name": name, "users": list(users), "count": len(users)}


def test_two_people_of_the_export_who_are_one_here_react_once(tmp_path: Path) -> None:
    person("ada")
    (tmp_path / "map.csv").write_text("U1,ada\nU2,ada\n")
    path = slack(tmp_path / "export", {"text": "hi", "reactions": [reacted("tada", "U1", "U2", "U9")]})
    reports = [history_import(Wanted("slack", path, people=tmp_path / "map.csv", dry_run=dry)) for dry in (True, False)]
    assert [report["counts"]["reactions"] for report in reports] == [2, 2]


def test_emoji_that_are_pictures_there_are_named_with_whether_they_are_here(tmp_path: Path) -> None:
    ada = person("ada")
    file = File.objects.create(uploader=ada, name="shipit.png", length=1, size=1, state="ready", kept=True)
    made = CustomEmoji.objects.create(file=file, made_by=ada)
    EmojiName.objects.create(name="shipit", emoji=made, main=True)
    two = [reacted("shipit", "U1", "U2"), reacted("partyparrot", "U1"), reacted("tada", "U1")]
    path = slack(tmp_path / "export", {"text": "hi", "reactions": two})
    for dry in (True, False):
        report = history_import(Wanted("slack", path, dry_run=dry))
        assert report["emoji"] == [
            {"name": "shipit", "reactions": 2, "here": True},
            {"name": "partyparrot", "reactions": 1, "here": False},
        ]
        assert report["counts"]["emoji"] == 2


def test_files_over_the_limit_and_empty_ones_are_left_out_of_both(tmp_path: Path, settings: Any) -> None:
    settings.CHAT_FILE_MAX = 1000
    files = [{"id": f"F{n}", "name": f"{n}.txt", "size": n} for n in (0, 10, 2000)]
    path = slack(tmp_path / "export", {"text": "files", "files": files})
    written(path, {f"__uploads/F{n}/{n}.txt": b"x" * n for n in (0, 10, 2000)})
    lost = []
    for dry in (True, False):
        report = history_import(Wanted("slack", path, dry_run=dry))
        assert report["counts"]["files"] == 1
        lost.append(sorted((row["what"], row["why"], row["count"]) for row in report["left_out"]))
    assert lost[0] == lost[1] != []
    assert json.dumps(report)
