"""The server parses formatting as docs/formatting.md says."""

import pytest

from chat.formatting.tree import Node, mentions_in, parse
from tests.formatting.hostile import SLOW, mixed
from tests.formatting.table import MEMBERS, OWN_EMOJI, neutral, rows


def test_the_table_covers_much() -> None:
    assert len({written for written, _ in rows()}) >= 150


@pytest.mark.parametrize(("written", "shown"), rows())
def test_what_is_written_is_shown_as_the_table_says(written: str, shown: str) -> None:
    assert neutral(parse(written, MEMBERS, own=OWN_EMOJI)) == shown


@pytest.mark.parametrize("text", SLOW, ids=range(len(SLOW)))
def test_a_text_made_to_be_slow_is_read_all_the_same(text: str) -> None:
    assert parse(text[:10_000])
    assert isinstance(mentions_in(f"@x `{text[:10_000]}"), list)


def test_a_text_that_costs_too_much_is_shown_as_it_was_written() -> None:
    assert parse("*a " * 1_001) == [Node("p", ["*a " * 1_000 + "*a"])]
    assert mentions_in("@bob " + "*a " * 1_001) == []


def test_only_what_is_shown_as_a_mention_calls() -> None:
    calling = 0
    for text in mixed(1_000, seed=7):
        shown = [node.text.lower() for node in _all(parse(text, None)) if node.kind == "mention"]
        calling += bool(shown)
        assert (text, list(dict.fromkeys(shown))) == (text, [names[0] for names in mentions_in(text)])
    assert calling > 50


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("no one", []),
        ("@Bob and @bob, @carl!", [("bob",), ("carl",)]),
        ("_@bob_ **@carl**", [("bob_", "bob"), ("carl",)]),
        ("`@bob` \\@carl [@dora](https://a.example) https://a.example/@eve", []),
        ("```\n@bob\n```\n> @carl", [("carl",)]),
        ("mail bob@carl.example, @dora", [("dora",)]),
        ("(@bob)「@carl」、@doraさん", [("bob",), ("carl",), ("dora",)]),
    ],
)
def test_mentions_are_found_with_the_names_they_may_mean(text: str, names: list[tuple[str, ...]]) -> None:
    assert mentions_in(text) == names


def _all(nodes: list[Node | str]) -> list[Node]:
    found = [node for node in nodes if isinstance(node, Node)]
    return [each for node in found for each in (node, *_all(node.children))]
