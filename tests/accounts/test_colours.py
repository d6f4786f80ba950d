"""A person's colour: different from their neighbours', and with readable text on it."""

import math
import re

import pytest

from chat.pages.faces import HUES, hue
from support.servers import ROOT

CSS = (ROOT / "chat" / "static" / "chat" / "css" / "avatars.css").read_text()
NEEDED = 4.5
_OKLCH = r"oklch\(([\d.]+) ([\d.]+) var\(--h"
_COLOURS = re.compile(
    rf"background: light-dark\({_OKLCH}.*?{_OKLCH}.*?color: light-dark\({_OKLCH}.*?{_OKLCH}", re.DOTALL
)


def test_two_dozen_people_who_came_one_after_the_other_share_no_colour() -> None:
    numbers = [hue(user_id) for user_id in range(1001, 1001 + HUES)]
    assert sorted(numbers) == list(range(1, HUES + 1))
    shades = dict(re.findall(r"\.(h\d+) \{\s+--h: (\d+);\s+\}", CSS))
    assert len(set(shades.values())) == len(shades) == HUES
    assert f"const HUES = {HUES};" in (ROOT / "chat" / "static" / "chat" / "js" / "text" / "people.js").read_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_initials_are_readable_on_every_colour(theme: str) -> None:
    kinds = _COLOURS.findall(CSS)
    assert len(kinds) == 2
    for numbers in kinds:
        pairs = [tuple(map(float, numbers[at : at + 2])) for at in range(0, 8, 2)]
        ground, letters = (pairs[0], pairs[2]) if theme == "light" else (pairs[1], pairs[3])
        worst = min(_contrast((*ground, h), (*letters, h)) for h in range(360))
        assert worst >= NEEDED, (ground, letters)


def _contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """WCAG 2's contrast ratio of two OKLCH colours."""
    low, high = sorted((_luminance(*one), _luminance(*other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(lightness: float, chroma: float, h: float) -> float:
    """Computed with the matrices of CSS Color 4, clipped to the gamut of a screen."""
    a, b = chroma * math.cos(math.radians(h)), chroma * math.sin(math.radians(h))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    return sum(
        weight * min(max(part, 0), 1) for weight, part in zip((0.2126, 0.7152, 0.0722), (red, green, blue), strict=True)
    )
