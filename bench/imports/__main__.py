"""`python -m bench.imports`: write a Slack export, import it, and print the figures; with `--sockets` beside a server.

Seconds depend on what else the machine does, which its load says; CPU seconds hardly do.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from bench.client import Address
from bench.imports.commands import Used, start
from bench.imports.slack_export import Size, write_export
from bench.load import Crowd
from bench.machine import cpu_seconds_with_children
from bench.progress import say
from bench.servers import SERVE_COMMAND, World, environment, launch, populated, postgres
from support.processes import scratch

MB = 1024 * 1024
# Live messages per series, and per second.
PIECE, RATE = 200, 20.0


def main() -> int:
    """Measure what the arguments say."""
    options = _arguments()
    export = options.export or scratch("bench") / "export.zip"
    if not export.exists():
        write_export(export, Size(options.messages, options.file_mb * MB))
        say(f"written: {options.messages:,} messages, {export.stat().st_size // MB:,} MB")
    url, cookies = populated(options.database, World(people=max(options.sockets, 1)))
    env = environment(url)
    before = _cpu_of_postgres() if options.database == "postgresql" else 0.0
    command = ["import", "slack", str(export)]
    used = _beside(cookies, command, env) if options.sockets else start(command, env).used()
    other = _cpu_of_postgres() - before if options.database == "postgresql" else 0.0
    count, load = options.messages, os.getloadavg()[0]
    print(f"{options.database}: {count:,} messages in {used.wall:.0f} s, {count / used.wall:,.0f} a second")
    print(f"CPU: {used.cpu:.0f} s, {count / used.cpu:,.0f} messages a second of it; PostgreSQL took {other:.0f} s")
    print(f"memory: {used.memory:.0f} MB; load of the machine: {load:.1f}", flush=True)
    return 0


def _beside(cookies: list[str], command: list[str], env: Mapping[str, str]) -> Used:
    """Import while people talk in a room, and print how long their messages take before it and during it."""
    child, port = launch(SERVE_COMMAND, env)
    headers = [{"Cookie": f"sessionid={one}", "Origin": f"http://127.0.0.1:{port}"} for one in cookies]
    addresses = [Address(port, "/ws/chat/room-0/", one, welcome=b'"history"') for one in headers]
    try:
        with Crowd(addresses) as crowd:
            crowd.settle()
            _talk(crowd)
            quiet = [delay for _ in range(3) for delay in _talk(crowd)]
            running = start(command, env)
            busy: list[float] = []
            while not running.ended:
                busy += _talk(crowd)
    finally:
        child.kill()
    for name, delays in (("before", quiet), ("meanwhile", busy)):
        at = sorted(delays)
        middle, high = at[len(at) // 2] * 1000, at[len(at) * 99 // 100] * 1000
        print(f"{len(cookies)} live sockets {name}: p50 {middle:.1f} ms, p99 {high:.1f} ms", flush=True)
    return running.used()


def _talk(crowd: Crowd) -> list[float]:
    return crowd.speak_steadily(_frame, messages=PIECE, per_second=RATE)


def _frame(text: str, client_id: str) -> bytes:
    return json.dumps({"type": "chat_message", "message": text, "client_id": client_id}).encode()


def _cpu_of_postgres() -> float:
    return cpu_seconds_with_children(postgres().child.pid)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--file-mb", type=int, default=800, metavar="MB", help="of all files together")
    parser.add_argument("--export", type=Path, metavar="ZIP", help="import this, written first where it is missing")
    parser.add_argument("--sockets", type=int, default=0, help="this number of people talk meanwhile")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
