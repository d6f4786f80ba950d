"""Every endpoint, called from every position: one row each, with the same rules as on the socket."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat.live.hub import current_hub
from chat.live.rate_limits import SharedBuckets
from chat.services.tokens import token_issue
from tests.api.conftest import Api

# The key of a file that does not exist.
NO_FILE = "A" * 22
NUMBERS = ("{seq}", "{token}", "{report}", "{subscription}", "{schedule}", "{export}", "{import_id}")
TOMORROW = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M}"
NOT_A_DEVICE = {"endpoint": "https://localhost/push", "keys": {"p256dh": "A", "auth": "A"}}

PEOPLE = (None, "gone", "charlie", "banned", "mute", "bob", "mona", "alice", "staff")

# The callers go in this order, and what an earlier one changed stays changed.
#  method, path, body                                   stranger gone charlie banned mute bob mona alice staff
ROWS: list[tuple[str, str, Any, str, str]] = [
    ("GET", "rooms/{}", None, "401 401 404 404 200 200 200 200 404", "401 401 200 403 200 200 200 200 200"),
    ("GET", "rooms/{}/members", None, "401 401 404 404 200 200 200 200 404", "401 401 200 403 200 200 200 200 200"),
    ("GET", "rooms/{}/messages", None, "401 401 404 404 200 200 200 200 404", "401 401 200 403 200 200 200 200 200"),
    (
        *("GET", "rooms/{}/changes?after_rev=0", None),
        *("401 401 404 404 200 200 200 200 404", "401 401 200 403 200 200 200 200 200"),
    ),
    (
        *("POST", "rooms/{}/messages", {"message": "hello"}),
        *("401 401 404 404 403 201 201 201 404", "401 401 403 403 403 201 201 201 403"),
    ),
    ("GET", "rooms/{}/threads", None, "401 401 404 404 200 200 200 200 404", "401 401 200 403 200 200 200 200 200"),
    (
        *("GET", "rooms/{}/threads/1/messages", None),
        *("401 401 404 404 200 200 200 200 404", "401 401 200 403 200 200 200 200 200"),
    ),
    (
        *("PUT", "rooms/{}/threads/1/follow", None),
        *("401 401 404 404 204 204 204 204 404", "401 401 403 403 204 204 204 204 403"),
    ),
    (
        *("POST", "rooms/{}/threads/1/read", {"seq": 1}),
        *("401 401 404 404 204 204 204 204 404", "401 401 403 403 204 204 204 204 403"),
    ),
    (
        *("DELETE", "rooms/{}/threads/1/follow", None),
        *("401 401 404 404 204 204 204 204 404", "401 401 403 403 204 204 204 204 403"),
    ),
    (
        *("PATCH", "rooms/{}/messages/1", {"message": "hello again"}),
        *("401 401 404 404 403 200 403 403 404", "401 401 403 403 403 200 403 403 403"),
    ),
    (
        *("PUT", "rooms/{}/messages/1/reactions/👍", None),
        *("401 401 404 404 403 200 200 200 404", "401 401 403 403 403 200 200 200 403"),
    ),
    (
        *("DELETE", "rooms/{}/messages/1/reactions/👍", None),
        *("401 401 404 404 403 200 200 200 404", "401 401 403 403 403 200 200 200 403"),
    ),
    (
        *("DELETE", "rooms/{}/messages/1/previews", None),
        *("401 401 404 404 403 200 200 200 404", "401 401 403 403 403 200 200 200 403"),
    ),
    (
        *("PUT", "rooms/{}/messages/1/pin", None),
        *("401 401 404 404 403 403 200 200 404", "401 401 403 403 403 403 200 200 403"),
    ),
    (
        *("DELETE", "rooms/{}/messages/1/pin", None),
        *("401 401 404 404 403 403 200 200 404", "401 401 403 403 403 403 200 200 403"),
    ),
    (
        # The message is not pinned.
        *("PATCH", "rooms/{}/messages/1/pin", {"below": None}),
        *("401 401 404 404 403 403 404 404 404", "401 401 403 403 403 403 404 404 403"),
    ),
    (
        *("PUT", "rooms/{}/messages/1/saved", {}),
        *("401 401 404 404 200 200 200 200 404", "401 401 200 403 200 200 200 200 200"),
    ),
    (
        # One's own saved messages, even in a room that one can no longer read.
        *("DELETE", "rooms/{}/messages/1/saved", None),
        *("401 401 204 204 204 204 204 204 204", "401 401 204 204 204 204 204 204 204"),
    ),
    (
        *("POST", "rooms/{}/messages/1/forward", {"to_room": "garden"}),
        *("401 401 404 404 403 201 201 201 404", "401 401 404 404 403 201 201 201 404"),
    ),
    (
        *("GET", "rooms/{}/messages/1/versions", None),
        *("401 401 404 404 403 200 200 200 404", "401 401 403 403 403 200 200 200 403"),
    ),
    ("GET", "rooms/{}/pins", None, "401 401 404 404 200 200 200 200 404", "401 401 200 403 200 200 200 200 200"),
    (
        *("DELETE", "rooms/{}/messages/1", None),
        *("401 401 404 404 403 200 200 200 404", "401 401 403 403 403 200 200 200 403"),
    ),
    (
        *("PATCH", "rooms/{}", {"topic": "roses"}),
        *("401 401 404 404 403 403 200 200 404", "401 401 403 403 403 403 200 200 200"),
    ),
    (
        *("PATCH", "rooms/{}", {"title": "Roses"}),
        *("401 401 404 404 403 403 403 200 404", "401 401 403 403 403 403 403 200 200"),
    ),
    ("DELETE", "rooms/{}", None, "401 401 404 404 403 403 403 200 404", "401 401 403 403 403 403 403 200 200"),
    (
        *("PUT", "rooms/{}/picture", {"file": NO_FILE}),
        *("401 401 404 404 403 403 403 404 404", "401 401 403 403 403 403 403 404 404"),
    ),
    (
        *("DELETE", "rooms/{}/picture", None),
        *("401 401 404 404 403 403 403 200 404", "401 401 403 403 403 403 403 200 200"),
    ),
    ("POST", "rooms/{}/join", None, "401 401 404 404 200 200 200 200 404", "401 401 200 403 200 200 200 200 200"),
    ("POST", "rooms/{}/leave", None, "401 401 404 404 204 204 204 403 404", "401 401 403 403 204 204 204 403 403"),
    (
        *("POST", "rooms/{}/read", {"seq": 1}),
        *("401 401 404 404 204 204 204 204 404", "401 401 204 403 204 204 204 204 204"),
    ),
    (
        *("PATCH", "rooms/{}/me", {"notify": "mentions"}),
        *("401 401 404 404 200 200 200 200 404", "401 401 403 403 200 200 200 200 403"),
    ),
    (
        *("POST", "rooms/{}/scheduled", {"message": "hi", "at": TOMORROW, "zone": "UTC"}),
        *("401 401 404 404 201 201 201 201 404", "401 401 403 403 201 201 201 201 403"),
    ),
    (
        *("PUT", "rooms/{}/draft", {"text": "tea at"}),
        *("401 401 404 404 200 200 200 200 404", "401 401 403 403 200 200 200 200 403"),
    ),
    (
        *("PUT", "rooms/{}/members/charlie", {}),
        # A member may add a person; later callers find that person in the room.
        *("401 401 404 404 403 201 200 200 404", "401 401 403 403 403 201 200 200 200"),
    ),
    (
        *("PUT", "rooms/{}/members/mute", {"role": "moderator"}),
        *("401 401 404 404 403 403 403 200 404", "401 401 403 403 403 403 403 200 200"),
    ),
    (
        *("DELETE", "rooms/{}/members/bob", None),
        *("401 401 404 404 403 403 204 404 404", "401 401 403 403 403 403 204 404 404"),
    ),
    (
        *("PUT", "rooms/{}/bans/bob", {"minutes": 5}),
        *("401 401 404 404 403 403 204 204 404", "401 401 403 403 403 403 204 204 204"),
    ),
    (
        *("GET", "rooms/{}/bans", None),
        *("401 401 404 404 403 403 200 200 404", "401 401 403 403 403 403 200 200 200"),
    ),
    (
        *("POST", "rooms/{}/messages/1/reports", {"reason": "spam"}),
        *("401 401 404 404 201 403 201 201 404", "401 401 403 403 201 403 201 201 403"),
    ),
    (
        *("GET", "rooms/{}/reports", None),
        *("401 401 404 404 403 403 200 200 404", "401 401 403 403 403 403 200 200 200"),
    ),
    (
        *("GET", "rooms/{}/audit", None),
        *("401 401 404 404 403 403 200 200 404", "401 401 403 403 403 403 200 200 200"),
    ),
    (
        *("DELETE", "rooms/{}/bans/banned", None),
        *("401 401 404 404 403 403 204 404 404", "401 401 403 403 403 403 204 404 404"),
    ),
    (
        *("PUT", "rooms/{}/mutes/bob", {"minutes": 5}),
        *("401 401 404 404 403 403 204 204 404", "401 401 403 403 403 403 204 204 204"),
    ),
    (
        *("DELETE", "rooms/{}/mutes/mute", None),
        *("401 401 404 404 403 403 204 204 404", "401 401 403 403 403 403 204 204 204"),
    ),
]
ANYWHERE: list[tuple[str, str, Any, str]] = [
    ("GET", "me", None, "401 401 200 200 200 200 200 200 200"),
    ("POST", "ticket", None, "401 401 200 200 200 200 200 200 200"),
    ("GET", "rooms", None, "401 401 200 200 200 200 200 200 200"),
    ("GET", "rooms?scope=public", None, "401 401 200 200 200 200 200 200 200"),
    ("GET", "search?q=hello", None, "401 401 200 200 200 200 200 200 200"),
    ("GET", "saved", None, "401 401 200 200 200 200 200 200 200"),
    ("GET", "people?q=a", None, "401 401 200 200 200 200 200 200 200"),
    ("POST", "rooms", {"room": "attic"}, "401 401 201 409 409 409 409 409 409"),
    ("POST", "direct/bob/forward", {"room": "nowhere", "seq": 1}, "401 401 404 404 404 404 404 404 404"),
    ("POST", "direct/bob/messages", {"message": "psst"}, "401 401 201 201 201 201 201 201 201"),
    ("GET", "people/bob", None, "401 401 200 200 200 200 200 200 200"),
    ("PUT", "me/status", {"text": "tea"}, "401 401 200 200 200 200 200 200 200"),
    ("PATCH", "me/profile", {"title": "gardener"}, "401 401 200 200 200 200 200 200 200"),
    ("PUT", "me/picture", {"file": NO_FILE}, "401 401 404 404 404 404 404 404 404"),
    ("DELETE", "me/picture", None, "401 401 200 200 200 200 200 200 200"),
    ("GET", "scheduled", None, "401 401 200 200 200 200 200 200 200"),
    ("PATCH", "scheduled/1", {"message": "hi"}, "401 401 404 404 404 404 404 404 404"),
    ("DELETE", "scheduled/1", None, "401 401 404 404 404 404 404 404 404"),
    ("POST", "scheduled/1/send", None, "401 401 404 404 404 404 404 404 404"),
    ("GET", "inbox", None, "401 401 200 200 200 200 200 200 200"),
    ("POST", "read", None, "401 401 204 204 204 204 204 204 204"),
    ("GET", "drafts", None, "401 401 200 200 200 200 200 200 200"),
    ("GET", "blocks", None, "401 401 200 200 200 200 200 200 200"),
    ("PUT", "blocks/gone", None, "401 401 200 200 200 200 200 200 200"),
    ("DELETE", "blocks/gone", None, "401 401 200 200 200 200 200 200 200"),
    ("GET", "groups", None, "401 401 200 200 200 200 200 200 200"),
    ("PUT", "groups/night-shift", {"title": "Night"}, "401 401 403 403 403 403 403 403 201"),
    ("PUT", "groups/night-shift/people/bob", None, "401 401 403 403 403 403 403 403 404"),
    ("DELETE", "groups/night-shift/people/bob", None, "401 401 403 403 403 403 403 403 404"),
    ("DELETE", "groups/night-shift", None, "401 401 403 403 403 403 403 403 404"),
    ("GET", "tokens", None, "401 401 200 200 200 200 200 200 200"),
    ("POST", "tokens", {"name": "bot", "scopes": ["read"]}, "401 401 201 201 201 201 201 201 201"),
    ("DELETE", "tokens/1", None, "401 401 404 404 404 404 404 404 404"),
    ("GET", "push/key", None, "401 401 200 200 200 200 200 200 200"),
    ("GET", "push/subscriptions", None, "401 401 200 200 200 200 200 200 200"),
    # The endpoint is inside the server's own network.
    ("POST", "push/subscriptions", NOT_A_DEVICE, "401 401 422 422 422 422 422 422 422"),
    ("DELETE", "push/subscriptions/1", None, "401 401 404 404 404 404 404 404 404"),
    # Bob names himself, so only one other person is left.
    ("POST", "group/messages", {"to": ["ghost", "bob"], "message": "psst"}, "401 401 404 404 404 422 404 404 404"),
    ("POST", "files?name=note.txt", {"a": 1}, "401 401 201 201 201 201 201 201 201"),
    ("GET", "files/" + NO_FILE, None, "401 401 404 404 404 404 404 404 404"),
    (
        *("PATCH", "files/" + NO_FILE, {"name": "cat.png"}),
        "401 401 404 404 404 404 404 404 404",
    ),
    ("DELETE", "files/" + NO_FILE, None, "401 401 404 404 404 404 404 404 404"),
    ("GET", "emoji", None, "401 401 200 200 200 200 200 200 200"),
    ("POST", "emoji", {"name": "shipit", "file": NO_FILE}, "401 401 404 404 404 404 404 404 404"),
    ("PATCH", "emoji/shipit", {"name": "shippy"}, "401 401 404 404 404 404 404 404 404"),
    ("DELETE", "emoji/shipit", None, "401 401 404 404 404 404 404 404 404"),
    ("GET", "exports", None, "401 401 200 200 200 200 200 200 200"),
    ("POST", "exports", {"scope": "person"}, "401 401 201 201 201 201 201 201 201"),
    ("POST", "exports", {"scope": "all"}, "401 401 403 403 403 403 403 403 403"),
    ("POST", "exports/1/proof", {"password": "x"}, "401 401 404 404 404 404 404 404 404"),
    ("GET", "exports/1/download", None, "401 401 404 404 404 404 404 404 404"),
    ("GET", "imports", None, "401 401 403 403 403 403 403 403 403"),
    ("POST", "imports", {"format": "slack", "path": "x"}, "401 401 403 403 403 403 403 403 403"),
    ("GET", "imports/1", None, "401 401 403 403 403 403 403 403 403"),
    ("GET", "imported-people", None, "401 401 403 403 403 403 403 403 403"),
    ("PUT", "imported-people/bob", {"account": "alice"}, "401 401 403 403 403 403 403 403 403"),
    ("DELETE", "imported-people/bob", None, "401 401 403 403 403 403 403 403 403"),
    ("GET", "imports/1/problems", None, "401 401 403 403 403 403 403 403 403"),
    ("POST", "imports/1/start", {}, "401 401 403 403 403 403 403 403 403"),
    ("GET", "reports", None, "401 401 403 403 403 403 403 403 200"),
    ("PUT", "reports/1", {"outcome": "dismissed"}, "401 401 404 404 404 404 404 404 404"),
    ("POST", "direct/gone/messages", {"message": "psst"}, "401 401 404 404 404 404 404 404 404"),
]


async def answers(api: Api, method: str, path: str, body: Any) -> str:
    found = []
    for who in PEOPLE:
        response = await api(who, method, path, **({} if body is None else {"json": body}))
        found.append(str(response.status_code))
        if response.is_error:
            assert {"code", "message"} <= response.json().keys() <= {"code", "message", "fields", "retry_after"}
    return " ".join(found)


def only_looks(row: Any) -> bool:
    """Whether the row changes nothing: it only reads, or refuses every caller."""
    method, _, _, *expected = row
    return method == "GET" or not any(code.startswith("2") for codes in expected for code in codes.split())


@pytest.mark.parametrize(
    ("method", "path", "body", "private", "public"),
    [row for row in ROWS if not only_looks(row)],
    ids=lambda value: str(value)[:40],
)
async def test_each_gets_the_answer_of_their_position(
    api: Api, method: str, path: str, body: Any, private: str, public: str
) -> None:
    for slug, expected in (("garden", private), ("square", public)):
        await api.say("bob", "hello", room=slug)
        assert await answers(api, method, path.format(slug), body) == expected, slug


async def test_each_sees_of_a_room_what_their_position_shows(api: Api) -> None:
    # All rows at once exceed the send limit of one person.
    current_hub().send_limit = SharedBuckets(0, 0)
    for slug in ("garden", "square"):
        await api.say("bob", "hello", room=slug)
    found, wanted = {}, {}
    for method, path, body, private, public in filter(only_looks, ROWS):
        for slug, expected in (("garden", private), ("square", public)):
            wanted[method, path, slug] = expected
            found[method, path, slug] = await answers(api, method, path.format(slug), body)
    assert found == wanted


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [row for row in ANYWHERE if not only_looks(row)],
    ids=lambda value: str(value)[:40],
)
async def test_endpoints_outside_rooms_are_open_to_everyone_signed_in(
    api: Api, method: str, path: str, body: Any, expected: str
) -> None:
    assert await answers(api, method, path, body) == expected


async def test_what_is_read_or_missing_outside_rooms_is_so_for_everyone_signed_in(api: Api) -> None:
    current_hub().send_limit = SharedBuckets(0, 0)
    rows = [row for row in ANYWHERE if only_looks(row)]
    found = {(method, path, str(body)): await answers(api, method, path, body) for method, path, body, _ in rows}
    assert found == {(method, path, str(body)): expected for method, path, body, expected in rows}


async def test_a_hidden_room_and_an_absent_one_answer_alike(api: Api) -> None:
    # Two requests per row at once exceed the send limit of one person.
    current_hub().send_limit = SharedBuckets(0, 0)
    for method, path, body, _, _ in ROWS:
        options = {} if body is None else {"json": body}
        hidden = await api("charlie", method, path.format("garden"), **options)
        absent = await api("charlie", method, path.format("nowhere"), **options)
        assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)


async def test_every_endpoint_has_a_row() -> None:
    from chat.api.openapi import document

    asked = {(method, f"/api/v1/{path.partition('?')[0]}") for method, path, *_ in [*ROWS, *ANYWHERE]}
    places = {
        "{room}": "{}",
        "{emoji}": "👍",
        "{file}": NO_FILE,
        "{handle}": "night-shift",
        "{name}": "shipit",
        "{step}": "start",
    }
    places |= dict.fromkeys(NUMBERS, "1")
    for path, operations in document()["paths"].items():
        for name, value in places.items():
            path = path.replace(name, value)
        for method in operations:
            if path != "/api/v1/token":
                assert any((method.upper(), path.replace("{username}", who)) in asked for who in api_people()), path


def api_people() -> list[str]:
    return [*(who for who in PEOPLE if who)]


async def test_a_token_that_only_reads_changes_nothing_at_an_address_that_ends_like_a_tickets(api: Api) -> None:
    token = await sync_to_async(token_issue)(user=api.stage.users["alice"], name="eyes", scopes=["read"])
    reading = {"Authorization": f"Bearer {token[1]}"}
    assert (await api(None, "POST", "ticket", headers=reading)).status_code == 200
    for method, path in (("PUT", "rooms/garden/members/ticket"), ("PATCH", "rooms/ticket")):
        refused = await api(None, method, path, headers=reading, json={})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
