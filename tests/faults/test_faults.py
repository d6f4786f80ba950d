"""The short form of every fault: nothing is lost, doubled or out of order, and what else was promised is kept.

How soon is a matter for `bin/faults`, on a machine that has nothing else to do.
"""

import pytest

from tools.faults.catalogue import FAULTS, Fault
from tools.faults.links import links_fail
from tools.faults.machines import cannot

# `redis-silent`: tests/live/test_two_processes.py pauses Redis, too. `nobody-speaks`: in a short time it proves that
# the sweep of the database makes up for a layer that says nothing, as `layer-loses` does. `redis-fails-over`: as
# `redis-killed`, with a wait for the Sentinels to find each other. `pgbouncer-killed`: as `postgres-away`.
# `rolling-upgrade`: as `rolling-restart`, and takes the history of the repository. `floods`: of all floods one server,
# for a fifth of a second, which tests/live/test_greed.py and `writer-floods` flood, too.
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
