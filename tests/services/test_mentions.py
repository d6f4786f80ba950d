"""Whom a text mentions: exactly the people shown as mentions."""

import pytest

from chat.services.mentions import MENTIONS_MAX, named_in


@pytest.mark.parametrize(
    "text",
    [
        *("@bob", "hello @bob, and you?", "(@bob)", '"@bob"', "@bob's", "@bob.", "@bob!", "@bob: yes", "@BOB"),
        *("**@bob**", "_@bob_", "__@bob__", "~~@bob~~", "*@bob*", "~~**@bob**~~", "> @bob: look", "- **@bob**"),
        *("こんにちは@bobさん", "。@bob", "你好@bob你好", "안녕@bob님", "“@bob”", "¿@bob?", "—@bob—"),
        *("`code` @bob", "```\ncode\n```\n@bob", "[words](https://a.example) @bob", "https://a.example @bob"),
    ],
)
def test_bob_is_called(text: str) -> None:
    assert "bob" in named_in(text)


@pytest.mark.parametrize(
    "text",
    [
        *("`@bob`", "`` @bob ` ``", "```\n@bob\n```", "```\n@bob, never closed", "a `look @bob` b"),
        *("[@bob](https://a.example)", "https://a.example/@bob", "www.a.example/@bob", "\\@bob"),
        *("mail@bob.example", "é@bob", "x@bob", "@@bob", "@bob@x", "/@bob", "src/@bob", "a.@bob", "snake_@bob"),
        *("@bobby", "@bob_smith", "@bob-smith", "bob", "@ bob", ""),
    ],
)
def test_text_that_only_looks_like_a_mention_names_no_one(text: str) -> None:
    assert "bob" not in named_in(text)


def test_many_names_are_cut() -> None:
    assert len(named_in(" ".join(f"@name{n}" for n in range(200)))) == MENTIONS_MAX


@pytest.mark.parametrize("text", ["`" * 10_000 + "@a", "[@" * 5_000, "`a" * 4_999 + "@", "_@" * 5_000, "@a_" * 3_333])
def test_no_text_takes_long(text: str) -> None:
    assert len(named_in(text)) <= MENTIONS_MAX
