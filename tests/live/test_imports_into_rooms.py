"""History imported into an open room, and removed again: what the room's sockets receive."""

import asyncio
import json
from pathlib import Path

from support.wire import Place

# More than one batch of the import, and more than a room keeps of the events it sent.
MESSAGES = 700


def export(folder: Path) -> Path:
    """A Slack export of one channel."""
    (folder / "tea").mkdir(parents=True)
    (folder / "users.json").write_text(json.dumps([{"id": "U1", "name": "ann"}]))
    (folder / "channels.json").write_text(json.dumps([{"id": "C1", "name": "tea", "members": ["U1"]}]))
    said = [
        {"type": "message", "user": "U1", "ts": f"1704110{number:03}.000100", "text": f"line {number}"}
        for number in range(MESSAGES)
    ]
    (folder / "tea" / "2024-01-01.json").write_text(json.dumps(said))
    return folder


async def test_each_message_is_sent_once_and_each_is_taken_away_once(place: Place, tmp_path: Path) -> None:
    room, server = place.private(), place.servers[0]
    (tmp_path / "rooms.csv").write_text(f"C1,{room}\n")
    async with place.enter("bob", room) as bob:
        await bob.ask("chat_message", message="before")
        asked = ("import", "slack", str(export(tmp_path / "export")), "--rooms", str(tmp_path / "rooms.csv"))
        said = await asyncio.to_thread(server.manage, *asked)
        heard = await bob.collect("message", 1 + MESSAGES)
        assert [event["seq"] for event in heard] == list(range(1, MESSAGES + 2))
        assert heard[1]["message"] == "line 0"
        await bob.ask("chat_message", message="after")
        await asyncio.to_thread(server.manage, "import", "--undo", said.rpartition("--undo ")[2].split()[0])
        gone = (await bob.collect("message", 2 + 2 * MESSAGES))[2 + MESSAGES :]
        assert [event["seq"] for event in gone] == list(range(2, MESSAGES + 2))
        assert all(event["deleted"] and event["message"] == "" for event in gone)
        assert {event["imported"] for event in heard[1:]} == {"slack"}
        assert "imported" not in heard[0]
        last = await bob.ask("chat_message", message="still here")
        assert last["seq"] == MESSAGES + 3
        page = await bob.ask("history", limit=1)
        assert [one["message"] for one in page["messages"]] == ["still here"]
        revs = [event["rev"] for event in bob.heard if event["type"] == "message"]
        assert revs == sorted(set(revs)), "nothing is repeated"


async def test_who_had_read_everything_is_sent_that_they_have_read_what_was_imported(
    place: Place, tmp_path: Path
) -> None:
    room, server = place.private(), place.servers[0]
    (tmp_path / "rooms.csv").write_text(f"C1,{room}\n")
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await bob.ask("chat_message", message="before")
        asked = ("import", "slack", str(export(tmp_path / "export")), "--rooms", str(tmp_path / "rooms.csv"))
        await asyncio.to_thread(server.manage, *asked)
        await bob.collect("message", 1 + MESSAGES)
        marks = [event["seq"] for event in bob.heard if event["type"] == "read"]
        while not marks or marks[-1] < 1 + MESSAGES:
            marks.append((await bob.next("read"))["seq"])
        # Carl had not read the message before the imported ones.
        await carl.collect("message", 1 + MESSAGES)
        await carl.rest()
        assert not [event for event in carl.heard if event["type"] == "read"]
