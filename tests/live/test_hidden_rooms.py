"""Every command about a room, generated from its schema and sent by a person who cannot see the room."""

from chat.protocol import commands
from support.samples import sample
from support.wire import Place

# These reveal nothing about the room and get no answer.
SILENT = {"typing"}


async def test_no_command_says_that_a_hidden_room_is_there(place: Place) -> None:
    hidden = place.private()
    async with place.enter("carl", hidden) as carl:
        await carl.ask("chat_message", message="secret")
    asked = 0
    async with place.enter("dora") as dora:
        for command in commands.COMMANDS:
            if not issubclass(command, commands.RoomCommand):
                continue
            schema = command.model_json_schema()
            frame = {"room": None, **sample(schema, schema.get("$defs", {}))}
            kind = str(frame["type"])
            fields = {name: value for name, value in frame.items() if name not in ("type", "request_id", "room")}
            if kind in SILENT:
                continue
            said = [await dora.ask(kind, room=room, **fields) for room in (hidden, "nowhere")]
            assert said[0]["type"] == "error", (kind, said[0])
            assert said[0]["code"] == "not_found", (kind, said[0])
            facts = [{name: one[name] for name in ("code", "message") if name in one} for one in said]
            assert facts[0] == facts[1], kind
            asked += 1
        assert asked > 20
        heard = [event for event in dora.heard if event.get("room") == hidden and event["type"] != "error"]
        assert heard == []
