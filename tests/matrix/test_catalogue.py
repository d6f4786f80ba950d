"""The matrix in the documentation is the one that `bin/matrix` runs."""

from tools.matrix.__main__ import PAGE
from tools.matrix.catalogue import ROWS
from tools.matrix.row import FAILS, NOT_RUN, WORKS
from tools.matrix.table import read


def test_the_page_has_every_row_and_no_other() -> None:
    assert list(read(PAGE)) == [row.name for row in ROWS]


def test_each_row_of_the_page_has_a_result_and_its_reason() -> None:
    for outcome in read(PAGE).values():
        assert outcome.result in (WORKS, FAILS, NOT_RUN)
        assert outcome.note
