"""The short form of every fault: nothing is lost, doubled or out of order, and all other guarantees hold.

`bin/faults` measures how soon, on a machine that does nothing else.
"""

import pytest

from tools.faults.catalogue import FAULTS, Fault
from tools.faults.links import links_fail
from tools.faults.machines import cannot

# `redis-silent`: tests/live/test_two_processes.py also pauses Redis. `nobody-speaks`: a short run proves only that the
# sweep of the database makes up for a silent layer, as `layer-loses` does. `redis-fails-over`: like `redis-killed`,
# plus the time until the Sentinels find each other. `pgbouncer-killed`: like `postgres-away`. `rolling-upgrade`: like
# `rolling-restart`, and needs the repository's history. `floods`: floods only one server for a fifth of a second, as
# tests/live/test_greed.py and `writer-floods` also do.
LONG = {"floods", "redis-silent", "nobody-speaks", "redis-fails-over", "pgbouncer-killed", "rolling-upgrade"}
PARAMS = [
    pytest.param(fault, id=fault.name, marks=[pytest.mark.long] if fault.name in LONG else []) for fault in FAULTS
]


@pytest.mark.parametrize("fault", PARAMS)
async def test_no_message_is_lost(fault: Fault) -> None:
    if fault.inject is links_fail and (reason := cannot()):
        pytest.skip(reason)
    verdict = await fault.inject(**fault.short)
    print(verdict)
    assert verdict.messages
    assert verdict.whole, str(verdict)
