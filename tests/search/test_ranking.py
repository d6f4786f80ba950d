"""Which matching message ranks first when sorted by relevance."""

import pytest

from chat.search.folding import fold
from chat.search.query import parse
from chat.search.ranking import RANKED_CHARS, rank


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("tele", ["a tele", "telemetry"]),
        ("big dog", ["a big dog", "the big and bad dog", "the big dogs"]),
        ("big dog", ["dogs, big dog: big", "big dog", "big, very big, then a dog"]),
        ("東京 駅", ["東京駅", "駅は東京"]),
        ("word", ["word word", "word", "x" * RANKED_CHARS + " word"]),
        ("a b", ["a b", "a" + " x" * RANKED_CHARS + " b"]),
        ("has:link", [""]),
    ],
)
def test_whole_words_close_together_come_first(query: str, texts: list[str]) -> None:
    phrases = parse(query).phrases
    ranks = [rank(fold(text), phrases) for text in texts]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)
