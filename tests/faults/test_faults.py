"""The short form of every fault: nothing is lost, doubled or out of order, and what else was promised is kept.

How soon is a matter for `bin/faults`, on a machine that has nothing else to do.
"""

import pytest

from tools.faults.catalogue import FAULTS, Fault

# `redis-silent`: tests/live/test_two_processes.py pauses Redis, too. `nobody-speaks`: in a short time it proves that
# the sweep of the database makes up for a layer that says nothing, as `layer-loses` does.
LONG = {"redis-silent", "nobody-speaks"}
PARAMS = [
    pytest.param(fault, id=fault.name, marks=[pytest.mark.long] if fault.name in LONG else []) for fault in FAULTS
]


@pytest.mark.parametrize("fault", PARAMS)
async def test_no_message_is_lost(fault: Fault) -> None:
    verdict = await fault.inject(**fault.short)
    print(verdict)
    assert verdict.messages
    assert verdict.whole, str(verdict)
