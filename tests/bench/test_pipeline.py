"""The compared ways of a round trip give the same results."""

import pytest
from django.db import connection

from bench import pipeline
from chat.models import Message, Room
from chat.services import posting_sql, sql_pipeline
from chat.services.posting import Draft, Posted, messages_post
from support import people

WAYS = {
    "joined": (sql_pipeline.select_together, sql_pipeline.run_together),
    "pipeline": (pipeline.select_in_pipeline, pipeline.run_in_pipeline),
    "separate": (pipeline.select_apart, pipeline.run_apart),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_batch_is_posted_in_each_way(db: None, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no round trips")
    alice, bob = people.alice(), people.bob()
    people.room("garden", owner=alice, members=[bob])
    select, run = WAYS[way]
    monkeypatch.setattr(posting_sql, "select_together", select)
    monkeypatch.setattr(posting_sql, "run_together", run)
    drafts = [Draft(alice, "garden", "one", client_id="1"), Draft(bob, "garden", "two", client_id="2")]
    # The second time their ids identify them as repeats.
    for _ in range(2):
        assert [outcome.seq for outcome in messages_post(drafts) if isinstance(outcome, Posted)] == [1, 2]
    posted = Message.objects.order_by("seq").values_list("author_id", "text")
    assert list(posted) == [(alice.pk, "one"), (bob.pk, "two")]
    assert Room.objects.get(slug="garden").last_seq == 2
