"""The short form of every fault: nothing is lost, doubled or out of order, and what else was promised is kept.

How soon is a matter for `bin/faults`, on a machine that has nothing else to do.
"""

import pytest

from tools.faults.catalogue import FAULTS, Fault


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_no_message_is_lost(fault: Fault) -> None:
    verdict = await fault.inject(**fault.short)
    print(verdict)
    assert verdict.messages
    assert verdict.whole, str(verdict)
