"""How long the indexer rests: never in the way of posting, and soon there when little is posted."""

import pytest

from chat.live.indexer import LOOK_SECONDS, REST, rest_after
from chat.services.search_index import STEP


@pytest.mark.parametrize(
    ("done", "took", "rest"),
    [
        (0, 0.001, LOOK_SECONDS),
        # What was posted is indexed: the next message is found within a second, however slow the machine is.
        (1, 0.5, LOOK_SECONDS),
        (1, 0.001, LOOK_SECONDS),
        (STEP - 1, 0.9, LOOK_SECONDS),
        # More waits than one step takes: posting goes first.
        (STEP, 0.02, 0.02 * REST),
        (STEP, 0.5, 0.5 * REST),
    ],
)
def test_the_rest_after_a_step(done: int, took: float, rest: float) -> None:
    assert rest_after(done, took) == pytest.approx(rest)
