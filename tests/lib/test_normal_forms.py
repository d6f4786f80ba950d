"""Normal forms: Unicode's result for all readable text, and no long sorting for unreadable text."""

import random
import re
import sys
import unicodedata
from typing import get_args

import pytest

from chat.identity.opaque import opaque
from chat.lib import normal_forms
from chat.lib.normal_forms import MARKS_MAX, Form, normalized
from chat.lib.oneline import tidy

ABOVE, BELOW = "\u0301", "\u0316"
FORMS: tuple[Form, ...] = get_args(Form)


@pytest.mark.parametrize("form", FORMS)
def test_texts_that_can_be_read_have_the_forms_of_unicode(form: Form) -> None:
    chance = random.Random(form)
    every = [
        chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) not in {"Cn", "Cs", "Co"}
    ]
    marks = [char for char in every if unicodedata.combining(char)]
    for _ in range(100):
        text = "".join(chance.choice(every) + "".join(chance.choices(marks, k=chance.randrange(4))) for _ in range(300))
        assert normalized(form, text) == unicodedata.normalize(form, text)
    text = ("가각ㅏ ﬁ é " + "e" + (BELOW + ABOVE) * (MARKS_MAX // 2)) * 20
    assert normalized(form, text) == unicodedata.normalize(form, text)


@pytest.mark.parametrize("form", FORMS)
def test_marks_without_end_are_sorted_in_pieces(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def normalize(form: Form, text: str) -> str:
        asked.append(text)
        return whole(form, text)

    whole = unicodedata.normalize
    # Called before the counting starts: its result is built once.
    normal_forms._mark()
    monkeypatch.setattr(unicodedata, "normalize", normalize)
    # U+FF9E is no mark, but becomes one in a compatibility form; U+0F73 becomes two.
    # One or two marks over the limit, wherever they begin.
    for before in range(2 * MARKS_MAX):
        for count in (MARKS_MAX + 1, MARKS_MAX + 2):
            asked.clear()
            normalized(form, "x" * before + ABOVE * count + "x" * 300)
            assert max(part.count(ABOVE) for part in asked) <= MARKS_MAX
    for pair in (ABOVE + BELOW, "\uff9e" + ABOVE, "\u0f73" + BELOW):
        asked.clear()
        text = "words " + pair * 1_000 + " words " + pair * MARKS_MAX + "x" * 300
        found = normalized(form, text)
        assert "".join(asked) == text
        assert max(len(run) for part in asked for run in re.findall(f"[{pair}]+", part)) <= 2 * MARKS_MAX
        assert (found[:6], found[-300:]) == ("words ", "x" * 300)


def test_a_password_and_a_line_of_marks_are_the_same_each_time() -> None:
    typed = "passx" + (ABOVE + BELOW) * 500
    assert opaque(typed) == opaque(typed) == tidy(typed)
    assert len(opaque(typed)) == len(typed)
