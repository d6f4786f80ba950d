"""How long the indexer rests: never delaying posts, and soon back when few messages are posted."""

import pytest

from chat.live.indexer import LOOK_SECONDS, MOST_REST_SECONDS, REST, rest_after
from chat.services.search_index import STEP


@pytest.mark.parametrize(
    ("done", "took", "rest"),
    [
        (0, 0.001, LOOK_SECONDS),
        # All posted messages are indexed: the next one is found within a second, however slow the machine is.
        (1, 0.5, LOOK_SECONDS),
        (1, 0.001, LOOK_SECONDS),
        (STEP - 1, 0.9, LOOK_SECONDS),
        # More messages wait than one step takes: posting has priority.
        (STEP, 0.02, 0.02 * REST),
        # The duration of a step that waited for a core does not show what indexing costs.
        (STEP, 0.5, MOST_REST_SECONDS),
    ],
)
def test_the_rest_after_a_step(done: int, took: float, rest: float) -> None:
    assert rest_after(done, took) == pytest.approx(rest)
