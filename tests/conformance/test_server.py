"""The server's own event models against the shared cases: it must be able to send every event in them."""

from typing import Any

import pytest
from pydantic import BaseModel

from chat.protocol import events
from tests.conformance.cases import CASES, each_case

MODELS: dict[str, type[BaseModel]] = {
    model.model_fields["type"].default: model
    for model in vars(events).values()
    if isinstance(model, type) and issubclass(model, BaseModel) and "type" in model.model_fields
}
# From a later version; readers must ignore it.
FROM_LATER = {"poll_opened"}


@each_case
def test_the_server_can_say_it(case: dict[str, Any]) -> None:
    for event in case["events"]:
        if event["type"] in FROM_LATER:
            continue
        said = MODELS[event["type"]].model_validate(event).model_dump(mode="json", exclude_unset=True)
        assert said == {name: value for name, value in event.items() if name != "colour"}


@pytest.mark.parametrize(
    "kind", ["message", "cleared", "room", "history", "resumed", "joined_room", "left_room", "rooms"]
)
def test_every_event_that_changes_a_room_has_a_case(kind: str) -> None:
    assert any(event["type"] == kind for case in CASES for event in case["events"])
