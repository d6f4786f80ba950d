"""Keys and tokens are redacted from a log line, in time linear in its length."""

import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from your_project.redaction import BLOT, SECRETS, without_secrets

NAMES = ("token", "ticket", "password", "invitation", "access_token", "sessionid", "csrftoken")
LINKS = ("/password/reset/key/", "/mail/confirm/", "/unsubscribe/", "/join/")
# The parts that the expressions look for, so that random texts come close to secrets.
PARTS = (*NAMES, *"=:\"' .-_/&;", "  ", "eyJ", "bc_", "Bearer", *LINKS, "abcde", "Z9", "ß", "\n")
texts = st.lists(st.sampled_from(PARTS), max_size=14).map("".join)
# Whether a secret begins depends only on a word, its quotes, and the few spaces that these texts have.
DECIDED_CHARS = 60


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("GET /ws/chat/?token=bc_abc123&room=x", "GET /ws/chat/?token=[…]&room=x"),
        ("/ws/chat/lobby/?ticket=a-b_c HTTP/1.1", "/ws/chat/lobby/?ticket=[…] HTTP/1.1"),
        ("/accounts/signup/?invitation=xyz", "/accounts/signup/?invitation=[…]"),
        ("Authorization: Bearer eyJhbGciOi.eyJzdWIiOi.c2ln", "Authorization: Bearer […]"),
        ('{"password": "correct horse"}', '{"password": "[…] horse"}'),
        ("cookie sessionid=abcdef; csrftoken=ghij", "cookie sessionid=[…]; csrftoken=[…]"),
        ("a key bc_0123456789abcdef somewhere", "a key […] somewhere"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_-9", "[…]"),
        ("tokens are fine, so is the word ticket", "tokens are fine, so is the word ticket"),
        ("took 3 of 30 tokens", "took 3 of 30 tokens"),
        ("Forbidden (CSRF cookie not set.): /join/mGKCe9nfoG/", "Forbidden (CSRF cookie not set.): /join/[…]/"),
        ("Method Not Allowed (PUT): /unsubscribe/3:a-b_c/", "Method Not Allowed (PUT): /unsubscribe/[…]/"),
        ("Not Found: /chat/settings/mail/confirm/WzEsImEi:1x:y/", "Not Found: /chat/settings/mail/confirm/[…]/"),
        ("Too Many Requests: /rooms/tea/join/", "Too Many Requests: /rooms/tea/join/"),
    ],
)
def test_secrets_are_blotted_out(line: str, expected: str) -> None:
    assert without_secrets(line) == expected


@pytest.mark.parametrize(
    "cut", ["key bc_0123", "eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9.eyJz", "?ticket=a", "Bearer x"]
)
def test_a_secret_of_which_only_the_beginning_is_left_is_blotted_out_as_well(cut: str) -> None:
    assert without_secrets(cut).endswith(BLOT)


@given(texts)
def test_it_finds_what_a_walk_along_the_text_finds(text: str) -> None:
    assert without_secrets(text) == naive(text)


@given(texts.filter(lambda text: "   " not in text), st.sampled_from(PARTS), st.integers(0, 40))
def test_no_more_than_a_few_characters_decide_whether_a_secret_begins(text: str, part: str, times: int) -> None:
    """A failed match reads no more than these characters, and a successful one consumes what it read."""
    text += part.strip() * times
    for at in range(len(text)):
        within = SECRETS.match(text, at, min(at + DECIDED_CHARS, len(text)))
        assert bool(SECRETS.match(text, at)) == bool(within)


def test_every_run_is_taken_once_and_never_given_back() -> None:
    runs = list(_unbounded(parser.parse(SECRETS.pattern, SECRETS.flags)))
    assert len(runs) == 9
    assert set(runs) == {"POSSESSIVE_REPEAT"}


def _unbounded(part: Any) -> Iterator[str]:
    """The kind of each unbounded repetition in an expression."""
    if isinstance(part, tuple) and len(part) == 2 and "REPEAT" in str(part[0]) and part[1][1] == parser.MAXREPEAT:
        yield str(part[0])
    if isinstance(part, tuple | list | parser.SubPattern):
        for inner in part:
            yield from _unbounded(inner)


def naive(text: str) -> str:
    """The same result, computed character by character and without regard to speed."""
    out, at = "", 0
    while at < len(text):
        kept, end = _secret_at(text, at)
        if end > at:
            out, at = out + kept + BLOT, end
        else:
            out, at = out + text[at], at + 1
    return out


def _secret_at(text: str, at: int) -> tuple[str, int]:
    """The part to keep of a secret that begins here, and its end; the end is here if there is none."""
    lower = text.lower()
    if link := next((one for one in LINKS if lower.startswith(one, at)), ""):
        end = _run(text, at + len(link), lambda char: not char.isspace() and char != "/")
        return (text[at : at + len(link)], end) if end > at + len(link) else ("", at)
    if (at and _is_word(text[at - 1])) or not _is_word(text[at]):
        return "", at
    for name in NAMES:
        if lower.startswith(name, at) and (found := _value_of(text, at, at + len(name))):
            return found
    if lower.startswith("bearer", at):
        begin = _run(text, at + 6, str.isspace)
        end = _run(text, begin, lambda char: not char.isspace())
        if begin > at + 6 and end > begin:
            return text[at:begin], end
    if lower.startswith("bc_", at) and (end := _run(text, at + 3, _is_token)) > at + 3:
        return "", end
    if lower.startswith("eyj", at) and (end := _run(text, at + 3, _is_token)) >= at + 8:
        for _ in range(2):
            if text.startswith(".", end):
                end = _run(text, end + 1, _is_token)
        return "", end
    return "", at


def _value_of(text: str, at: int, name_end: int) -> tuple[str, int] | None:
    place = name_end + (text[name_end : name_end + 1] in ("'", '"'))
    place = _run(text, place, str.isspace)
    if text[place : place + 1] not in ("=", ":"):
        return None
    begin = _run(text, place + 1, str.isspace)
    begin += text[begin : begin + 1] in ("'", '"')
    end = _run(text, begin, lambda char: not char.isspace() and char not in "&\"'<>;,)}]")
    return (text[at:begin], end) if end > begin else None


def _run(text: str, at: int, belongs: Callable[[str], bool]) -> int:
    while at < len(text) and belongs(text[at]):
        at += 1
    return at


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _is_token(char: str) -> bool:
    return _is_word(char) or char == "-"
