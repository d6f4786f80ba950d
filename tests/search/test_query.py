"""What people type, and how it is parsed."""

from datetime import UTC, datetime

import pytest

from chat.search.query import Filter, parse
from chat.search.wanted import Phrase

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_words_phrases_and_filters() -> None:
    query = parse('resum "big dog" -lost -"no way" from:@Ada in:#sea-room has:LINK is:saved', now=NOW)
    assert query.phrases == (Phrase(("resum",), whole=False), Phrase(("big", "dog"), whole=True))
    assert query.without == (Phrase(("lost",), whole=False), Phrase(("no", "way"), whole=True))
    assert query.filters == (
        Filter("from", "Ada"),
        Filter("in", "sea-room"),
        Filter("has", "link"),
        Filter("is", "saved"),
    )
    assert not query.warnings


@pytest.mark.parametrize("typed", ["", "  ", "\0", '"', '""', "from:", "in:#", "before:", "-"])
def test_nothing_is_asked_by(typed: str) -> None:
    assert parse(typed).is_empty


def test_days_are_those_of_the_time_zone() -> None:
    day = datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 1, 23, tzinfo=UTC)
    for query in (
        parse("on:2026-11-01", zone="Europe/Berlin"),
        parse("on:2026-11-01 tz:Europe/Berlin"),
        parse("after:2026-10-31 before:2026-11-02 tz:Europe/Berlin"),
    ):
        assert (query.since, query.until) == day
    today = parse("on:today", now=NOW)
    assert today.since == datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "warning"),
    [
        ("on:christmas", "on:christmas is no day. Write one as in on:2026-11-01."),
        ("on:2026-02-30", "on:2026-02-30 is no day. Write one as in on:2026-11-01."),
        ("tz:Moon/Base a", "The time zone “Moon/Base” is not known; days are those of UTC."),
        ("tz:../../etc/passwd a", "The time zone “../../etc/passwd” is not known; days are those of UTC."),
        ("has:nothing", "has:nothing is not known. Known are link, reaction, code, file, image, pin."),
        ("?!", "“?!” has no letter or digit to look for."),
        ("x" * 2001, "Only the first 2000 characters are looked for."),
        (" ".join(f"w{n}" for n in range(40)), "Only the first 32 words are looked for."),
        ("from:ada " * 40, "Only the first 32 filters apply."),
    ],
)
def test_what_is_not_understood_is_a_warning(typed: str, warning: str) -> None:
    assert parse(typed).warnings == (warning,)
