"""Every route, with a request generated from the schema, sent by a person without access to the object."""

from typing import Any

from asgiref.sync import sync_to_async

from chat.api.openapi import document
from chat.live.hub import current_hub
from chat.live.rate_limits import SharedBuckets
from chat.models import ApiToken, Membership, Report
from chat.services.reports import message_report
from support.samples import sample
from tests.api.conftest import Api

PLACES = {"{seq}": "1", "{emoji}": "👍", "{username}": "bob", "{file}": "A" * 22}
# Refused to a person who cannot see the room by a rule that needs no room.
ELSEWHERE = {"/api/v1/rooms/{room}/picture"}
# Values that the schema alone does not describe: the time on a clock.
BODIES = {"/api/v1/rooms/{room}/scheduled": {"message": "hi", "at": "2100-01-01T09:00", "zone": "UTC"}}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, arguments for `httpx`) of each operation."""
    whole = document()
    schemas = whole["components"]["schemas"]
    found = []
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            asked = [one for one in operation.get("parameters", ()) if one["in"] == "query" and one.get("required")]
            options: dict[str, Any] = {"params": {one["name"]: sample(one["schema"], schemas) for one in asked}}
            if "application/json" in content:
                options |= {"json": BODIES.get(path) or sample(content["application/json"]["schema"], schemas)}
            elif content:
                options |= {"files": {"file": ("a.png", b"x", "image/png")}}
            found.append((method.upper(), path, options))
    return found


async def test_no_route_of_a_room_says_that_a_hidden_one_is_there(api: Api) -> None:
    current_hub().send_limit = SharedBuckets(0, 0)
    asked = 0
    for method, path, options in operations():
        if "{room}" not in path or path in ELSEWHERE:
            continue
        for name, value in PLACES.items():
            path = path.replace(name, value)
        answers = [
            await api("charlie", method, path.removeprefix("/api/v1/").replace("{room}", room), **options)
            for room in ("garden", "nowhere")
        ]
        said = [(answer.status_code, answer.json() if answer.content else {}) for answer in answers]
        assert said[0] == said[1], (method, path)
        # Saved messages can be removed even when they can no longer be read: 204, whether one was saved or not.
        lets_go = method == "DELETE" and path.endswith("/saved")
        assert said[0][0] == (204 if lets_go else 404), (method, path, said)
        asked += 1
    assert asked >= 25, "the document lists the routes of rooms"


async def test_what_has_a_number_is_its_owners(api: Api) -> None:
    await api.say("bob", "hello")
    report = await sync_to_async(message_report)(user=api.stage.users["mute"], room="garden", seq=1, reason="Spam")
    token = await ApiToken.objects.filter(user=api.stage.users["alice"]).afirst()
    assert token
    device = {"endpoint": "https://push.example/1", "keys": {"p256dh": "x", "auth": "x"}}
    for who in ("charlie", "bob", "staff"):
        for method, path, options in (
            ("DELETE", f"tokens/{token.pk}", {}),
            ("PUT", f"reports/{report.pk}", {"json": {"outcome": "dismissed"}}),
            ("DELETE", "push/subscriptions/1", {}),
            ("POST", "push/subscriptions", {"json": device | {"user": 1}}),
        ):
            answer = await api(who, method, path, **options)
            assert answer.status_code in {403, 404, 422}, (who, method, path)
    assert await ApiToken.objects.filter(pk=token.pk, revoked_at=None).aexists()
    assert await Report.objects.filter(pk=report.pk, outcome="").aexists()
    assert not await Membership.objects.filter(user=api.stage.users["charlie"]).aexists()
