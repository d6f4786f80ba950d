"""The emoji table that page and server share."""

import json
from collections import Counter
from pathlib import Path

from chat.formatting import emoji
from chat.formatting.emoji import emoji_named, in_tone

VENDOR = Path(emoji.__file__).resolve().parents[1] / "static" / "chat" / "vendor"


def test_each_name_has_one_emoji() -> None:
    [table] = VENDOR.glob("emojibase-data-*/emoji.json")
    rows = json.loads(table.read_text(encoding="utf-8"))["emoji"]
    counts = Counter(name for row in rows for name in row[2].split())
    assert len(counts) > 3000
    assert [name for name, count in counts.items() if count > 1] == []


def test_a_name_that_several_tables_give_is_the_emoji_of_the_first_of_them() -> None:
    # emojibase gives these names to other emoji (🔼, 👆, 🚆, ⛅), which come earlier in Unicode order.
    names = {"up": "🆙", "point_up": "☝️", "train": "🚋", "sun_behind_cloud": "🌥️"}
    assert {name: emoji_named(name) for name in names} == names


def test_a_tone_is_that_of_each_person_of_an_emoji() -> None:
    tone = "\U0001f3ff"
    assert in_tone("👍", tone) == "👍🏿"
    assert in_tone("👨‍❤️‍💋‍👨", tone) == "👨🏿‍❤️‍💋‍👨🏿"
    assert in_tone("🎉", tone) == "🎉"
