"""The server's own event models accept every event of the shared cases, and send it just so."""

import json
from typing import Any, get_args

from chat.protocol import events
from tests.conformance.cases import each_case

MODELS: dict[str, type[events.Event]] = {
    get_args(model.model_fields["type"].annotation)[0]: model
    for model in vars(events).values()
    if isinstance(model, type) and issubclass(model, events.Event) and "type" in model.model_fields
}


def known(told: Any, sent: Any) -> Any:
    """`told` without the fields that our models do not know: the cases hold some of a newer server."""
    if isinstance(told, dict) and isinstance(sent, dict) and "type" in told:
        return {name: known(value, sent[name]) for name, value in told.items() if name in sent}
    if isinstance(told, list) and isinstance(sent, list) and len(told) == len(sent):
        return [known(one, other) for one, other in zip(told, sent, strict=True)]
    return told


@each_case
def test_the_server_would_send_it_just_so(case: dict[str, Any]) -> None:
    for told in case["events"]:
        if model := MODELS.get(told["type"]):
            sent = json.loads(model.model_validate(told).encode())
            assert known(told, sent) == {name: value for name, value in sent.items() if name in told}
