"""How a large workspace divides its messages."""

from dataclasses import dataclass

import pytest

from bench.large_workspace import AT_ONCE, main, parts, shares


@dataclass
class Room:
    pk: int
    last_seq: int


def test_few_rooms_have_most_messages_and_each_has_one() -> None:
    lasts = shares(45_000, 50_000_000, power=0.9, least=1)
    assert lasts == sorted(lasts, reverse=True)
    assert min(lasts) >= 1
    assert 0.95 < sum(lasts) / 50_000_000 <= 1
    assert sum(lasts[:450]) > sum(lasts) / 3


def test_each_place_of_each_room_is_in_one_part() -> None:
    rooms = [Room(1, 2 * AT_ONCE + 7), Room(2, 5), Room(3, 1)]
    found = [
        (room, seq)
        for part in parts(rooms)
        for room, low, high in zip(part["rooms"], part["lows"], part["highs"], strict=True)
        for seq in (low, high)
    ]
    assert found == [
        (1, 1),
        (1, AT_ONCE),
        (1, AT_ONCE + 1),
        (1, 2 * AT_ONCE),
        (1, 2 * AT_ONCE + 1),
        (1, 2 * AT_ONCE + 7),
        (2, 1),
        (2, 5),
        (3, 1),
        (3, 1),
    ]


def test_a_workspace_without_rooms_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--rooms", "1"])
    assert "at least two rooms" in capsys.readouterr().err
