"""The dates in irssi's logs, which are in the user's language: `--- Day changed Di Jan 02 2024`."""

import re
import unicodedata
from datetime import date, timedelta

from chat.lib.normal_forms import normalized

# Prefixes of month names in common system languages, without accents; each belongs to one month only.
_MONTHS = {
    1: "jan ene gen sty led sij oca ian tam",
    2: "feb fev fbr lut uno vel sub hel",
    3: "mar mrt mrz bre ozu maa",
    4: "apr abr avr kwi dub tra nis huh",
    5: "may mai maj mei mag kve svi tou",
    6: "jun juin giu cze haz kes",
    7: "jul juil lug tem hei",
    8: "aug ago aou sie kol agu elo",
    9: "sep set wrz zar ruj eyl syy",
    10: "oct okt ott paz rij eki lok",
    11: "nov gru stu kas marr",
    12: "dec dez dic des pro ara jou",
}
_NEXT_MAX = 800


def day_of(line: str, before: date | None) -> date | None:
    """The day that a line names.

    After a known day, its number and year suffice in any language: it is the next such day. The first day of a log
    needs the month's name.
    """
    numbers = re.findall(r"(?<![\d:])(\d{1,2})(?![\d:])\.?(?=\s)", f"{line} ")
    years = re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", line)
    if not numbers or not years:
        return None
    number, year = int(numbers[-1]), int(years[-1])
    months = _months(line)
    if len(months) == 1:
        return _date(year, months[0], number)
    if before is None:
        return None
    following = (before + timedelta(days=step) for step in range(0 if "opened" in line else 1, _NEXT_MAX))
    return next((day for day in following if day.day == number and day.year == year), None)


def _months(line: str) -> list[int]:
    """The months that the words after the weekday may mean."""
    words = [_letters(word) for word in re.findall(r"[^\W\d_]+", line)[3:]]
    # English, German and Romance names first: three letters distinguish them.
    for word in words[1:] or words:
        found = [month for month, heads in _MONTHS.items() if any(word.startswith(head) for head in heads.split())]
        if len(found) == 1:
            return found
    return []


def _letters(word: str) -> str:
    return "".join(sign for sign in normalized("NFD", word.lower()) if not unicodedata.combining(sign))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
