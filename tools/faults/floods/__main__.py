"""One attack by hand: `python -m tools.faults.floods --only bad-hosts --way serve/direct --seconds 5`."""

import argparse
import asyncio
import logging
import sys

from tools.faults.floods.catalogue import ATTACKS
from tools.faults.floods.harness import floods
from tools.faults.floods.ways import WAYS

if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("faults").setLevel(logging.INFO)
    ways = {f"{way.server}/{way.front}": way for way in WAYS}
    parser = argparse.ArgumentParser(prog="python -m tools.faults.floods")
    parser.add_argument("--only", choices=[attack.name for attack in ATTACKS], metavar="ATTACK")
    parser.add_argument("--way", choices=list(ways))
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--size", type=float, default=1.0)
    options = parser.parse_args()
    chosen = [ways[options.way]] if options.way else WAYS
    verdict = asyncio.run(
        floods(seconds=options.seconds, size=options.size, fresh=True, ways=chosen, only=options.only)
    )
    print("\n".join([*verdict.broken, *verdict.late]) or "Every promise was kept.")
