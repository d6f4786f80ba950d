"""Unicode's normal forms in a time that grows with the text.

`unicodedata.normalize` sorts the marks of a letter by moving each back over those before it: a form of 2 MB of accents
above and below in turn, as a password, takes it a quarter of an hour, in which no other thread of the process runs.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

# Marks on one letter that are sorted together: no language has more (UAX #15, Stream-Safe Text Format).
MARKS_MAX = 30
# A text of this length is sorted at once, whatever it holds.
SHORT = 256
# There are no marks outside of these.
_FIRST, _LAST = 0x0300, 0x1FFFF


def normalized(form: Form, text: str) -> str:
    """The text in this form. Of more than MARKS_MAX marks in a row, which no one can read, each MARKS_MAX are sorted
    by themselves."""
    if len(text) <= SHORT or text.isascii() or not _mark().search(text[MARKS_MAX :: MARKS_MAX + 1]):
        # A longer row of marks has one of them at one of these places; to look at each costs more than the form does.
        return unicodedata.normalize(form, text)
    return "".join(unicodedata.normalize(form, part) for part in _parts(text))


def _parts(text: str) -> Iterator[str]:
    begin = 0
    for run in _rows().finditer(text):
        for end in range(run.start() + MARKS_MAX, run.end(), MARKS_MAX):
            yield text[begin:end]
            begin = end
    yield text[begin:]


@functools.cache
def _rows() -> re.Pattern[str]:
    """More marks than may be sorted together."""
    return re.compile(f"{_mark().pattern}{{{MARKS_MAX + 1},}}")


@functools.cache
def _mark() -> re.Pattern[str]:
    """A mark, or what becomes one in a compatibility form. They are found in 20 ms, once."""
    every = (chr(code) for code in range(_FIRST, _LAST + 1) if not 0xD800 <= code <= 0xDFFF)
    marks = [char for char in every if unicodedata.combining(unicodedata.normalize("NFKD", char)[0])]
    return re.compile(f"[{re.escape(''.join(marks))}]")
