"""Every command of the protocol, as fast as a socket takes it. New commands are included automatically."""

import asyncio
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from chat.protocol import commands
from tools.faults.floods.attacks.rooms import CLEARED
from tools.faults.floods.target import ENDED, Target

# Messages are scheduled within a year.
SOON = datetime.now(UTC).date() + timedelta(days=30)
# Meaningful values here, by field; other fields get the smallest value of their type.
FIELDS: dict[str, Any] = {
    "room": "lobby",
    "message": "flood",
    "emoji": "👍",
    "on": True,
    "is_typing": True,
    "epoch": "x",
    "rooms": {f"room-{number}": 1 for number in range(200)} | {"lobby": 1},
    "username": "finn",
    "to": "finn",
    "limit": 100,
    "until": "2100-01-01T00:00:00Z",
    "tz": "UTC",
    # Values that do not keep others from writing, which is not what is measured.
    "archived": False,
    "slow_seconds": 0,
    "outcome": "dismissed",
}
OF_COMMAND: dict[str, dict[str, Any]] = {
    "group_message": {"to": ["finn", "gita"]},
    "clear": {"room": CLEARED},
    "draft": {"at": "2026-11-28T09:00:00Z"},
    "history": {"at": "2026-11-28T09:00:00Z"},
    "save": {"remind_at": f"{SOON}T09:00:00Z"},
    "schedule": {"at": f"{SOON}T09:00", "zone": "UTC"},
    "schedule_change": {"at": f"{SOON}T09:00", "zone": "UTC"},
}
LEFT_OUT = ("request_id", "before", "after", "around")
BY_TYPE: dict[str, Any] = {"string": "x", "integer": 1, "number": 1, "boolean": True, "object": {}, "array": []}
# Sockets at a time, each with one command for its share of the time, and at most for SLICE_SECONDS.
SOCKETS, SLICE_SECONDS = 3, 0.5


def every_command(seq: int) -> list[dict[str, Any]]:
    """One frame of each command that `chat.protocol.commands` knows, about this message and its thread; two frames of
    a command that is for a room as well as for a thread."""
    return [frame for model in commands.COMMANDS for frame in _frames(model, FIELDS | {"seq": seq, "thread": seq})]


def _frames(model: type[BaseModel], known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    schema = model.model_json_schema()
    fields = schema["properties"]
    kinds = fields["type"].get("enum") or [fields["type"]["const"]]
    rest = {
        name: known[name] if name in known else _smallest(field)
        for name, field in fields.items()
        if name not in (*LEFT_OUT, "type", "reply_to", "client_id")
    }
    for kind in kinds:
        # `type` names the command; commands that share a `type` differ by `command`.
        frame = {"type": kind} | rest
        yield (whole := frame | OF_COMMAND.get(frame.get("command", kind), {}))
        if "thread" in whole and "thread" not in schema["required"]:
            yield {name: value for name, value in whole.items() if name != "thread"}


def _smallest(field: dict[str, Any]) -> Any:
    options = [field, *field.get("anyOf", [])]
    for option in options:
        if "const" in option or "enum" in option:
            return option["const"] if "const" in option else option["enum"][0]
    return next((BY_TYPE[option["type"]] for option in options if "type" in option), "x")


async def commands_at_once(target: Target) -> None:
    """Members and staff send one command after the other, each as often as the socket takes it."""
    people = itertools.cycle(("hugo", "gita", "ada"))
    every = every_command(target.seq)
    turns = itertools.cycle(every)
    seconds = min(SLICE_SECONDS, target.seconds * SOCKETS / len(every))

    async def flood() -> None:
        command = next(turns)
        if command["type"] in ("command", "broadcast") and command.get("command") not in ("users", "clear"):
            # Privileged commands are also sent by people who may execute them.
            name = next(people)
        else:
            name = "hugo"
        async with target.socket(name) as socket:
            target.count["commands"] += 1
            reading = asyncio.create_task(target.hear(socket))
            try:
                async with asyncio.timeout(seconds):
                    await _push(socket, target, command)
            except TimeoutError:
                pass
            finally:
                reading.cancel()

    await target.beside(SOCKETS, flood)
    # On a busy machine the time is up before each command had its turn.
    while target.count["commands"] < len(every):
        try:
            await flood()
        except ENDED as error:
            target.ended(error)


async def small_frames(target: Target) -> None:
    """Typing, reading, reacting and asking by turns, on many sockets of one person."""
    kinds = ("typing", "read", "mark_unread", "react", "history", "resume", "join_room", "ping")
    chosen = [command for command in every_command(target.seq) if command["type"] in kinds]

    async def flood() -> None:
        async with target.socket("hugo", target.room) as socket:
            reading = asyncio.create_task(target.hear(socket))
            try:
                await _push(socket, target, *chosen)
            finally:
                reading.cancel()

    await target.beside(8, flood)


async def unread_answers(target: Target) -> None:
    """Pages of history and lists of people are asked for, and nothing is read."""
    asks = [command for command in every_command(target.seq) if command["type"] in ("history", "resume")]

    async def flood() -> None:
        # The library stops reading the connection when one frame waits.
        async with target.socket("hugo", target.room, max_queue=1) as socket:
            await _push(socket, target, *asks)

    await target.beside(8, flood)


async def _push(socket: Any, target: Target, *items: dict[str, Any]) -> None:
    """Send these commands again and again."""
    frames = [json.dumps(item) for item in items]
    for number in itertools.count():
        await socket.send(frames[number % len(frames)])
        target.count["frames"] += 1
        if number % 20 == 0:
            await asyncio.sleep(0)
