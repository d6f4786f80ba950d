"""`python -m bench.imports.round_trip`: import a history, export it, import that elsewhere, and export it again.

The two archives are compared by the content of each room.
"""

import argparse
import hashlib
import json
import shutil
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.imports.commands import start
from bench.imports.slack_export import Size, write_export
from bench.progress import say
from bench.servers import environment, postgres
from support.processes import scratch
from support.servers import make_tables, migrated_sqlite

MB = 1024 * 1024
# The compared fields of a message: no ids, which each database assigns, and no facts about the import.
_MESSAGE = (
    "seq", "username", "timestamp", "message", "reply_to", "thread", "in_room", "reply_count", "reactions", "edited_at",
    "deleted", "kind",
)  # fmt: skip
_ROOM = ("kind", "title", "topic", "archived")
Contents = dict[str, tuple[int, str]]


def main() -> int:
    """Print what each step took, and whether the archives hold the same; 1 when they do not."""
    options = _arguments()
    folder = scratch("round-trip")
    first, second = folder / "first.zip", folder / "second.zip"
    source = options.export or folder / "slack.zip"
    if not source.exists():
        write_export(source, Size(options.messages, options.file_mb * MB))
        say(f"written: {options.messages:,} messages, {source.stat().st_size // MB:,} MB")
    _moved("slack", source, first, options.database)
    if not options.export:
        source.unlink()
    _moved("backchannel", first, second, options.database)
    found, again = contents(first), contents(second)
    count, files = sum(number for number, _ in found.values()), _files(first)
    same = found == again
    print(f"{options.database}: {count:,} messages in {len(found):,} rooms, {files:,} files: ", end="")
    print("identical" if same else "different: " + ", ".join(sorted(differing(found, again))[:10]))
    print(f"sha256 {_sum_of(found)} and {_sum_of(again)}", flush=True)
    return 0 if same else 1


def contents(archive: Path) -> Contents:
    """How many messages each room of an archive has, and a sum of what they and the room say. In the memory of one
    message a room, whatever the archive holds."""
    sums: dict[str, Any] = defaultdict(hashlib.sha256)
    counts: dict[str, int] = defaultdict(int)
    with zipfile.ZipFile(archive) as held:
        hashes = json.loads(held.read("manifest.json"))["sha256"]
        for row in _lines(held, "rooms.jsonl"):
            members = sorted((one["username"], one["role"]) for one in row["members"])
            _add(sums[row["room"]], [*(row[name] for name in _ROOM), members])
        for row in _lines(held, "messages.jsonl"):
            files = [(one["name"], one["size"], hashes.get(one["path"])) for one in row.get("files", ())]
            _add(sums[row["room"]], [*(row.get(name) for name in _MESSAGE), files])
            counts[row["room"]] += 1
        everyone = sorted((row["username"], row["display_name"]) for row in _lines(held, "people.jsonl"))
    _add(sums["people"], everyone)
    return {room: (counts[room], found.hexdigest()) for room, found in sums.items()}


def differing(one: Contents, other: Contents) -> set[str]:
    """The rooms of two archives that are not the same in both."""
    return {room for room in one.keys() | other.keys() if one.get(room) != other.get(room)}


def _lines(held: zipfile.ZipFile, name: str) -> Iterator[dict[str, Any]]:
    with held.open(name) as file:
        for line in file:
            yield json.loads(line)


def _add(digest: Any, facts: list[Any]) -> None:
    digest.update(json.dumps(facts, sort_keys=True).encode() + b"\n")


def _sum_of(found: Contents) -> str:
    return hashlib.sha256(json.dumps(sorted(found.items())).encode()).hexdigest()


def _files(archive: Path) -> int:
    with zipfile.ZipFile(archive) as held:
        return sum(1 for name in held.namelist() if name.startswith("files/"))


def _moved(format_name: str, source: Path, target: Path, database: str) -> None:
    """Import `source` into a new database and export that to `target`."""
    folder = scratch("round-trip-data")
    if database == "postgresql":
        make_tables(url := postgres().create_database())
    else:
        url = f"sqlite:///{shutil.copy(migrated_sqlite(), folder / 'database.sqlite3')}"
    env = environment(url) | {"DATA_DIR": str(folder)}
    _step(f"import {format_name}", ["import", format_name, str(source)], env)
    _step(f"export of {format_name}", ["export", "--all", "--to", str(target)], env)


def _step(name: str, command: list[str], env: Mapping[str, str]) -> None:
    used = start(command, env).used()
    say(f"{name}: {used.wall:.0f} s, {used.cpu:.0f} s of CPU, {used.memory:.0f} MB")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.imports.round_trip", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--file-mb", type=int, default=200, metavar="MB", help="of all files together")
    parser.add_argument("--export", type=Path, metavar="ZIP", help="import this, written first where it is missing")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
