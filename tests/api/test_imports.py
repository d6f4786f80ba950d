"""Imports over the API: an archive uploaded in parts, checked, started with choices, and undone."""

import base64
import csv
import io
import json
import zipfile
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat.models import File, ImportJob, Message, Participant, PersonMatch
from chat.services.imports.job_work import import_work
from chat.services.imports.match_moves import match_work
from chat.services.imports.problems import problems_file
from support.people import administrator
from tests.api.conftest import Api, Stage
from tests.importing.samples import SAMPLES

TUS = {"Tus-Resumable": "1.0.0"}
PART = TUS | {"Content-Type": "application/offset+octet-stream"}


def metadata(name: str) -> dict[str, str]:
    return {"Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()},purpose aW1wb3J0"}


def packed() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for file in sorted((SAMPLES / "slack" / "export").rglob("*")):
            archive.write(file, file.relative_to(SAMPLES / "slack" / "export"))
    return out.getvalue()


@pytest.fixture
def boss(stage: Stage) -> str:
    """An administrator with all rights."""
    administrator(stage.add("boss"))
    return "boss"


async def uploaded(api: Api, who: str, data: bytes) -> str:
    begun = await api(who, "POST", "uploads/", headers=TUS | metadata("slack.zip") | {"Upload-Length": str(len(data))})
    path = begun.headers["Location"].removeprefix("/api/v1/")
    for at in range(0, len(data), 2000):
        part = await api(who, "PATCH", path, headers=PART | {"Upload-Offset": str(at)}, content=data[at : at + 2000])
        assert part.status_code == 204
    return path.rpartition("/")[2]


def work() -> dict[str, Any]:
    """Do the work of the cluster's process; returns the import."""
    job = ImportJob.objects.get()
    import_work(job)
    job.refresh_from_db()
    return {"state": job.state, "people": job.people, "rooms": job.rooms}


async def test_an_archive_is_uploaded_checked_started_with_choices_and_undone(api: Api, boss: str) -> None:
    upload = await uploaded(api, boss, packed())
    refused = await api(boss, "GET", f"files/{upload}")
    assert refused.status_code == 404, "an archive is no file of a message"
    asked = await api(boss, "POST", "imports", json={"format": "slack", "upload": upload})
    assert (asked.status_code, asked.json()["state"], asked.json()["report"]) == (201, "checking", None)
    address = f"imports/{asked.json()['id']}"
    again = await api(boss, "POST", "imports", json={"format": "slack", "upload": upload})
    assert again.status_code in {404, 409}
    assert (await sync_to_async(work)())["state"] == "checked"
    report = (await api(boss, "GET", address)).json()["report"]
    skipped, merged = report["rooms"][0]["source"], report["rooms"][1]["source"]
    choices = {"rooms": {skipped: "-", merged: "garden"}, "people": {report["people"][0]["source"]: "alice"}}
    checked = await api(boss, "POST", f"{address}/check", json=choices)
    assert (checked.status_code, checked.json()["state"]) == (200, "checking")
    await sync_to_async(work)()
    report = (await api(boss, "GET", address)).json()["report"]
    assert {row["source"]: row["as"] for row in report["rooms"]} | {skipped: "-", merged: "garden"} == {
        row["source"]: row["as"] for row in report["rooms"]
    }
    assert (await api(boss, "POST", f"{address}/start", json={})).json()["state"] == "importing"
    assert (await sync_to_async(work)())["state"] == "done"
    assert await Message.objects.filter(room__slug="garden").aexists()
    assert (await api(boss, "POST", f"{address}/undo", json={})).json()["state"] == "undoing"
    assert (await sync_to_async(work)())["state"] == "undone"
    assert not await Message.objects.filter(deleted_at=None).aexists()
    [listed] = (await api(boss, "GET", "imports")).json()["imports"]
    assert (listed["state"], listed["by"], listed["report"]) == ("undone", "boss", None)


async def test_what_is_left_out_is_a_file(api: Api, boss: str) -> None:
    upload = await uploaded(api, boss, packed())
    number = (await api(boss, "POST", "imports", json={"format": "slack", "upload": upload})).json()["id"]
    address = f"imports/{number}/problems"
    await sync_to_async(work)()
    report = (await api(boss, "GET", f"imports/{number}")).json()["report"]
    lines = await api(boss, "GET", f"{address}?format=jsonl")
    assert lines.headers["content-disposition"].startswith(f'attachment; filename="import-{number}-problems.jsonl"')
    rows = [json.loads(line) for line in lines.text.splitlines()]
    assert {(row["what"], row["why"]): row["count"] for row in rows if row["kind"] == "left_out"} == {
        (row["what"], row["why"]): row["count"] for row in report["left_out"]
    }
    assert {row["what"]: row["count"] for row in rows if row["kind"] == "not_needed"} == report["not_needed"] != {}
    table = await api(boss, "GET", address)
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    cells = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert [row["what"] for row in cells] == [row["what"] for row in rows]
    assert (await api(boss, "GET", f"{address}?format=xml")).status_code == 422
    assert (await api(boss, "GET", "imports/999/problems")).status_code == 404


async def test_somebody_of_an_import_is_matched_with_an_account_and_taken_back(api: Api, boss: str) -> None:
    def move() -> None:
        match_work(PersonMatch.objects.get())

    upload = await uploaded(api, boss, packed())
    number = (await api(boss, "POST", "imports", json={"format": "slack", "upload": upload})).json()["id"]
    await sync_to_async(work)()
    await api(boss, "POST", f"imports/{number}/start", json={})
    await sync_to_async(work)()
    asked = await api(boss, "PUT", "imported-people/ada", json={"account": "alice"})
    assert (asked.status_code, asked.json()["state"], asked.json()["by"]) == (200, "moving", "boss")
    await sync_to_async(move)()
    [match] = (await api(boss, "GET", "imported-people")).json()["people"]
    assert (match["username"], match["account"], match["state"]) == ("ada", "alice", "done")
    assert match["done"] == await Message.objects.filter(author__username="alice").acount() > 0
    refused = await api(boss, "PUT", "imported-people/bob", json={"account": "alice"})
    assert (refused.status_code, refused.json()["fields"]) == (422, {"username": "will not do"})
    assert (await api(boss, "DELETE", "imported-people/ada")).json()["state"] == "returning"
    await sync_to_async(move)()
    assert not await Message.objects.filter(author__username="alice").aexists()
    assert (await api(boss, "DELETE", "imported-people/ada")).status_code == 404


def test_no_cell_of_the_file_is_a_formula() -> None:
    report = {"left_out": [{"what": "=1+1", "why": "-x", "count": 2, "places": ["@a.json", "b.json"]}]}
    [first, second] = csv.DictReader(io.StringIO(problems_file(report, "csv").removeprefix("\ufeff")))
    assert first == {"kind": "left_out", "count": "2", "what": "'=1+1", "why": "'-x", "place": "'@a.json"}
    assert second["place"] == "b.json"


async def test_what_cannot_be_is_refused_with_the_field_or_a_sentence(api: Api, boss: str, settings: Any) -> None:
    settings.CHAT_IMPORT_MAX = 100
    for who, name, size, status in (
        ("staff", "slack.zip", 50, 403),
        ("alice", "slack.zip", 50, 403),
        (boss, "slack.zip", 101, 413),
        (boss, "film.mp4", 50, 415),
        (boss, "slack.zip", 0, 422),
    ):
        headers = TUS | metadata(name) | {"Upload-Length": str(size)}
        assert (await api(who, "POST", "uploads/", headers=headers)).status_code == status, (who, name, size)
    assert not await File.objects.aexists()
    for body in (
        {"format": "pigeon"},
        {"format": "slack", "path": "../etc"},
        {"format": "slack", "people": {"U1": "nobody-here"}},
        {"format": "slack", "rooms": {"C1": "nowhere"}},
        {"format": "slack", "zone": "Mars/Olympus"},
    ):
        assert (await api(boss, "POST", "imports", json=body)).status_code == 422, body
    missing = await api(boss, "POST", "imports", json={"format": "slack", "upload": "A" * 22})
    assert missing.status_code == 404
    assert (await api(boss, "GET", "imports/1")).status_code == 404
    assert (await api(boss, "POST", "imports/1/start", json={})).status_code == 404
    assert (await api(boss, "POST", "imports/1/explode", json={})).status_code == 422
    assert not await Participant.objects.filter(kind="imported").aexists()
