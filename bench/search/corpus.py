"""Messages that look like those of people, in ten languages and eight scripts; the same for the same numbers.

The words are those of Unicode's CLDR as the package Babel has them (names of languages, countries, currencies, scripts,
cities, months and days), under the Unicode Licence v3. Their frequencies follow Zipf's law, as those of a language do.
"""

import itertools
import random
from collections.abc import Iterator
from functools import cache

from babel import Locale
from babel.dates import get_timezone_location

# Latin twice, then Cyrillic, Greek, Arabic, Hebrew, Devanagari, Thai, Chinese characters with kana, Hangul.
LANGUAGES = ("en", "de", "ru", "el", "ar", "he", "hi", "th", "ja", "ko")
# Half of what is written is English.
WEIGHTS = (10, 3, 2, 1, 2, 1, 2, 1, 3, 2)
UNSPACED = {"th", "ja"}
EMOJI = "👍🎉🙏😂❤🚀👀🔥✅🤔"
PLACES = (
    "Europe/Berlin",
    "Asia/Tokyo",
    "America/New_York",
    "Africa/Cairo",
    "Asia/Seoul",
    "Asia/Bangkok",
    "Asia/Kolkata",
)


@cache
def words(language: str) -> list[str]:
    """The words of a language, in the order of their frequency here."""
    locale = Locale.parse(language)
    names = [
        *locale.languages.values(),
        *locale.territories.values(),
        *locale.scripts.values(),
        *locale.currencies.values(),
        *locale.months["format"]["wide"].values(),
        *locale.days["format"]["wide"].values(),
        *(get_timezone_location(zone, locale=locale) for zone in PLACES),
    ]
    found = {word.strip("()[],.·-–") for name in names for word in str(name).split()}
    ordered = sorted(word for word in found if len(word) > 1)
    random.Random(language).shuffle(ordered)
    return ordered


@cache
def _weights(language: str) -> list[float]:
    return list(itertools.accumulate(1 / rank for rank in range(1, len(words(language)) + 1)))


def message(number: int) -> str:
    """The text of one message."""
    rng = random.Random(number)
    language = rng.choices(LANGUAGES, WEIGHTS)[0]
    size = min(1 + int(rng.expovariate(1 / 9)), 60)
    said = rng.choices(words(language), cum_weights=_weights(language), k=size)
    if rng.random() < 0.12:
        said.insert(rng.randrange(len(said) + 1), _special(rng))
    if rng.random() < 0.1:
        said.append(rng.choice(EMOJI))
    return ("" if language in UNSPACED else " ").join(said)


def _special(rng: random.Random) -> str:
    """Text that only some messages have: a link, an identifier, a number."""
    name = rng.choice(words("en")).lower()
    return rng.choice(
        [
            f" https://{name}.example/{rng.randrange(10**6)} ",
            f" {name}_{rng.choice(words('en')).lower()}.{rng.randrange(1000)} ",
            f" {rng.getrandbits(16):04x}-{rng.getrandbits(16):04x} ",
            f" #{rng.randrange(10**5)} ",
            f" {rng.randrange(100)}% ",
            " C++ ",
        ]
    )


def queries(count: int) -> Iterator[str]:
    """Queries by what people remember: beginnings of words, parts, phrases, identifiers, some that match nothing."""
    rng = random.Random("queries")
    for number in range(count):
        language = rng.choices(LANGUAGES, WEIGHTS)[0]
        word = rng.choice(words(language)[:400] if number % 2 else words(language))
        kind = number % 6
        if kind == 0:
            yield word
        elif kind == 1:
            yield word[: max(2, len(word) // 2)]
        elif kind == 2:
            text = message(rng.randrange(100_000)).split()
            start = rng.randrange(len(text))
            yield f'"{" ".join(text[start : start + 2])}"'
        elif kind == 3:
            yield f"{word[:3]} {rng.choice(words(language)[:50])}"
        elif kind == 4:
            yield rng.choice([_special(rng).strip(), "C++", "50%", rng.choice(EMOJI)])
        else:
            yield word + "zzz"
