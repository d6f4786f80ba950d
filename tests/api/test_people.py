"""People over HTTP: cards, status, blocks, reports, groups, and personal tokens."""

from datetime import UTC, datetime, timedelta

from asgiref.sync import sync_to_async

from support import people
from tests.api.conftest import Api


async def test_bob_says_how_he_is_and_alice_reads_it(api: Api) -> None:
    status = (await api("bob", "PUT", "me/status", json={"text": "Lunch", "presence": "away"})).json()
    assert (status["text"], status["presence"]) == ("Lunch", "away")
    profile = (await api("bob", "PATCH", "me/profile", json={"title": "Gardener"})).json()
    assert (profile["title"], profile["about"]) == ("Gardener", "")
    card = (await api("alice", "GET", "people/BOB")).json()
    assert (card["username"], card["title"], card["status"]["text"]) == ("bob", "Gardener", "Lunch")
    assert [room["room"] for room in card["rooms"]] == ["garden", "square"]
    assert (await api("alice", "GET", "people/ghost")).status_code == 404
    wrong = await api("bob", "PATCH", "me/profile", json={"time_zone": "Mars"})
    assert (wrong.status_code, wrong.json()["fields"].keys()) == (422, {"time_zone"})


async def test_a_blocked_person_is_refused_without_a_reason(api: Api) -> None:
    assert (await api("alice", "PUT", "blocks/bob")).json() == {"people": ["bob"]}
    refused = await api("bob", "POST", "direct/alice/messages", json={"message": "hello"})
    assert (refused.status_code, refused.json()["message"]) == (403, "Not delivered.")
    assert (await api("alice", "GET", "people/bob")).json()["blocked"] is True
    assert (await api("bob", "GET", "blocks")).json() == {"people": []}
    assert (await api("alice", "DELETE", "blocks/bob")).json() == {"people": []}


async def test_a_draft_is_kept_over_http_until_a_post_ends_it(api: Api) -> None:
    body = {"text": "tea at", "at": "2026-05-01T08:00:00+02:00"}
    kept = (await api("bob", "PUT", "rooms/garden/draft", json=body)).json()
    assert kept == {"type": "draft", "room": "garden", "thread": None, "text": "tea at", "at": kept["at"]}
    older = {"text": "tea", "at": "2026-05-01T05:59:59Z"}
    assert (await api("bob", "PUT", "rooms/garden/draft", json=older)).json() == kept
    [listed] = (await api("bob", "GET", "drafts")).json()["drafts"]
    assert (listed["room"], listed["text"]) == ("garden", "tea at")
    assert (await api("alice", "GET", "drafts")).json()["drafts"] == []
    long = await api("bob", "PUT", "rooms/garden/draft", json={"text": "x" * 10_001})
    assert (long.status_code, long.json()["fields"].keys()) == (422, {"text"})
    await api.say("bob", "tea at four?")
    assert (await api("bob", "GET", "drafts")).json()["drafts"] == []


async def test_a_message_is_scheduled_over_http_and_sent_by_hand(api: Api) -> None:
    body = {"message": "good morning", "at": f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M}", "zone": "UTC"}
    made = await api("bob", "POST", "rooms/garden/scheduled", json=body)
    assert (made.status_code, made.json()["state"]) == (201, "waiting")
    number = made.json()["id"]
    twice = await api("bob", "PATCH", f"scheduled/{number}", json={"at": "2026-03-29T02:30", "zone": "Europe/Berlin"})
    assert (twice.status_code, twice.json()["fields"].keys()) == (422, {"at"})
    changed = await api("bob", "PATCH", f"scheduled/{number}", json={"message": "good evening"})
    assert changed.json()["message"] == "good evening"
    assert (await api("alice", "DELETE", f"scheduled/{number}")).status_code == 404
    [listed] = (await api("bob", "GET", "scheduled")).json()["schedules"]
    assert listed["id"] == number
    ack = (await api("bob", "POST", f"scheduled/{number}/send")).json()
    [said] = (await api("alice", "GET", "rooms/garden/messages")).json()["messages"]
    assert (said["seq"], said["message"]) == (ack["seq"], "good evening")
    assert (await api("bob", "POST", f"scheduled/{number}/send")).status_code == 404
    other = (await api("bob", "POST", "rooms/garden/scheduled", json=body)).json()["id"]
    assert (await api("bob", "DELETE", f"scheduled/{other}")).status_code == 204
    reply = await api("bob", "POST", "rooms/garden/scheduled", json=body | {"thread": said["seq"]})
    assert (reply.json()["thread"], reply.json()["in_room"]) == (said["seq"], False)


async def test_mentions_and_reactions_are_listed_over_http(api: Api) -> None:
    said = await api.say("alice", "@bob tea?")
    [named] = (await api("bob", "GET", "inbox")).json()["items"]
    assert (named["title"], named["message"]["message"], named.keys()) == ("Garden", "@bob tea?", {*named} - {"by"})
    await api("bob", "PUT", f"rooms/garden/messages/{said['seq']}/reactions/👍")
    found = (await api("alice", "GET", "inbox?kind=reactions&limit=1")).json()
    [item] = found["items"]
    assert (item["by"], item["emoji"], found["has_older"]) == ("bob", "👍", False)
    assert (await api("alice", "GET", f"inbox?kind=reactions&before={item['id']}")).json()["items"] == []
    assert (await api("alice", "GET", "inbox?kind=all")).status_code == 422


async def test_a_group_message_has_a_room_of_its_own(api: Api) -> None:
    body = {"to": ["alice", "charlie"], "message": "hello", "client_id": "g"}
    first = await api("bob", "POST", "group/messages", json=body)
    again = await api("bob", "POST", "group/messages", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    room = (await api("alice", "GET", f"rooms/{first.json()['room']}")).json()
    assert (room["kind"], room["title"], room["members"]) == ("group", "Bob, Charlie", 3)


async def test_a_report_is_read_and_ended_by_the_moderators(api: Api) -> None:
    await api.say("alice", "rude")
    assert (await api("bob", "POST", "rooms/garden/messages/1/reports", json={"reason": "Spam"})).status_code == 201
    [report] = (await api("alice", "GET", "rooms/garden/reports")).json()["reports"]
    assert (await api("bob", "PUT", f"reports/{report['id']}", json={"outcome": "dismissed"})).status_code == 403
    ended = (await api("alice", "PUT", f"reports/{report['id']}", json={"outcome": "dismissed"})).json()
    assert (ended["outcome"], ended["handled_by"]) == ("dismissed", "alice")
    again = await api("alice", "PUT", f"reports/{report['id']}", json={"outcome": "deleted"})
    assert again.status_code == 409


async def test_a_token_of_ones_own_is_shown_once_and_does_what_it_may(api: Api) -> None:
    made = (await api("bob", "POST", "tokens", json={"name": "bot", "scopes": ["read"], "expires_in": 3600})).json()
    assert made["token"].startswith(made["hint"])
    assert (made["scopes"], made["expires_at"] is None) == (["read"], False)
    [listed] = [token for token in (await api("bob", "GET", "tokens")).json()["tokens"] if token["id"] == made["id"]]
    assert "token" not in listed
    with_it = {"headers": {"Authorization": f"Bearer {made['token']}"}}
    assert (await api(None, "GET", "me", **with_it)).json()["username"] == "bob"
    refused = await api(None, "POST", "rooms/garden/messages", json={"message": "x"}, **with_it)
    assert (refused.status_code, refused.json()["message"]) == (403, "This token lacks the scope write.")
    assert (await api("alice", "DELETE", f"tokens/{made['id']}")).status_code == 404
    assert (await api("bob", "DELETE", f"tokens/{made['id']}")).status_code == 204
    assert (await api(None, "GET", "me", **with_it)).status_code == 401
    for body in ({"name": "", "scopes": ["read"]}, {"name": "x", "scopes": []}, {"name": "x", "scopes": ["all"]}):
        assert (await api("bob", "POST", "tokens", json=body)).status_code == 422, body


async def test_a_token_that_may_only_read_writes_nowhere_whatever_the_address_ends_with(api: Api) -> None:
    await sync_to_async(people.person)("ticket")
    made = (await api("bob", "POST", "tokens", json={"name": "bot", "scopes": ["read"]})).json()
    with_it = {"headers": {"Authorization": f"Bearer {made['token']}"}}
    for method, path in (("PUT", "blocks/ticket"), ("DELETE", "blocks/ticket"), ("PUT", "rooms/square/members/ticket")):
        assert (await api(None, method, path, **with_it)).status_code == 403, path
    assert (await api(None, "POST", "ticket", **with_it)).status_code == 200
    assert (await api(None, "GET", "search?q=hello", **with_it)).status_code == 200


async def test_a_token_makes_and_revokes_no_token_that_may_more(api: Api) -> None:
    made = (await api("alice", "POST", "tokens", json={"name": "bot", "scopes": ["read", "write"]})).json()
    with_it = {"headers": {"Authorization": f"Bearer {made['token']}"}}
    more = await api(None, "POST", "tokens", json={"name": "x", "scopes": ["moderate"]}, **with_it)
    assert more.status_code == 403
    child = (await api(None, "POST", "tokens", json={"name": "x", "scopes": ["write"]}, **with_it)).json()
    mine = (await api("alice", "POST", "tokens", json={"name": "mine", "scopes": ["read", "moderate"]})).json()
    assert (await api(None, "DELETE", f"tokens/{mine['id']}", **with_it)).status_code == 403
    assert (await api(None, "DELETE", f"tokens/{made['id']}", **with_it)).status_code == 204
    with_child = {"headers": {"Authorization": f"Bearer {child['token']}"}}
    assert (await api(None, "POST", "rooms/garden/read", json={"seq": 1}, **with_child)).status_code == 401
    made = (await api("alice", "POST", "tokens", json={"name": "bot", "scopes": ["read", "write"]})).json()
    with_it = {"headers": {"Authorization": f"Bearer {made['token']}"}}
    cleared = await api(None, "PATCH", "rooms/garden", json={"title": "Mine"}, **with_it)
    assert (cleared.status_code, "token" in cleared.json()["message"]) == (403, True)
