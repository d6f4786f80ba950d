"""Scheduled messages on the socket, posted by the process that holds the lease."""

from datetime import UTC, datetime, timedelta

from support.wire import Place


def tomorrow() -> str:
    return f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M}"


async def test_a_message_is_scheduled_changed_and_posted_when_it_is_due(place: Place) -> None:
    room = place.private()
    async with place.enter("carl", room) as here, place.enter("carl") as there, place.enter("bob", room) as bob:
        made = await here.ask("schedule", message="good mornin", at=tomorrow(), zone="UTC")
        assert (made["type"], made["room"], made["state"], made["fold"]) == ("scheduled", room, "waiting", 0)
        assert (await there.next("scheduled"))["id"] == made["id"]
        changed = await there.ask("schedule_change", id=made["id"], message="good morning")
        assert (changed["message"], changed["due"]) == ("good morning", made["due"])
        assert (await here.next("scheduled"))["message"] == "good morning"
        [listed] = (await here.ask("schedules"))["schedules"]
        assert listed["message"] == "good morning"
        assert (await here.ask("schedule", message="x", at="2020-01-01T09:00", zone="UTC"))["fields"].keys() == {"at"}
        assert (await bob.ask("schedule_cancel", id=made["id"]))["code"] == "not_found"
        async with place.enter("carl") as again:
            assert again.hello["scheduled"] is True
        # The process that holds the lease finds it within seconds.
        soon = f"{datetime.now(UTC) + timedelta(seconds=2):%Y-%m-%dT%H:%M:%S}"
        assert (await here.ask("schedule_change", id=made["id"], at=soon))["state"] == "waiting"
        said = await bob.next("message", kind="text")
        assert (said["message"], said["username"]) == ("good morning", "carl")
        sent = await there.next("scheduled", state="sent")
        assert (sent["id"], sent["seq"]) == (made["id"], said["seq"])
        assert (await here.ask("schedules"))["schedules"] == []


async def test_a_message_is_sent_now_or_cancelled(place: Place) -> None:
    room = place.private()
    async with place.enter("carl", room) as here, place.enter("carl") as there, place.enter("bob", room) as bob:
        first, second = [
            await here.ask("schedule", message=text, at=tomorrow(), zone="UTC") for text in ("now", "never")
        ]
        ack = await here.ask("schedule_send", id=first["id"])
        assert (await bob.next("message", kind="text"))["seq"] == ack["seq"]
        assert (await there.next("scheduled", state="sent"))["seq"] == ack["seq"]
        assert (await here.ask("schedule_send", id=first["id"]))["code"] == "not_found"
        assert (await here.ask("schedule_cancel", id=second["id"]))["type"] == "ack"
        assert (await there.next("scheduled", state="cancelled"))["id"] == second["id"]
        third = await here.ask("schedule", message="muted", at=tomorrow(), zone="UTC")
        await bob.command("mute", username="carl", minutes=5)
        assert (await here.ask("schedule_send", id=third["id"]))["code"] == "muted"
        assert (await there.next("scheduled", state="refused"))["problem"] == "You are muted in this room."
