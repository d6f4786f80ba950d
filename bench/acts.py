"""`python -m bench.acts`: the CPU of what everybody does all day beside posting, each act by the function that a server
calls for it: read marks, signs of typing, the counts of a room after a mark, a resume, a search.

On an empty database of its own with twenty rooms of people who talk. `--beside CHECKOUT` measures the same acts of
another checkout, in which bin/setup has been run, in turns. Prints, for each act, the median over the rounds of the
milliseconds of CPU of the calling thread.
"""

import argparse
import io
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    # Imports the modules of the other checkout when this file is run in it.
    sys.path.insert(0, str(Path.cwd()))

PEOPLE, ROOMS, TURNS = 60, 20, 60
# Calls of one round.
CALLS = 100
# Input lines: one asks for a round, the other ends the work.
GO, END = "go", "end"
Acts = dict[str, Callable[[], object]]


def main() -> int:
    """Measure this checkout, and another in turns with it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--database", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT", help="measure the acts of this one, too, in turns")
    parser.add_argument("--rounds", type=int, default=5, help="of each (default: 5)")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.database)
        return 0
    builds = {"this": ROOT} | ({"other": options.beside.resolve()} if options.beside else {})
    running = {name: _started(folder, options.database) for name, folder in builds.items()}
    rounds = [{name: _round(one) for name, one in running.items()} for _ in range(options.rounds)]
    for one in running.values():
        one.communicate(END)
    for act in rounds[0]["this"]:
        taken = {name: statistics.median(each[name][act] for each in rounds) for name in builds}
        ratio = (
            f"  {taken['this'] / taken['other']:.3f} times the other's {taken['other']:.3f}" if options.beside else ""
        )
        print(f"{act:32} {taken['this']:8.3f} ms{ratio}")
    return 0


def measure(database: str) -> None:
    """Print a line of JSON for each line of the input: the milliseconds of each act in one round."""
    from bench.own_database import own_database

    with own_database(database):
        done = acts()
        for act in done.values():
            act()
        for line in sys.stdin:
            if line.strip() != GO:
                break
            print(json.dumps({name: _timed(act) for name, act in done.items()}), flush=True)


def acts() -> Acts:
    """The acts of one person, in rooms that they fill first."""
    from django.core.management import call_command

    from bench.people import WORDS
    from chat.models import Membership, Participant, Room
    from chat.queries.history import resumed_after
    from chat.queries.rooms import room_entries
    from chat.queries.search import search
    from chat.services.posting import Draft, messages_post
    from chat.services.read_state import Mark, ReadMark, TypingMark, marks_save

    people = [Participant.objects.create(username=f"person{number}") for number in range(PEOPLE)]
    rooms = [Room.objects.create(slug=f"room-{number}", title="Room", kind="public") for number in range(ROOMS)]
    places = {(number, place) for number in range(PEOPLE) for place in (number % ROOMS, (number + 7) % ROOMS)}
    Membership.objects.bulk_create(Membership(user=people[number], room=rooms[place]) for number, place in places)
    chance = random.Random("acts")
    for turn in range(TURNS):
        talking = [(turn + number) % ROOMS for number in range(ROOMS)]
        said = (" ".join(chance.choices(WORDS, k=12)) for _ in talking)
        messages_post([Draft(people[one], rooms[one].slug, text) for one, text in zip(talking, said, strict=True)])
    call_command("search_index", stdout=io.StringIO())
    Membership.objects.update(read_seq=0)
    room, person = rooms[3], people[3]
    room.refresh_from_db()
    toggle = iter(range(10**9))

    def read_mark() -> object:
        back = Membership.objects.filter(user=person, room=room)
        seq = next(toggle) % room.last_seq + 1
        if seq == 1:
            back.update(read_seq=0)
        return marks_save([ReadMark(person.pk, room.pk, seq)])

    def typing(number: int) -> object:
        on = next(toggle) % 2 == 0
        marks: list[Mark] = [TypingMark(people[one].pk, rooms[one].pk, is_typing=on) for one in range(number)]
        return marks_save(marks)

    return {
        "a read mark": read_mark,
        "a sign of typing": lambda: typing(1),
        "eight signs of typing together": lambda: typing(8),
        "the counts of a room": lambda: room_entries(person, room_ids=[room.pk]),
        "a resume of ten messages": lambda: resumed_after(room, room.last_rev - 10),
        "a search for two words": lambda: search(user=person, query=" ".join(chance.sample(WORDS, 2))),
        "a message, to compare": lambda: messages_post([Draft(people[4], rooms[4].slug, "hello there")]),
    }


def _timed(act: Callable[[], object]) -> float:
    began = time.thread_time()
    for _ in range(CALLS):
        act()
    return (time.thread_time() - began) / CALLS * 1e3


def _started(folder: Path, database: str) -> subprocess.Popen[str]:
    command = [str(folder / ".venv/bin/python"), __file__, "--measure", "--database", database]
    return subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _round(one: subprocess.Popen[str]) -> dict[str, float]:
    assert one.stdin
    assert one.stdout
    one.stdin.write(f"{GO}\n")
    one.stdin.flush()
    line = one.stdout.readline()
    if not line:
        raise SystemExit("A measuring process has ended before its round; see above.")
    found: dict[str, float] = json.loads(line)
    return found


if __name__ == "__main__":
    sys.exit(main())
