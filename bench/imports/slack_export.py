"""A Slack export of any size, with the shapes that real ones have, written as it is made."""

import json
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

PEOPLE, ROOMS = 500, 200
BEGAN = datetime(2019, 1, 7, tzinfo=UTC)
# Out of a hundred messages: replies, with reactions, edited, with formatting, with mentions.
REPLIES, REACTED, EDITED, FORMATTED, MENTIONING = 25, 8, 3, 60, 10
FILE_BYTES = 400_000
EMOJI = ("+1", "tada", "heart", "eyes", "white_check_mark", "joy")
WORDS = [
    "the", "of", "and", "to", "in", "is", "that", "for", "it", "was", "on", "are", "as", "with", "they", "at",
    "be", "this", "from", "have", "or", "by", "one", "had", "not", "but", "what", "all", "were", "when", "we",
    "there", "can", "an", "your", "which", "their", "if", "do", "will", "each", "how", "them", "then", "she",
    "many", "some", "so", "these", "would", "other", "into", "has", "more", "two", "like", "him", "time",
    "deploy", "server", "review", "meeting", "database", "customer", "release", "invoice", "budget", "design",
    "ticket",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """What to write. `file_bytes`: of all files together."""

    messages: int
    file_bytes: int = 0


def write_export(path: Path, size: Size, *, seed: int = 1) -> int:
    """Write the zip; returns the number of its files that messages have. The same seed gives the same export."""
    dice = random.Random(seed)
    files = size.file_bytes // FILE_BYTES
    every = max(size.messages // files, 1) if files else 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        people = [_person(number) for number in range(PEOPLE)]
        out.writestr("users.json", json.dumps(people))
        out.writestr("channels.json", json.dumps([_room(number) for number in range(ROOMS)]))
        attached: list[str] = []
        for name, day in _days(size.messages, people, dice, every, files, attached):
            out.writestr(name, json.dumps(day).replace("/", "\\/"))
        for number, name in enumerate(attached):
            out.writestr(zipfile.ZipInfo(name), number.to_bytes(8) + dice.randbytes(FILE_BYTES - 8))
    return len(attached)


def _days(
    messages: int, people: list[dict[str, Any]], dice: random.Random, every: int, files: int, attached: list[str]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The day files: a tenth of all messages in each of the first rooms, few in the last ones."""
    left, number = messages, 0
    for room in range(ROOMS):
        share = left if room == ROOMS - 1 else min(max(left // 10, 1), left)
        left -= share
        day_size = max(share // 1500, 20)
        threads: list[str] = []
        for day, first in enumerate(range(0, share, day_size)):
            found = []
            for one in range(first, min(first + day_size, share)):
                at = BEGAN + timedelta(
                    days=day, seconds=(one - first) * 86_000 / day_size, microseconds=100 + one % 900
                )
                found.append(_message(dice, people, f"{at.timestamp():.6f}", threads))
                number += 1
                if every and number % every == 0 and len(attached) < files:
                    found[-1]["files"] = [_file(f"F{number:09}", attached)]
            yield f"room-{room}/{BEGAN + timedelta(days=day):%Y-%m-%d}.json", found


def _message(dice: random.Random, people: list[dict[str, Any]], ts: str, threads: list[str]) -> dict[str, Any]:
    person = people[min(int(dice.expovariate(6 / PEOPLE)), PEOPLE - 1)]
    text = " ".join(dice.choices(WORDS, k=min(int(dice.expovariate(1 / 14)) + 1, 200)))
    elements: list[dict[str, Any]] = [{"type": "text", "text": text}]
    if dice.randrange(100) < MENTIONING:
        other = dice.choice(people)["id"]
        text, elements = f"<@{other}> {text}", [{"type": "user", "user_id": other}, *elements]
    profile = {name: person["profile"][name] for name in ("real_name", "display_name", "image_72", "avatar_hash")}
    made: dict[str, Any] = {
        "user": person["id"],
        "type": "message",
        "ts": ts,
        "client_msg_id": f"{dice.getrandbits(128):032x}",
        "text": text,
        "team": "T0001",
        "user_team": "T0001",
        "source_team": "T0001",
        "user_profile": profile | {"name": person["name"], "team": "T0001", "is_restricted": False},
    }
    if dice.randrange(100) < FORMATTED:
        section = {"type": "rich_text_section", "elements": elements}
        made["blocks"] = [{"type": "rich_text", "block_id": "Aa1", "elements": [section]}]
    if threads and dice.randrange(100) < REPLIES:
        made |= {"thread_ts": threads[dice.randrange(len(threads))], "parent_user_id": person["id"]}
    else:
        threads.append(ts)
        del threads[:-20]
    if dice.randrange(100) < REACTED:
        made["reactions"] = [
            {"name": name, "users": (users := [one["id"] for one in dice.sample(people, 3)]), "count": len(users)}
            for name in dice.sample(EMOJI, 2)
        ]
    if dice.randrange(100) < EDITED:
        made["edited"] = {"user": person["id"], "ts": ts}
    return made


def _person(number: int) -> dict[str, Any]:
    profile = {
        "real_name": f"Person Number {number}",
        "display_name": f"Person {number}",
        "email": f"person{number}@example.org",
        "image_72": f"https://avatars.example.org/T0001/{number}-72.png",
        "avatar_hash": f"{number:012x}",
    }
    return {"id": f"U{number:09}", "team_id": "T0001", "name": f"person{number}", "deleted": False, "profile": profile}


def _room(number: int) -> dict[str, Any]:
    return {
        "id": f"C{number:09}",
        "name": f"room-{number}",
        "created": int(BEGAN.timestamp()),
        "is_archived": False,
        "members": [f"U{one:09}" for one in range(number % 7, PEOPLE, 7)],
        "topic": {"value": f"About {number}", "creator": "U000000000", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def _file(source: str, attached: list[str]) -> dict[str, Any]:
    name = f"archive-{source}.bin"
    attached.append(f"__uploads/{source}/{name}")
    address = f"https://files.example.org/files-pri/T0001-{source}/download/{name}?t=xoxe-1"
    return {
        "id": source,
        "name": name,
        "title": name,
        "mimetype": "application/octet-stream",
        "filetype": "binary",
        "size": FILE_BYTES,
        "mode": "hosted",
        "url_private_download": address,
    }
