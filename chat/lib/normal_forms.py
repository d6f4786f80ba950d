"""Unicode normal forms in linear time.

`unicodedata.normalize` sorts the marks of a letter by insertion: for a password of 2 MB of alternating accents above
and below it takes a quarter of an hour, in which no other thread of the process runs.
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
# All marks are in this range of code points.
_FIRST, _LAST = 0x0300, 0x1FFFF


def normalized(form: Form, text: str) -> str:
    """Return the text in this form. A longer run of marks, which no one can read, is sorted in chunks of MARKS_MAX."""
    if len(text) <= SHORT or text.isascii() or not _mark().search(text[MARKS_MAX :: MARKS_MAX + 1]):
        # A longer run has a mark at one of these positions; checking every character costs more than normalizing.
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
    """Matches a run of more marks than may be sorted together."""
    return re.compile(f"{_mark().pattern}{{{MARKS_MAX + 1},}}")


@functools.cache
def _mark() -> re.Pattern[str]:
    """Matches a mark, or a character that becomes one in a compatibility form. Built once, in 20 ms."""
    every = (chr(code) for code in range(_FIRST, _LAST + 1) if not 0xD800 <= code <= 0xDFFF)
    marks = [char for char in every if unicodedata.combining(unicodedata.normalize("NFKD", char)[0])]
    return re.compile(f"[{re.escape(''.join(marks))}]")
