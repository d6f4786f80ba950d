"""The sample exports through `manage.py import`, each twice: every message is stored as its reader returns it, once."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from chat.importing.stream import Message as Said
from chat.importing.stream import Options
from chat.models import ImportedMessage, ImportedPerson, Message, Reaction
from tests.importing.samples import SAMPLES, Found
from tests.importing.test_samples import CASES

pytestmark = pytest.mark.django_db


def run(name: str, path: Path, options: Options, report: Path) -> dict[str, Any]:
    flags = ["--zone", options.zone] if options.zone else []
    flags += [] if options.day_first is None else ["--day-first" if options.day_first else "--month-first"]
    # It exits with 1 when something was left out, as in most samples.
    with suppress(SystemExit):
        call_command("import", name, str(path), *flags, "--report", str(report))
    found: dict[str, Any] = json.loads(report.read_text())
    return found


@pytest.mark.parametrize(("name", "sample", "path", "options"), CASES, ids=[f"{c[1]}/{c[2]}" for c in CASES])
def test_a_sample_is_imported_once(name: str, sample: str, path: str, options: Options, tmp_path: Path) -> None:
    found = Found(name, SAMPLES / sample / path, options)
    report = run(name, SAMPLES / sample / path, options, tmp_path / "report.json")
    assert (report["counts"]["new"], report["counts"]["already"]) == (len(found.messages), 0)
    noted = {
        (one.place.source, one.source): one.message
        for one in ImportedMessage.objects.select_related("place", "message__author")
    }
    assert noted.keys() == {key for key, one in found.messages.items() if one.at is not None}
    speakers = dict(ImportedPerson.objects.values_list("source", "participant__username"))
    seqs = {key: message.seq for key, message in noted.items()}
    for key, said in found.messages.items():
        compare(said, noted[key], speakers, seqs)
    rooms = [[one.created_at for one in Message.objects.filter(room=room).order_by("seq")] for room in rooms_of(noted)]
    assert all(times == sorted(times) for times in rooms)
    before = (Message.objects.count(), Reaction.objects.count(), ImportedPerson.objects.count())
    again = run(name, SAMPLES / sample / path, options, tmp_path / "again.json")
    assert (again["counts"]["new"], again["counts"]["already"]) == (0, len(found.messages))
    assert (Message.objects.count(), Reaction.objects.count(), ImportedPerson.objects.count()) == before


def compare(said: Said, kept: Message, speakers: dict[str, str], seqs: dict[tuple[str, str], int]) -> None:
    assert kept.created_at == said.at
    assert bool(kept.deleted_at) is said.deleted
    if said.author:
        assert kept.author.username == speakers[said.author]
    # People may have other names here, and files that are not stored become lines of the text.
    if "@" not in said.text and not said.deleted:
        assert kept.text.startswith(said.text)
    assert kept.thread == (seqs.get((said.room, said.thread)) if said.thread else None)
    parent = said.reply_to or said.thread
    assert kept.reply_to == (seqs.get((said.room, parent)) if parent else None)
    counted = sum(len(set(people)) for people in said.reactions.values())
    assert Reaction.objects.filter(message=kept).count() <= counted
    assert Reaction.objects.filter(message=kept).exists() is bool(counted)


def rooms_of(noted: dict[tuple[str, str], Message]) -> set[int]:
    return {message.room_id for message in noted.values()}
