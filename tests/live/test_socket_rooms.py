"""Rooms on the socket: joining, leaving, roles and moderation."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from support.wire import Place, texts


async def test_rooms_are_joined_and_left_by_command(place: Place) -> None:
    room, held = place.public(), place.public()
    async with place.enter("dora", held) as dora, place.enter("carl", room) as carl:
        joined = await dora.ask("join_room", room=room)
        assert (joined["type"], joined["room"], joined["role"]) == ("joined_room", room, "member")
        assert (await carl.next("user_joined"))["username"] == "dora"
        await carl.ask("chat_message", message="welcome")
        assert (await dora.next("message", room=room, kind="text"))["message"] == "welcome"
        left = await dora.ask("leave_room", room=room)
        assert (left["type"], left["room"], left["reason"]) == ("left_room", room, "left")
        await carl.ask("chat_message", message="she is gone")
        assert [event for event in await dora.rest() if event["type"] != "presence"] == []
        assert (await dora.ask("leave_room", room=room))["code"] == "forbidden"
        assert (await dora.ask("join_room", room=place.private()))["code"] == "not_found"


async def test_a_private_room_looks_like_one_that_is_not_there(place: Place) -> None:
    room = place.private()
    commands: list[tuple[str, dict[str, Any]]] = [
        ("chat_message", {"message": "x"}),
        ("edit_message", {"seq": 1, "message": "x"}),
        ("delete_message", {"seq": 1}),
        ("react", {"seq": 1, "emoji": "👍", "on": True}),
        ("typing", {"is_typing": True}),
        ("read", {"seq": 1}),
        ("mark_unread", {"seq": 1}),
        ("history", {}),
        ("join_room", {}),
        ("leave_room", {}),
        *(("command", {"command": name}) for name in ("users", "clear")),
        *(("command", {"command": name, "username": "bob"}) for name in ("kick", "ban", "unban", "unmute")),
        ("command", {"command": "mute", "username": "bob", "minutes": 1}),
        ("command", {"command": "topic", "topic": "x"}),
        ("room_update", {"title": "x"}),
        ("role", {"username": "bob", "role": "member"}),
        ("bans", {}),
        ("audit", {}),
        ("report", {"seq": 1, "reason": "spam"}),
        ("reports", {}),
        ("report_close", {"id": 1, "outcome": "dismissed"}),
        ("draft", {"text": "x"}),
        ("schedule", {"message": "x", "at": "2100-01-01T09:00", "zone": "UTC"}),
    ]
    async with place.enter("bob", room) as bob, place.enter("dora") as dora, place.enter("ada") as ada:
        await bob.ask("chat_message", message="secret")
        for stranger in (dora, ada):  # Staff also see it only in the admin.
            for kind, fields in commands:
                hidden = await stranger.ask(kind, room=room, **fields)
                absent = await stranger.ask(kind, room="nowhere", **fields)
                assert hidden["code"] == "not_found", kind
                assert hidden | {"request_id": ""} == absent | {"request_id": ""}
        assert [event for event in await bob.rest() if event["type"] != "presence"] == [
            event for event in bob.heard if event["type"] == "message"
        ][:0]
    for name in ("dora", "ada"):
        async with place.dial(name, f"/ws/chat/{room}/") as stranger:
            assert await stranger.closed() == 4004


async def test_a_kicked_member_hears_not_one_more_event(place: Place) -> None:
    room = place.private()
    async with (
        place.enter("bob", room) as bob,
        place.enter("carl", room) as single,
        place.enter("carl") as everything,
    ):
        assert (await bob.command("kick", username="carl", reason="noise"))["type"] == "ack"
        for n in range(5):
            await bob.ask("chat_message", message=f"{n}")
        assert await single.closed() == 4003
        left = {"type": "left_room", "room": room, "reason": "kicked", "why": "noise"}
        assert single.heard[-1] == left
        assert await everything.next("left_room") == left
        assert [event for event in await everything.rest() if event.get("room") == room] == []
        assert texts(everything.heard) == texts(single.heard) == []
        assert (await everything.ask("chat_message", room=room, message="hey"))["code"] == "not_found"


async def test_a_banned_member_stays_outside_until_the_ban_is_lifted(place: Place) -> None:
    room = place.public()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        assert (await carl.command("ban", username="bob"))["code"] == "forbidden"
        assert (await bob.command("ban", username="carl", minutes=5, reason="spam"))["type"] == "ack"
        assert await carl.closed() == 4003
        assert carl.heard[-1]["reason"] == "banned"
        async with place.dial("carl", f"/ws/chat/{room}/") as again:
            assert await again.closed() == 4003
            assert again.heard[-1]["code"] == "banned"
        assert (await bob.command("unban", username="carl"))["type"] == "ack"
        async with place.enter("carl", room) as again:
            assert (await again.ask("chat_message", message="I am back"))["type"] == "ack"


async def test_the_muted_are_sent_the_time_left(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await bob.command("mute", username="carl", minutes=1)
        error = await carl.ask("chat_message", message="but", client_id="m1")
        assert (error["code"], error["client_id"]) == ("muted", "m1")
        assert 50 < error["retry_after"] <= 60
        assert (await carl.ask("typing", is_typing=True))["code"] == "muted"
        assert "typing" not in {event["type"] for event in await bob.rest()}
        await bob.command("unmute", username="carl")
        assert (await carl.ask("chat_message", message="thanks"))["type"] == "ack"


async def test_who_is_muted_hears_of_it_at_once_and_of_its_end(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl") as carl:
        await bob.command("mute", username="carl", minutes=1)
        entry = (await carl.next("rooms"))["rooms"][0]
        assert entry["room"] == room
        assert (
            datetime.now(UTC) < datetime.fromisoformat(entry["muted_until"]) <= datetime.now(UTC) + timedelta(minutes=1)
        )
        await bob.command("unmute", username="carl")
        entry = (await carl.next("rooms"))["rooms"][0]
        assert (entry["room"], entry.get("muted_until")) == (room, None)


async def test_a_topic_is_sent_with_the_rooms_facts(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl") as carl:
        assert (await carl.command("topic", room=room, topic="mine"))["code"] == "forbidden"
        await bob.command("topic", topic="roses")
        line = await carl.next("message", room=room)
        assert (line["kind"], line["message"]) == ("system", "bob changed the topic to roses")
        facts = await carl.next("room")
        assert (facts["room"], facts["topic"], facts["rev"]) == (room, "roses", 2)


async def test_staff_speak_to_everybody(place: Place) -> None:
    async with place.enter("ada") as ada, place.enter("dora", "lobby") as dora, place.enter("bob", batch=True) as bob:
        assert (await dora.ask("broadcast", message="tea"))["code"] == "forbidden"
        assert "message" in (await ada.ask("broadcast", message="x" * 10_001))["fields"]
        assert (await ada.ask("broadcast", message="tea is ready"))["type"] == "ack"
        for wire in (ada, dora, bob):
            told = next((one for one in wire.heard if one["type"] == "announcement"), None)
            told = told or await wire.next("announcement")
            assert (told["message"], told["username"]) == ("tea is ready", "ada")


async def test_sockets_end_with_what_they_were_opened_by(place: Place) -> None:
    made = json.loads(
        place.run(
            "import json; from accounts.models import *; from chat.services.tokens import token_issue; "
            "gus, hal = [User.objects.create(username=name).participant for name in ('gus', 'hal')]; "
            "print(json.dumps([token_issue(user=user, name='t')[1] for user in (gus, gus, hal)]))"
        ).splitlines()[-1]
    )
    revoked, kept, deactivated = made
    async with (
        place.enter(revoked, "lobby") as first,
        place.enter(kept) as second,
        place.enter(deactivated) as third,
    ):
        place.run(
            "from accounts.models import *; from accounts.services import *; from chat.models import *; "
            "from chat.services.tokens import token_revoke; "
            "token_revoke(token=ApiToken.objects.filter(user__username='gus').earliest('pk')); "
            "account_deactivate(user=User.objects.get(username='hal'))"
        )
        assert await first.closed() == 4010
        assert await third.closed() == 4010
        assert (await second.ask("ping"))["type"] == "pong"
    async with place.dial(revoked) as again:
        assert await again.closed() == 4001


async def test_a_token_that_has_run_out_ends_its_socket(place: Place) -> None:
    token = place.run(
        "from datetime import timedelta; from chat.models import *; from chat.services.tokens import *; "
        "print(token_issue(user=Participant.objects.get(username='eve'), name='short', lifetime=timedelta(hours=1))[1])"
    ).split()[-1]
    async with place.enter(token, "lobby") as eve:
        # test_people tests that expiry itself closes the socket.
        await asyncio.to_thread(
            place.run,
            "from django.utils import timezone; from chat.signals import *; from chat.models import *; "
            "ApiToken.objects.filter(name='short').update(expires_at=timezone.now()); "
            "mark_access_changed([Participant.objects.get(username='eve').pk])",
        )
        assert await eve.closed() == 4010


async def test_the_groups_that_a_message_can_mention_are_listed(place: Place) -> None:
    place.run(
        "from chat.models import *; made = PeopleGroup.objects.create(handle='day-shift', title='By day'); "
        "made.people.add(Participant.objects.get(username='carl'))"
    )
    async with place.enter("carl") as carl, place.enter("dora") as dora:
        for wire, mine in ((carl, True), (dora, False)):
            answer = await wire.ask("groups")
            [found] = [group for group in answer["groups"] if group["handle"] == "day-shift"]
            assert (answer["type"], found) == (
                "groups",
                {"handle": "day-shift", "title": "By day", "people": 1, "mine": mine},
            )


async def test_an_owner_changes_the_room_and_each_member_is_sent_its_facts(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl") as carl:
        answer = await bob.ask("room_update", title="Tea", posting="moderators", slow_seconds=5, keep_days=30)
        facts = await carl.next("room", room=room)
        assert (answer["type"], answer["rev"]) == ("ack", facts["rev"])
        assert (facts["title"], facts["posting"], facts["slow_seconds"], facts["keep_days"]) == (
            "Tea",
            "moderators",
            5,
            30,
        )
        refused = await carl.ask("chat_message", room=room, message="hello")
        assert refused["code"] == "forbidden"
        assert (await carl.ask("room_update", room=room, posting="everyone"))["code"] == "forbidden"
        resumed = await carl.ask("resume", epoch=carl.hello["epoch"], rooms={room: 0})
        assert resumed["messages"][-1] == facts
        # A client that connects now receives these facts.
        async with place.enter("carl") as again:
            [entry] = [entry for entry in again.first["rooms"] if entry["room"] == room]
            assert (entry["posting"], entry["slow_seconds"]) == ("moderators", 5)
        await bob.ask("room_update", posting="everyone", keep_days=None)
        assert (await carl.next("room", room=room))["keep_days"] is None
        assert (await carl.ask("chat_message", room=room, message="one"))["type"] == "ack"
        slow = await carl.ask("chat_message", room=room, message="two")
        assert slow["code"] == "rate_limited"
        assert 0 < slow["retry_after"] <= 5


async def test_an_owner_gives_roles_and_moderators_read_the_records(place: Place) -> None:
    room = place.public()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl, place.enter("dora", room):
        assert (await carl.ask("bans"))["code"] == (await carl.ask("audit"))["code"] == "forbidden"
        assert (await carl.ask("role", username="bob", role="member"))["code"] == "forbidden"
        assert (await bob.ask("role", username="bob", role="member"))["code"] == "forbidden"
        assert (await bob.ask("role", username="carl", role="moderator"))["type"] == "ack"
        await carl.command("ban", username="dora", reason="noise")
        [ban] = (await carl.ask("bans"))["bans"]
        assert (ban["username"], ban["by"], ban["reason"], ban["until"]) == ("dora", "carl", "noise", None)
        entries = (await carl.ask("audit"))["entries"]
        assert [(entry["by"], entry["action"], entry["username"]) for entry in entries] == [
            ("carl", "ban", "dora"),
            ("bob", "role", "carl"),
        ]
        assert (await carl.ask("audit", before=entries[0]["id"]))["entries"] == entries[1:]


async def test_a_status_reaches_the_other_sockets_and_those_who_share_a_room(place: Place) -> None:
    room = place.private()
    async with place.enter("carl", room) as here, place.enter("carl") as there, place.enter("bob", room) as bob:
        assert (await here.ask("status", emoji="🍽️", text="Lunch", presence="busy"))["type"] == "ack"
        told = await there.next("status")
        assert (told["emoji"], told["text"], told["until"], told["presence"]) == ("🍽️", "Lunch", None, "busy")
        assert (await bob.next("person", username="carl"))["status"] == {"emoji": "🍽️", "text": "Lunch", "until": None}
        # Names and presence are batched separately: the presence may arrive before the name.
        while not any(event["type"] == "presence" and event["users"].get("carl") == "busy" for event in bob.heard):
            await bob.receive()
        assert (await here.ask("status", until="2020-01-01T00:00:00Z"))["code"] == "invalid"
        async with place.enter("carl") as again:
            assert (again.hello["status"]["text"], again.hello["presence"]) == ("Lunch", "busy")
        await here.ask("status", emoji="", text="", presence="auto")
        assert (await there.next("status"))["presence"] == "auto"
        assert "status" not in await bob.next("person", username="carl")


async def test_a_block_reaches_the_other_sockets_and_not_the_blocked(place: Place) -> None:
    async with place.enter("eve") as here, place.enter("eve") as there, place.enter("fay") as fay:
        assert (await here.ask("block", username="fay", on=True))["type"] == "ack"
        assert (await there.next("blocks"))["people"] == ["fay"]
        refused = await fay.ask("private_message", to="eve", message="hello")
        assert (refused["code"], refused["message"]) == ("forbidden", "Not delivered.")
        assert [event for event in await fay.rest() if event["type"] == "blocks"] == []
        async with place.enter("eve") as again:
            assert again.hello["blocked"] == ["fay"]
        await here.ask("block", username="fay", on=False)
        assert (await fay.ask("private_message", to="eve", message="hello"))["type"] == "ack"


async def test_a_group_message_reaches_exactly_its_people(place: Place) -> None:
    async with place.enter("carl") as carl, place.enter("dora") as dora, place.enter("eve") as eve:
        ack = await carl.ask("group_message", to=["dora", "fay"], message="tea?", client_id="g1")
        said = await dora.next("message", room=ack["room"])
        assert (said["message"], said["seq"]) == ("tea?", 1)
        [entry] = [
            entry
            for event in dora.heard
            if event["type"] == "rooms"
            for entry in event["rooms"]
            if entry["room"] == ack["room"]
        ]
        assert (entry["kind"], entry["people"]) == ("group", ["carl", "fay"])
        again = await carl.ask("group_message", to=["fay", "dora"], message="tea?", client_id="g1")
        assert (again["room"], again["duplicate"]) == (ack["room"], True)
        answer = await dora.ask("chat_message", room=ack["room"], message="yes")
        assert answer["seq"] == 2
        assert (await eve.ask("history", room=ack["room"]))["code"] == "not_found"
        assert (await carl.ask("group_message", to=["dora"], message="x"))["fields"].keys() == {"to"}


async def test_a_report_is_handled_by_a_moderator(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await bob.ask("chat_message", message="rude")
        assert (await carl.ask("report", seq=1, reason="Harassment"))["type"] == "ack"
        assert (await bob.next("report"))["open"] == 1
        assert (await carl.ask("report", seq=1, reason="Harassment"))["code"] == "conflict"
        assert (await carl.ask("reports"))["code"] == "forbidden"
        [report] = (await bob.ask("reports"))["reports"]
        assert (report["by"], report["message"], report["reason"]) == ("carl", "rude", "Harassment")
        assert (await bob.ask("report_close", id=report["id"], outcome="dismissed"))["type"] == "ack"
        assert (await bob.ask("reports", closed=True))["reports"][0]["outcome"] == "dismissed"


async def test_a_token_does_what_its_scopes_allow(place: Place) -> None:
    room = place.public()
    made = place.run(
        "from chat.models import Participant; from chat.services.tokens import token_issue;"
        "bob = Participant.objects.get(username='bob');"
        "print(*(token_issue(user=bob, name=s, scopes=s.split())[1] for s in ('read', 'read write', 'write')))"
    )
    reads, writes, blind = made.splitlines()[-1].split()
    async with place.dial(blind) as nothing:
        assert (await nothing.next("error"))["code"] == "forbidden"
        assert await nothing.closed() == 4001
    async with place.enter(reads, room) as reader, place.enter(writes, room) as writer, place.dial(reads) as all_rooms:
        assert (await reader.ask("history"))["type"] == "history"
        assert (await reader.ask("search", query="hello"))["type"] == "search"
        assert (await reader.ask("chat_message", message="hello"))["code"] == "forbidden"
        assert (await writer.ask("chat_message", message="hello"))["type"] == "ack"
        for kind, fields in (("room_update", {"title": "x"}), ("audit", {}), ("command", {"command": "clear"})):
            assert (await writer.ask(kind, **fields))["code"] == "forbidden", kind
        await all_rooms.next("rooms")
        place.run("from chat.models import Room; Room.objects.create(slug='apart', kind='public')")
        assert (await all_rooms.ask("join_room", room="apart"))["code"] == "forbidden"
