"""The kinds of values that frames carry, checked where they come in."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

# Above 2^53 a browser no longer counts exactly.
LARGEST_NUMBER = 2**53

# Blank to the eye, though Unicode calls them letters and symbols: fillers and the empty braille pattern.
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain the character NUL")
    return text


def visible(text: str) -> str:
    if not any(unicodedata.category(char)[0] not in "ZC" and char not in _BLANK_LETTERS for char in text):
        raise ValueError("needs at least one visible character")
    return _storable(text)


def _emoji(text: str) -> str:
    """Symbols and what joins them; letters and digits only as keycaps. New emoji need no new table."""
    if _KEYCAP.fullmatch(text):
        return text
    kinds = [unicodedata.category(char) for char in text]
    if any(kind[0] in "LNZ" or kind in {"Cc", "Cs", "Co"} for kind in kinds) or text.isascii():
        raise ValueError("must be one emoji")
    return text


Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Seq = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
Cursor = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
Text = Annotated[str, AfterValidator(visible)]
Title = Annotated[str, Field(max_length=100), AfterValidator(_storable)]
ShortText = Annotated[str, Field(max_length=500), AfterValidator(_storable)]
Token = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(visible)]
Emoji = Annotated[str, Field(min_length=1, max_length=32), AfterValidator(_emoji)]
Username = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_storable)]
Minutes = Annotated[int, Field(ge=1, le=525_600)]
