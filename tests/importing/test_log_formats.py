"""Logs of IRC programs with settings other than the defaults."""

from pathlib import Path

from chat.importing.stream import Options
from tests.importing.samples import Found
from tests.importing.test_quirks import rows, texts, written

BERLIN = Options(zone="Europe/Berlin")


def clocks(found: Found) -> list[str]:
    return [f"{one.at:%m-%d %H:%M:%S.%f}" for one in rows(found)]


def test_irssi_with_seconds_brackets_or_the_date_in_each_line(tmp_path: Path) -> None:
    text = (
        "--- Log opened Mon Jan 01 23:58:00 2024\n"
        "23:58:01 <@bob> one\n"
        "[23:58:02] < ada> two\n"
        "2024-01-02 00:01:03 <+eve> three\n"
        "[2024-01-02 00:01:04]  * eve waves\n"
    )
    found = Found("irc", written(tmp_path, {"libera/#dev.log": text}), BERLIN)
    assert texts(found) == ["one", "two", "three", "*waves*"]
    assert clocks(found)[2:] == ["01-01 23:01:03.000000", "01-01 23:01:04.000000"]


def test_irssi_in_another_language_follows_its_days(tmp_path: Path) -> None:
    text = (
        "--- Log opened Mo Jan 01 23:58:00 2024\n23:58 <bob> one\n"
        "--- Day changed Di Jan 02 2024\n00:01 <bob> two\n"
        "--- Log closed Di Jan 02 08:00:00 2024\n"
        "--- Log opened Fr Mär 01 08:00:00 2024\n08:01 <bob> three\n"
    )
    found = Found("irc", written(tmp_path, {"#dev.log": text}), BERLIN)
    assert [stamp[:5] for stamp in clocks(found)] == ["01-01", "01-01", "03-01"]


def test_weechat_with_a_fraction_and_in_utc(tmp_path: Path) -> None:
    text = (
        "2024-01-01 12:00:00.250\t@bob\tone\n"
        "2024-01-01T12:00:01.123456Z\tada\ttwo\n"
        "2024-01-01T12:00:02+0200\tada\tthree\twith a tab\n"
    )
    found = Found("irc", written(tmp_path, {"irc.my.net.#dev.weechatlog": text}), BERLIN)
    assert list(found.rooms) == ["#dev"]
    assert texts(found) == ["three\twith a tab", "one", "two"]
    assert clocks(found) == ["01-01 10:00:02.000000", "01-01 11:00:00.250000", "01-01 12:00:01.123456"]


def test_weechat_with_colours_signs_around_nicks_and_lines_about_the_log(tmp_path: Path) -> None:
    text = (
        "2024-01-01 12:00:00\t****  Beginning of log  ****\n"
        "2024-01-01 12:00:01\t<@bob>\t\x1b[93mone\x1b[0m\n"
        "2024-01-01 12:00:02\t****  End of log  ****\n"
    )
    found = Found("irc", written(tmp_path, {"irc.libera.#dev.weechatlog": text}), BERLIN)
    assert (texts(found), list(found.people)) == (["one"], ["bob"])
    assert not found.notes.lost


def test_one_channel_of_two_networks_is_two_rooms(tmp_path: Path) -> None:
    files = {f"{net}/#dev/2024-01-01.log": f"[12:00:00] <bob> of {net}\n" for net in ("libera", "oftc")}
    found = Found("irc", written(tmp_path, files), BERLIN)
    assert {(room, one.text) for (room, _), one in found.messages.items()} == {
        ("#dev", "of libera"),
        ("oftc/#dev", "of oftc"),
    }


def test_a_file_called_by_no_day_costs_that_file(tmp_path: Path) -> None:
    files = {"#dev/2024-13-45.log": "[12:00:00] <bob> never\n", "#dev/2024-01-01.log": "[12:00:00] <bob> kept\n"}
    found = Found("irc", written(tmp_path, files), BERLIN)
    assert texts(found) == ["kept"]
    assert found.notes.places["file", "is called by a day that does not exist"] == ["#dev/2024-13-45.log"]


def test_a_line_of_50_mb_is_cut_and_the_next_read(tmp_path: Path) -> None:
    text = "[12:00:00] <bob> " + "x" * 50_000_000 + "\n[12:00:01] <bob> after\n"
    first, second = texts(Found("irc", written(tmp_path, {"#dev/2024-01-01.log": text}), BERLIN))
    assert (100_000 < len(first) <= 1_100_000, second) == (True, "after")


def test_colours_of_znc_go_and_bytes_of_windows_stay(tmp_path: Path) -> None:
    text = b"[12:00:00] <bob> \x0304,01red\x03 \x02bold\x02 caf\xe9 \x1ditalic\x1d\n"
    assert texts(Found("irc", written(tmp_path, {"#dev/2024-01-01.log": text}), BERLIN)) == ["red bold café italic"]
