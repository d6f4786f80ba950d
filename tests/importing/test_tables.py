"""CSV of any chat: which columns, which times, and the effect of one bad row."""

from pathlib import Path

import pytest

from chat.importing.stream import NotAnExport, Options
from tests.importing.samples import Found

UTC = Options(zone="UTC")


def table(folder: Path, text: str | bytes, options: Options = UTC, name: str = "Tea talk.csv") -> Found:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Found("csv", path, options)


def texts(found: Found) -> list[str]:
    return [one.text for one in found.messages.values()]


def test_rows_become_messages_with_all_that_the_columns_say(tmp_path: Path) -> None:
    found = table(
        tmp_path,
        "ID,Room,Kind,Timestamp,Username,Display Name,Email,Message,Reply to,Thread\r\n"
        '1,tea,public,2024-01-01T12:00:00.5+01:00,ada.l,Ada L,ada@example.org,"two\nlines, ""quoted""",,\r\n'
        "2,tea,public,2024-01-01T11:01:00Z,bob,,,yes,1,\r\n"
        "3,tea,public,2024-01-01T11:02:00Z,bob,,,in the thread,,1\r\n"
        "1,talk,direct,1704110400,bob,,,elsewhere,,\r\n",
    )
    first, second, third = (found.messages["tea", number] for number in ("1", "2", "3"))
    assert (first.text, f"{first.at:%H:%M:%S.%f}") == ('two\nlines, "quoted"', "11:00:00.500000")
    assert (second.reply_to, second.thread, third.thread, third.reply_to) == ("1", None, "1", None)
    assert (found.people["ada.l"].title, found.people["ada.l"].email) == ("Ada L", "ada@example.org")
    assert {room.id: room.kind for room in found.rooms.values()} == {"tea": "public", "talk": "direct"}
    assert f"{found.messages['talk', '1'].at:%Y-%m-%d %H:%M}" == "2024-01-01 12:00"


@pytest.mark.parametrize(
    ("written", "options", "at"),
    [
        ("2024-03-25 22:15", Options("Europe/Berlin"), "2024-03-25 21:15"),
        ("25.03.2024 22:15", UTC, "2024-03-25 22:15"),
        ("3/25/24, 10:15 PM", UTC, "2024-03-25 22:15"),
        ("04/03/2024 22:15", Options("UTC", day_first=True), "2024-03-04 22:15"),
        ("04/03/2024 22:15", Options("UTC", day_first=False), "2024-04-03 22:15"),
        ("1711404900000", UTC, "2024-03-25 22:15"),
        ("1711404900.25", UTC, "2024-03-25 22:15"),
    ],
)
def test_times_in_the_ways_of_spreadsheets(written: str, options: Options, at: str, tmp_path: Path) -> None:
    found = table(tmp_path, f'time;author;text\n"{written}";ada;hi\n', options)
    [message] = found.messages.values()
    assert f"{message.at:%Y-%m-%d %H:%M}" == at
    assert message.room == "Tea talk"


def test_local_times_need_a_zone_and_ambiguous_ones_their_order(tmp_path: Path) -> None:
    with pytest.raises(NotAnExport, match="--zone"):
        table(tmp_path, "time,author,text\n2024-03-25 22:15,ada,hi\n", Options())
    with pytest.raises(NotAnExport, match="--day-first or --month-first"):
        table(tmp_path, "time,author,text\n04/03/2024 22:15,ada,hi\n")


def test_a_bad_row_costs_that_row(tmp_path: Path) -> None:
    found = table(
        tmp_path,
        b"time\tauthor\ttext\n"
        b"2024-01-01T10:00:00Z\tada\tcaf\xe9\n"
        b"soon\tada\tnever\n"
        b"2024-01-01T10:01:00Z\t\tnobody\n"
        b"2024-01-01T10:02:00Z\n\n"
        b"2024-01-01T10:03:00Z\tbob\tkept\n",
        name="export.tsv",
    )
    assert texts(found) == ["café", "kept"]
    assert found.notes.lost["message", "has no time"] == 1
    assert found.notes.places["message", "has no author"] == ["export.tsv: row 4", "export.tsv: row 5"]


def test_a_field_of_50_mb_costs_no_other_row(tmp_path: Path) -> None:
    row = b'2024-01-01T10:01:00Z,ada,"' + b"x" * 50_000_000 + b'"\n'
    head = b"time,author,text\n2024-01-01T10:00:00Z,ada,before\n"
    found = table(tmp_path, head + row + b"2024-01-01T10:02:00Z,ada,after\n")
    assert [text for text in texts(found) if len(text) < 100] == ["before", "after"]
    assert found.notes.lost


def test_equal_rows_without_ids_are_kept_apart(tmp_path: Path) -> None:
    row = "2024-01-01T10:00:00Z,ada,ping\n"
    assert texts(table(tmp_path, "time,author,text\n" + row * 3)) == ["ping"] * 3


@pytest.mark.parametrize("text", ["a,b,c\n1,2,3\n", "time,author\nx,y\n", '"', "\0\0\0"])
def test_a_file_without_the_columns_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(NotAnExport, match="time, author, text"):
        table(tmp_path, text)
