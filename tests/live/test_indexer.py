"""How long the indexer rests: never in the way of posting, and soon there when little is posted."""

import pytest

from chat.live.indexer import LOOK_SECONDS, MOST_REST_SECONDS, REST, rest_after
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
        # A step that waited for a core says nothing about what indexing costs.
        (STEP, 0.5, MOST_REST_SECONDS),
    ],
)
def test_the_rest_after_a_step(done: int, took: float, rest: float) -> None:
    assert rest_after(done, took) == pytest.approx(rest)
