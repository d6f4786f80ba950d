"""The attacker: a process of its own, so that it takes no CPU time from those that measure its effect on others.

It reads a line of JSON for each attack, and answers with a line of what it counted.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from typing import Self

from support.servers import PYTHON, ROOT
from tools.faults.floods.target import Target

# Grace period for an attack when its time is up.
GRACE_SECONDS = 60.0


class Attacker:
    """`async with Attacker() as attacker: await attacker.run(name, target)`."""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            # A real attack comes from another machine: it must not take CPU time from the server.
            *("nice", "-n", "19", PYTHON, "-m", "tools.faults.floods.attacker"),
            cwd=ROOT,
            env={"PATH": os.defpath},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        await self._ask({})
        return self

    async def __aexit__(self, *_: object) -> None:
        self._process.kill()
        await self._process.wait()

    async def run(self, name: str, target: Target) -> Counter[str]:
        """Carry out one attack; returns what it counted."""
        async with asyncio.timeout(target.seconds + GRACE_SECONDS):
            return Counter(await self._ask({"attack": name, "target": target.facts}))

    async def _ask(self, wish: dict[str, object]) -> dict[str, int]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(wish).encode() + b"\n")
        answer = await self._process.stdout.readline()
        counted: dict[str, int] = json.loads(answer)
        return counted


def _main() -> None:
    # Only here: the catalogue is what the harness imports this module beside.
    from tools.faults.floods.catalogue import ATTACKS

    attacks = {attack.name: attack for attack in ATTACKS}
    for line in sys.stdin:
        wish = json.loads(line)
        counted: Counter[str] = Counter()
        if wish:
            target = Target(**wish["target"])
            asyncio.run(attacks[wish["attack"]].run(target))
            counted = target.count
        print(json.dumps(counted), flush=True)


if __name__ == "__main__":
    _main()
